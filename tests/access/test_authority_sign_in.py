"""Signing in with the authority's own account, against a real OpenID provider."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.conf import settings
from django.test import Client

from egide.access.models import AuthoritySession, User
from egide.access.signing_in.sessions import IDLE_S
from egide.outbox.models import OutboxRow
from tests.access.signing import SUB, Person, is_in, link, linked, provider, running, use
from tests.access.test_second_factor import set_up_app
from tests.support.certificates import Authority
from tests.support.clear_text import find_clear_text
from tests.support.codes import code_of
from tests.support.openid.provider import METADATA, TOKEN, Provider
from tests.support.pages import PASSWORD, Pages, text_of

__all__ = ["provider", "running"]
UNKNOWN = "This work account opens nothing here."
AWAY = "The sign-in with work accounts does not answer."
ADDRESSES = ("/sign-in/authority", "/sign-in/authority/link", "/sign-in/authority/back", "/again/authority")


def linked_with_own_app(pages: Pages) -> str:
    """A linked account that has a second factor of Egide's from before; the app's secret."""
    user = pages.user("op-1")
    secret = set_up_app(pages.client(user))
    link(user)
    return secret


def test_a_linked_person_signs_in_and_is_at_work(pages: Pages, provider: Provider) -> None:
    linked(pages)
    person = Person(pages, provider)
    assert "authority-sign-in" in person.client.get("/sign-in").content.decode()
    answer = person.sign_in(acr="gold")
    assert (answer.status_code, answer["Location"]) == (302, "/"), answer.content.decode()
    assert person.client.get("/desk/").status_code == 200
    assert list(OutboxRow.objects.values_list("kind", flat=True)) == ["SignedIn"]


def test_without_a_provider_in_the_settings_there_is_no_button_and_no_address(pages: Pages) -> None:
    client = pages.client(pages.user())
    missing = client.get("/no-such-page").content
    for address in ADDRESSES:
        assert (client.get(address).status_code, client.get(address).content) == (404, missing), address
    assert client.post("/sign-in/authority/ended").status_code == 404
    assert "authority" not in pages.client().get("/sign-in").content.decode()


def test_a_provider_that_stands_in_the_database_counts_for_nothing(pages: Pages, provider: Provider) -> None:
    settings.EGIDE = replace(settings.EGIDE, signin_issuer="")
    SocialApp.objects.create(
        provider="openid_connect",
        provider_id="authority",
        client_id="x",
        settings={"server_url": provider.issuer},
    )
    assert pages.client().get("/sign-in/authority").status_code == 404


def test_the_first_call_back_comes_without_cookies_and_a_page_of_ours_calls_again(
    pages: Pages, provider: Provider
) -> None:
    linked(pages)
    person = Person(pages, provider)
    address = person.address_back(acr="gold")
    ours, person.client = person.client, pages.client()
    page = person.come_back(address)
    assert page.status_code == 200 and "_redir" in page.content.decode()
    assert 'http-equiv="refresh"' in page.content.decode()
    person.client = ours
    assert person.come_back(f"{address}&_redir=").status_code == 302
    assert is_in(ours)


@pytest.mark.parametrize("said", [{"acr": "gold"}, {"amr": "pwd hwk"}])
def test_a_second_factor_of_the_provider_counts_when_the_settings_name_it(
    pages: Pages, provider: Provider, said: dict[str, str]
) -> None:
    linked(pages)
    person = Person(pages, provider)
    assert person.sign_in(**said)["Location"] == "/"
    assert is_in(person.client)


@pytest.mark.parametrize("said", [{}, {"acr": "bronze"}, {"amr": "pwd"}])
def test_else_egide_asks_for_its_own(pages: Pages, provider: Provider, said: dict[str, str]) -> None:
    secret = linked_with_own_app(pages)
    person = Person(pages, provider)
    assert person.sign_in(**said)["Location"] == "/sign-in/code"
    assert not is_in(person.client)
    assert person.client.post("/sign-in/code", {"code": code_of(secret)})["Location"] == "/"
    assert is_in(person.client)


def test_whoever_has_neither_gets_the_sentence_of_everybody_unknown(pages: Pages, provider: Provider) -> None:
    linked(pages)
    person = Person(pages, provider)
    answer = person.sign_in(amr="pwd")
    assert answer.status_code == 403 and UNKNOWN in text_of(answer)
    assert not is_in(person.client)


def test_where_no_value_counts_the_provider_opens_nothing_alone(pages: Pages, provider: Provider) -> None:
    use(provider, pages, factors=())
    linked_with_own_app(pages)
    person = Person(pages, provider)
    assert person.sign_in(acr="gold", amr="hwk mfa")["Location"] == "/sign-in/code"


def test_unknown_and_closed_people_get_one_and_the_same_answer_and_no_account(
    pages: Pages, provider: Provider
) -> None:
    pages.user("op-1")
    closed = linked(pages, "op-2", "closed")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    answers = [Person(pages, provider).sign_in(sub, acr="gold") for sub in ("nobody", "closed")]
    assert {answer.status_code for answer in answers} == {403}
    assert text_of(answers[0]) == text_of(answers[1]) and UNKNOWN in text_of(answers[0])
    assert User.objects.count() == 2 and SocialAccount.objects.count() == 1


def test_whoever_says_no_at_the_provider_is_back_at_the_sign_in_page(
    pages: Pages, provider: Provider
) -> None:
    linked(pages)
    person = Person(pages, provider)
    assert person.sign_in(no="1")["Location"] == "/sign-in"


def test_one_lands_where_one_wanted_to_go_and_never_elsewhere(pages: Pages, provider: Provider) -> None:
    linked(pages)
    for wanted, target in (("/account", "/account"), ("https://example.net/", "/")):
        person = Person(pages, provider)
        begin = f"/sign-in/authority?next={wanted}"
        assert person.sign_in(begin=begin, acr="gold")["Location"] == target


def test_while_the_provider_is_away_its_button_says_so_and_passwords_work_as_before(
    pages: Pages, provider: Provider
) -> None:
    user = pages.user()
    secret = set_up_app(pages.client(user))
    provider.is_away = True
    client = pages.client()
    answer = client.get("/sign-in/authority")
    assert answer.status_code == 503 and AWAY in text_of(answer)
    asked = len(provider.asked)
    assert client.get("/sign-in/authority").status_code == 503
    assert len(provider.asked) == asked, "asked again at once"
    form = {"name": user.name, "password": PASSWORD}
    assert client.post("/sign-in", form)["Location"] == "/sign-in/code"
    client.post("/sign-in/code", {"code": code_of(secret)})
    assert is_in(client)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_that_other_programs_are_told_to_trust_are_not_believed(
    pages: Pages, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).pem))
    monkeypatch.setenv(variable, str(provider.pem))
    assert AWAY in text_of(pages.client().get("/sign-in/authority"))
    assert not provider.asked


def test_a_provider_that_leaves_half_way_gets_the_same_sentence(pages: Pages, provider: Provider) -> None:
    linked(pages)
    person = Person(pages, provider)
    address = person.address_back(acr="gold")
    provider.is_away = True
    answer = person.come_back(address)
    assert answer.status_code == 503 and AWAY in text_of(answer)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}"])
@pytest.mark.parametrize("path", [METADATA, TOKEN])
def test_answers_that_are_none_are_refused_with_a_sentence(
    pages: Pages, provider: Provider, path: str, body: bytes
) -> None:
    linked(pages)
    person = Person(pages, provider)
    provider.rewriting[path] = lambda _status, _body: (200, body)
    answer = person.client.get("/sign-in/authority") if path == METADATA else person.sign_in(acr="gold")
    assert answer.status_code in (403, 503) and "The sign-in with " in text_of(answer)
    assert not is_in(person.client)


def test_what_the_provider_calls_people_is_kept_nowhere_in_clear_text(
    pages: Pages, provider: Provider
) -> None:
    sub = "subject-of-this-test-4711"
    linked(pages, sub=sub)
    Person(pages, provider).sign_in(sub, acr="gold")
    assert AuthoritySession.objects.count() == 1
    assert find_clear_text(pages.config.data_dir, [], [sub]) == []
    assert SocialAccount.objects.get().extra_data == {}


def idle_person(pages: Pages, provider: Provider) -> Person:
    linked(pages, role="magistrate", office="mons")
    person = Person(pages, provider)
    person.sign_in(acr="gold")
    assert person.client.get("/start").status_code == 200
    make_idle(person.client)
    assert person.client.get("/start")["Location"] == "/again?next=%2Fstart"
    return person


def make_idle(client: Client) -> None:
    session = client.session
    session["egide.used_s"] -= IDLE_S
    session.save()


def test_somebody_idle_says_at_the_provider_again_who_they_are(pages: Pages, provider: Provider) -> None:
    person = idle_person(pages, provider)
    assert "/again/authority?next=/start" in person.client.get("/again?next=/start").content.decode()
    answer = person.sign_in(begin="/again/authority?next=/start")
    assert (answer.status_code, answer["Location"]) == (302, "/start"), answer.content.decode()
    assert person.client.get("/start").status_code == 200


def test_nobody_else_renews_their_session(pages: Pages, provider: Provider) -> None:
    person = idle_person(pages, provider)
    linked(pages, "mag-2", "colleague", role="magistrate", office="mons")
    answer = person.sign_in("colleague", begin="/again/authority?next=/start")
    assert answer.status_code == 403
    assert person.client.get("/start").status_code == 302


def test_a_proof_of_before_renews_nothing(pages: Pages, provider: Provider) -> None:
    """A provider that ignores prompt and max_age would let whoever finds the screen go on."""
    person = idle_person(pages, provider)
    provider.rewrite_claims(lambda claims: claims.update(auth_time=claims["auth_time"] - 600))
    answer = person.sign_in(begin="/again/authority?next=/start")
    assert answer.status_code == 403
    assert person.client.get("/start").status_code == 302


WAYS_IN = ("/account/passkeys/add", "/account/app/add", "/account/recovery-codes", "/account/password")


@pytest.mark.parametrize("address", WAYS_IN)
def test_whoever_finds_the_screen_of_a_linked_person_adds_no_way_in(
    pages: Pages, provider: Provider, address: str
) -> None:
    """She has neither a password nor a factor here: allauth alone would take her for freshly proven."""
    linked(pages)
    person = Person(pages, provider)
    person.sign_in(acr="gold")
    session = person.client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    for answer in (person.client.get(address), person.client.post(address, {})):
        assert (answer.status_code, answer["Location"]) == (302, f"/again?next={quote(address, safe='')}")
    assert not Authenticator.objects.exists()
    back = person.sign_in(begin=f"/again/authority?next={address}", acr="gold")
    assert (back.status_code, back["Location"]) == (302, address)
    assert "/again" not in person.client.get(address).headers.get("Location", "")


def test_signing_out_leads_to_the_providers_own_way_out(pages: Pages, provider: Provider) -> None:
    linked(pages)
    person = Person(pages, provider)
    person.sign_in(acr="gold")
    page = person.client.post("/sign-out")
    assert page.status_code == 200 and not is_in(person.client)
    assert f"{provider.issuer}/session/end?id_token_hint=" in page.content.decode()
    assert "post_logout_redirect_uri=http%3A%2F%2Ftestserver%2Fsign-in" in page.content.decode()


def test_signing_out_asks_no_provider_and_a_password_leads_to_none(pages: Pages, provider: Provider) -> None:
    client = pages.client(pages.user())
    provider.is_away = True
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert provider.asked == []


def test_the_page_is_the_same_for_everybody_and_asks_no_provider(pages: Pages, provider: Provider) -> None:
    assert pages.client().get("/sign-in").status_code == 200
    assert provider.asked == []


def test_ways_to_the_provider_are_limited(pages: Pages, provider: Provider) -> None:
    client = pages.client()
    statuses = [client.get("/sign-in/authority").status_code for _time in range(121)]
    assert statuses[0] == 302 and statuses[-1] == 429


def test_somebody_signed_in_already_goes_home(pages: Pages, provider: Provider) -> None:
    assert pages.client(pages.user()).get("/sign-in/authority")["Location"] == "/"


def test_who_comes_back_as_another_person_takes_nothing_over(pages: Pages, provider: Provider) -> None:
    """Two tabs: somebody signs in with a password while the other tab is at the provider."""
    linked(pages)
    other = pages.user("op-2")
    person = Person(pages, provider)
    address = person.address_back(acr="gold")
    person.client.force_login(other)
    session = person.client.session
    session["egide.second_factor"] = True
    session.save()
    answer = person.come_back(address)
    assert answer.status_code == 302
    assert "Op-1" in person.client.get("/account").content.decode()
    assert SUB not in str(dict(person.client.session))
