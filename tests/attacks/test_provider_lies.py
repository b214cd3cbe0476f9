"""Tokens that are not the provider's, not for us, not of now or not for this question; and a provider that lies.

The answers of a real provider are changed on their way, and signed again with its own key: nothing but the lie is
wrong.
"""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from egide.access.authority.provider import KEYS_EVERY_S
from egide.access.models import User
from tests.access.signing import Person, is_in, linked, provider, running
from tests.support.openid.provider import CLIENT, KEYS, METADATA, SECRET, Provider
from tests.support.pages import Pages, text_of

__all__ = ["provider", "running"]
Claims = dict[str, Any]


@pytest.fixture
def person(pages: Pages, provider: Provider) -> Person:
    """Somebody whose account is linked, in front of an honest browser."""
    linked(pages)
    return Person(pages, provider)


def is_refused(person: Person, sub: str = "4711") -> bool:
    answer = person.sign_in(sub, acr="gold")
    assert answer.status_code == 403 and "did not succeed. Begin again." in text_of(answer)
    return not is_in(person.client)


def _with(**claims: Any) -> Callable[[Claims], object]:
    return lambda found: found.update(claims)


def _later(name: str, seconds: int) -> Callable[[Claims], object]:
    return lambda found: found.update({name: found["iat"] + seconds})


def _without(name: str) -> Callable[[Claims], object]:
    return lambda found: found.pop(name)


