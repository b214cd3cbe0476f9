"""What ends at the provider ends here at once: its own word, and words that are not its own."""

from typing import Any

import pytest
from django.http import HttpResponse

from egide.access.models import User
from egide.common.ticket import account_stream, session_stream
from egide.outbox.models import OutboxRow
from tests.access.signing import SUB, Person, is_in, linked, provider, running
from tests.support.openid.provider import SECRET, Provider, claims_of
from tests.support.pages import Pages

__all__ = ["provider", "running"]
ENDED = "/sign-in/authority/ended"


@pytest.fixture
def person(pages: Pages, provider: Provider) -> Person:
    """Somebody at work, signed in by the provider."""
    linked(pages)
    one = Person(pages, provider)
    one.sign_in(acr="gold")
    assert is_in(one.client)
    return one


def tell(pages: Pages, token: str, **more: str) -> HttpResponse:
    reply: HttpResponse = pages.client().post(ENDED, {"logout_token": token, **more})
    return reply


def endings() -> list[tuple[str, str]]:
    rows = OutboxRow.objects.filter(kind__in=("SessionsEnded", "SignedOut")).order_by("number")
    return list(rows.values_list("kind", "stream"))


def sid_of(provider: Provider, person: Person) -> str:
    """By which of the provider's sessions the next sign-in of this browser begins."""
    seen: list[str] = []
    provider.rewrite_claims(lambda claims: seen.append(claims["sid"]))
    person.client.post("/sign-out")
    person.sign_in(acr="gold")
    provider.rewriting.clear()
    return seen[0]


def test_its_word_about_a_person_ends_all_their_sessions_and_streams(
    pages: Pages, provider: Provider, person: Person
) -> None:
    assert person.client.post("/live-ticket").status_code == 204
    answer = tell(pages, provider.logout_token(sub=SUB))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert person.client.get("/desk/").status_code == 302
    assert person.client.post("/live-ticket").status_code == 401
    # What `live` ends streams by (processes/ending_streams.py).
    assert endings() == [("SessionsEnded", account_stream("op-1"))]


def test_its_word_about_a_session_ends_that_one_and_no_other(
    pages: Pages, provider: Provider, person: Person
) -> None:
    """Whoever signs out of an office's machine keeps the desk in another room."""
    elsewhere = Person(pages, provider)
    sid = sid_of(provider, elsewhere)
    stream = session_stream(elsewhere.client.session.session_key or "")
    OutboxRow.objects.all().delete()
    assert tell(pages, provider.logout_token(sub=SUB, sid=sid)).status_code == 200
    assert not is_in(elsewhere.client) and is_in(person.client)
    assert endings() == [("SignedOut", stream)]


def test_its_word_about_a_session_that_we_do_not_know_ends_all_of_the_person(
    pages: Pages, provider: Provider, person: Person
) -> None:
    assert tell(pages, provider.logout_token(sub=SUB, sid="never-seen")).status_code == 200
    assert not is_in(person.client)


def test_what_ended_here_first_takes_nothing_else_along(
    pages: Pages, provider: Provider, person: Person
) -> None:
    """Signing out here leads to the provider, which then says so: other machines stay."""
    elsewhere = Person(pages, provider)
    sid = sid_of(provider, elsewhere)
    elsewhere.client.post("/sign-out")
    assert tell(pages, provider.logout_token(sub=SUB, sid=sid)).status_code == 200
    assert is_in(person.client)


@pytest.mark.parametrize("who", [{"sub": "somebody-else"}, {"sid": "somebody-elses"}])
def test_its_word_about_somebody_who_is_not_here_ends_nothing(
    pages: Pages, provider: Provider, person: Person, who: dict[str, str]
) -> None:
    assert tell(pages, provider.logout_token(**who)).status_code == 200
    assert is_in(person.client) and endings() == []


LIES: dict[str, dict[str, Any]] = {
    "for another client": {"aud": "somebody-else"},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "run out": {"exp": 1_700_000_000},
    "without an end": {"exp": None},
    "of long ago": {"iat": 1_700_000_000},
    "without a time": {"iat": None},
    "without a number of its own": {"jti": None},
    "about nobody": {"sub": None},
    "about no event": {"events": None},
    "about another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "about an event that is a text": {"events": "http://schemas.openid.net/event/backchannel-logout"},
    "with a nonce, as an ID token": {"nonce": "x"},
    "about a number": {"sub": 4711},
    "of another kind": {"typ": "at+jwt"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_word_that_is_not_ours_to_believe_ends_nothing(
    pages: Pages, provider: Provider, person: Person, lie: dict[str, Any]
) -> None:
    answer = tell(pages, provider.logout_token(**{"sub": SUB} | lie))
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"
    assert is_in(person.client) and endings() == []


def test_the_same_word_twice_ends_nothing_the_second_time(
    pages: Pages, provider: Provider, person: Person
) -> None:
    token = provider.logout_token(sub=SUB)
    assert tell(pages, token).status_code == 200
    person.sign_in(acr="gold")
    assert tell(pages, token).status_code == 400
    assert is_in(person.client)


def test_a_forged_word_and_none_at_all_end_nothing(pages: Pages, provider: Provider, person: Person) -> None:
    claims = claims_of(provider.logout_token(sub=SUB))
    for token in (provider.sign(claims, SECRET, "HS256"), "", "x.y.z"):
        assert tell(pages, token).status_code == 400
    assert pages.client().get(ENDED).status_code == 405
    assert is_in(person.client)


def test_an_id_token_is_no_word_that_a_session_ended(
    pages: Pages, provider: Provider, person: Person
) -> None:
    seen: list[str] = []
    provider.replace_id_token(lambda claims: seen.append(provider.sign(claims)) or seen[-1])
    person.client.post("/sign-out")
    person.sign_in(acr="gold")
    assert tell(pages, seen[0]).status_code == 400 and is_in(person.client)


def test_and_the_other_way_round(pages: Pages, provider: Provider) -> None:
    linked(pages)
    person = Person(pages, provider)
    provider.replace_id_token(lambda _claims: provider.logout_token(sub=SUB))
    assert person.sign_in(acr="gold").status_code == 403
    assert not is_in(person.client)


def test_somebody_whom_the_provider_closed_is_out_and_comes_in_no_more(
    pages: Pages, provider: Provider, person: Person
) -> None:
    """A leaver: its word ends what is open, and its own refusal everything that would begin."""
    tell(pages, provider.logout_token(sub=SUB))
    person.there.cookies.clear()
    assert person.sign_in(no="1")["Location"] == "/sign-in"
    user = User.objects.get(name="op-1")
    assert not is_in(person.client) and not user.has_usable_password() and user.is_active