LIES = {
    "for another client": _with(aud="somebody-else"),
    "for us and another without saying who asked": _with(aud=[CLIENT, "somebody-else"]),
    "asked for by another client": _with(azp="somebody-else"),
    "for nobody": _without("aud"),
    "of another issuer": _with(iss="https://elsewhere.example"),
    "of nobody": _without("iss"),
    "run out": _later("exp", -31),
    "without an end": _without("exp"),
    "issued long ago": _later("iat", -3600),
    "issued tomorrow": _later("iat", 86_400),
    "not valid yet": _later("nbf", 3600),
    "for another question": _with(nonce="another"),
    "for no question": _without("nonce"),
    "about nobody": _without("sub"),
    "about an empty name": _with(sub=""),
    "about a number": _with(sub=4711),
    "with times that are texts": _with(exp="9999999999"),
    "with times that are true": _with(exp=True),
    "too long": _with(more="x" * 10_000),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_is_not_ours_to_believe(person: Person, lie: Callable[[Claims], object]) -> None:
    person.provider.rewrite_claims(lie)
    assert is_refused(person)


def test_the_same_token_untouched_opens_the_account(person: Person) -> None:
    """Nothing but the lies makes the others fail."""
    person.provider.rewrite_claims(lambda claims: None)
    person.sign_in(acr="gold")
    assert is_in(person.client)


def test_an_unsigned_token(person: Person) -> None:
    person.provider.replace_id_token(lambda claims: jwt.encode(claims, "", "none", headers={"kid": "first"}))
    assert is_refused(person)


@pytest.mark.parametrize("secret", [SECRET, "-----public key of the provider, as text-----"])
def test_a_token_signed_with_what_we_share(person: Person, secret: str) -> None:
    person.provider.replace_id_token(lambda claims: person.provider.sign(claims, secret, "HS256"))
    assert is_refused(person)


@pytest.mark.parametrize("kind", ["at+jwt", "application/logout+jwt"])
def test_a_token_that_says_it_is_another_kind(person: Person, kind: str) -> None:
    person.provider.rewrite_claims(lambda _claims: None, typ=kind)
    assert person.sign_in(acr="gold").status_code == 403 and not is_in(person.client)


def test_a_token_signed_with_a_key_of_ones_own_under_the_providers_name(person: Person) -> None:
    own = rsa.generate_private_key(65537, 2048)
    person.provider.replace_id_token(lambda claims: person.provider.sign(claims, own))
    assert is_refused(person)


def test_a_token_that_brings_its_key_along(person: Person) -> None:
    own = rsa.generate_private_key(65537, 2048)
    sign, jwk = person.provider.sign, person.provider.jwk(own, "own")
    person.provider.replace_id_token(lambda claims: sign(claims, own, kid="own", jwk=jwk))
    assert is_refused(person)


def test_a_token_of_another_algorithm_than_its_key_is_for(person: Person) -> None:
    person.provider.replace_id_token(lambda claims: person.provider.sign(claims, alg="PS256"))
    assert is_refused(person)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.", "." * 500, "é.é.é"])
def test_a_token_that_is_none(person: Person, text: str) -> None:
    person.provider.replace_id_token(lambda claims: text)
    assert is_refused(person)


def test_a_new_key_is_fetched_once_and_opens(pages: Pages, person: Person) -> None:
    """Keys are changed while people work: the first token under the new name lets us look, once."""
    person.sign_in(acr="gold")
    new = rsa.generate_private_key(65537, 2048)
    keys = [person.provider.jwk(), person.provider.jwk(new, "second")]
    person.provider.rewriting[KEYS] = lambda _status, _body: (200, _json({"keys": keys}))
    person.provider.replace_id_token(lambda claims: person.provider.sign(claims, new, kid="second"))
    pages.clock.advance_s(KEYS_EVERY_S)
    other = Person(pages, person.provider)
    other.sign_in(acr="gold")
    assert is_in(other.client) and person.provider.asked.count(KEYS) == 2


def test_tokens_under_made_up_names_do_not_have_us_ask_the_provider_again_and_again(
    pages: Pages, person: Person
) -> None:
    for number in range(20):
        token = person.provider.sign({"iss": person.provider.issuer}, kid=f"made-up-{number}")
        assert pages.client().post("/sign-in/authority/ended", {"logout_token": token}).status_code == 400
    assert person.provider.asked.count(KEYS) == 1
    person.sign_in(acr="gold")
    assert is_in(person.client), "keys that are known go on"


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_sends_people_or_secrets_elsewhere(person: Person, lie: dict[str, Any]) -> None:
    person.provider.rewriting[METADATA] = lambda status, body: (status, _json(_read(body) | lie))
    answer = person.client.get("/sign-in/authority")
    assert answer.status_code == 503 and "does not answer" in text_of(answer)


def test_a_provider_that_leads_our_questions_elsewhere(person: Person) -> None:
    truth: list[bytes] = []
    person.provider.rewriting[METADATA] = lambda status, body: (status, truth.append(body) or body)
    person.provider.rewriting["/elsewhere"] = lambda _status, _body: (200, truth[-1])
    person.provider.moved[METADATA] = "/elsewhere"
    assert person.client.get("/sign-in/authority").status_code == 503
    assert "/elsewhere" not in person.provider.asked


def test_a_claimed_name_opens_nobodys_account(pages: Pages, provider: Provider) -> None:
    """The operator of the provider calls himself op-1 with the confirmed address op-1: that is nobody here."""
    pages.user("op-1")
    provider.rewrite_claims(
        _with(name="op-1", preferred_username="op-1", email="op-1@example.org", email_verified=True)
    )
    person = Person(pages, provider)
    answer = person.sign_in("operator-of-the-provider", acr="gold")
    assert answer.status_code == 403 and "opens nothing here" in text_of(answer)
    assert not is_in(person.client) and User.objects.count() == 1


def test_claimed_roles_open_nothing(pages: Pages, person: Person) -> None:
    person.provider.rewrite_claims(
        _with(roles=["administrator"], groups=["data-protection"], role="administrator")
    )
    person.sign_in(acr="gold")
    assert person.client.get("/desk/").status_code == 200
    assert person.client.get("/accounts").status_code == 404
    assert [post.role for post in User.objects.get(name="op-1").posts()] == ["operator"]


def test_an_answer_that_is_used_twice(person: Person) -> None:
    address = person.address_back(acr="gold")
    assert person.come_back(address).status_code == 302
    person.client.post("/sign-out")
    person.come_back(address)
    assert not is_in(person.client)


def test_a_code_that_was_used_with_a_new_question(pages: Pages, person: Person) -> None:
    code = _part(person.address_back(acr="gold"), "code")
    first = person.address_back(acr="gold")
    assert person.come_back(first).status_code == 302
    other = Person(pages, person.provider)
    for stolen in (code, _part(first, "code")):
        address = other.address_back("nobody", acr="gold")
        answer = other.come_back(address.replace(_part(address, "code"), stolen))
        assert answer.status_code == 403 and not is_in(other.client)


def test_somebody_elses_answer_in_ones_own_browser(pages: Pages, person: Person) -> None:
    """The state belongs to a browser: nobody is signed in as an attacker without knowing (and PKCE, the other way)."""
    address = person.address_back(acr="gold")
    other = Person(pages, person.provider)
    other.client.get("/sign-in/authority")
    answer = other.come_back(f"{address}&_redir=")
    assert answer.status_code == 403 and not is_in(other.client)


def test_an_answer_that_says_it_comes_from_another_provider(person: Person) -> None:
    address = person.address_back(acr="gold")
    theirs = address.replace(_part(address, "iss"), "https%3A%2F%2Felsewhere.example")
    assert theirs != address
    assert person.come_back(theirs).status_code == 403 and not is_in(person.client)


def test_questions_that_a_link_of_a_stranger_would_change(person: Person) -> None:
    """allauth takes scope and parameters from an address; ours takes none."""
    answer = person.client.get("/sign-in/authority?scope=email&auth_params=prompt%3Dnone&process=connect")
    assert "scope=openid&" in answer["Location"] and "prompt" not in answer["Location"]


def _json(found: object) -> bytes:
    return json.dumps(found).encode()


def _read(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


def _part(address: str, name: str) -> str:
    return address.partition(f"{name}=")[2].partition("&")[0]
