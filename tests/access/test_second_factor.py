"""Outside the demo a password alone opens nothing: codes of an app, recovery codes, and how guessing ends."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from egide.access.models import User
from egide.access.signing_in.sessions import IDLE_S, SHIFT_S
from egide.outbox.models import OutboxRow
from tests.support.codes import code_of
from tests.support.pages import PASSWORD, Pages
from tests.support.refusals import faults_of


def sign_in(client: Client, name: str = "op-1", password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return client.post("/sign-in", {"name": name, "password": password, "next": "/account"})


def invited(pages: Pages, name: str = "op-1", **fields: str) -> User:
    """An account whose invitation is still open: a password, no second factor yet."""
    user = pages.user(name, **fields)
    user.invited_until_us = pages.clock.now_us() + 3600 * 1_000_000
    user.save()
    return user


def set_up_app(client: Client) -> str:
    """Set up an authenticator app; returns its secret."""
    page = client.get("/account/app/add", follow=True)
    if "/again" in page.request["PATH_INFO"]:
        client.post("/again?next=/account/app/add", {"password": PASSWORD, "next": "/account/app/add"})
        page = client.get("/account/app/add")
    found = re.search(r'id="totp-secret">([A-Z2-7]+)<', page.content.decode())
    assert found, page.content.decode()
    reply = client.post("/account/app/add", {"code": code_of(found[1])})
    assert reply["Location"] == "/account/recovery-codes"
    return found[1]


def with_app(pages: Pages, **fields: str) -> str:
    """An account with an authenticator app; returns the app's secret."""
    invited(pages, **fields)
    client = pages.client()
    sign_in(client)
    return set_up_app(client)


def test_without_a_second_factor_a_right_password_is_answered_like_a_wrong_one(pages: Pages) -> None:
    pages.user("op-1")
    right, wrong = sign_in(pages.client()), sign_in(pages.client(), password="wrong")
    hide = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert right.status_code == wrong.status_code == 422
    assert hide.sub("", right.content.decode()) == hide.sub("", wrong.content.decode())


def test_with_an_open_invitation_the_password_leads_to_setting_one_up_and_nowhere_else(pages: Pages) -> None:
    invited(pages)
    client = pages.client()
    assert sign_in(client)["Location"] == "/account"
    for address in ("/account", "/desk/", "/start", "/account/password", "/sign-in"):
        assert client.get(address)["Location"] == "/account/second-factor", address
    assert client.get("/desk/board", headers={"X-Egide-Fragment": "1"}).status_code == 401
    assert client.get("/account/second-factor").status_code == 200


def test_an_invitation_that_is_over_opens_nothing_any_more(pages: Pages) -> None:
    invited(pages)
    pages.clock.advance_s(3601)
    assert sign_in(pages.client()).status_code == 422


def test_an_app_is_set_up_and_its_code_is_asked_for_at_the_next_sign_in(pages: Pages) -> None:
    secret = with_app(pages)
    client = pages.client()
    assert sign_in(client)["Location"] == "/sign-in/code"
    assert client.get("/account").status_code == 302
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 200
    assert client.get("/account").status_code == 302
    reply = client.post("/sign-in/code", {"code": code_of(secret)})
    assert reply["Location"] == "/account"
    assert client.get("/desk/").status_code == 200


def test_a_code_opens_once(pages: Pages) -> None:
    secret = with_app(pages)
    code = code_of(secret)
    for client, opened in ((pages.client(), True), (pages.client(), False)):
        sign_in(client)
        client.post("/sign-in/code", {"code": code})
        assert (client.get("/desk/").status_code == 200) is opened


def test_guessing_codes_ends_after_five_tries_even_when_the_next_guess_is_right(pages: Pages) -> None:
    secret = with_app(pages)
    client = pages.client()
    sign_in(client)
    for _ in range(5):
        client.post("/sign-in/code", {"code": "000000"})
    client.post("/sign-in/code", {"code": code_of(secret)})
    assert client.get("/desk/").status_code == 302


def test_recovery_codes_are_shown_once_and_each_opens_once(pages: Pages) -> None:
    invited(pages)
    client = pages.client()
    sign_in(client)
    set_up_app(client)
    codes = re.findall(r"\b\d{8}\b", client.get("/account/recovery-codes").content.decode())
    assert len(codes) == 10
    assert not re.findall(r"\b\d{8}\b", client.get("/account/recovery-codes").content.decode())
    for browser, opened in ((pages.client(), True), (pages.client(), False)):
        sign_in(browser)
        browser.post("/sign-in/code", {"code": codes[0]})
        assert (browser.get("/desk/").status_code == 200) is opened


def test_the_last_second_factor_cannot_be_removed(pages: Pages) -> None:
    invited(pages)
    client = pages.client()
    sign_in(client)
    set_up_app(client)
    reply = client.post("/account/app/remove", {}, follow=True)
    assert reply.status_code == 200 and "dernier second facteur" in reply.content.decode()
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_secrets_of_second_factors_lie_sealed_in_the_database(pages: Pages) -> None:
    secret = with_app(pages)
    data = Authenticator.objects.get(type=Authenticator.Type.TOTP).data
    assert secret not in str(data)


def test_each_sign_in_is_an_event_with_its_way(pages: Pages) -> None:
    secret = with_app(pages)
    client = pages.client()
    sign_in(client)
    client.post("/sign-in/code", {"code": code_of(secret)})
    kinds = list(OutboxRow.objects.values_list("kind", flat=True))
    assert kinds.count("SignedIn") == 2 and "SecondFactorChanged" in kinds


@pytest.mark.parametrize(
    ("role", "address", "asks"), [("magistrate", "/start", True), ("operator", "/desk/", False)]
)
def test_pages_of_files_ask_again_after_half_an_hour_and_the_desk_does_not(
    pages: Pages, role: str, address: str, asks: bool
) -> None:
    client = pages.client(pages.user("x", role=role, office="mons"))
    assert client.get(address).status_code == 200
    pages.clock.advance_s(IDLE_S)
    reply = client.get(address)
    assert (reply.status_code == 302) is asks
    if asks:
        assert reply["Location"] == f"/again?next={address.replace('/', '%2F')}"
        assert client.get("/session").status_code == 401
        client.post("/again", {"password": PASSWORD})
        assert client.get(address).status_code == 200


def test_work_keeps_a_session_alive_up_to_a_whole_shift_and_no_longer(pages: Pages) -> None:
    client = pages.client(pages.user("x", role="magistrate", office="mons"))
    for _ in range(SHIFT_S // (IDLE_S - 60)):
        assert client.get("/start").status_code == 200
        pages.clock.advance_s(IDLE_S - 60)
    pages.clock.advance_s(IDLE_S)
    assert client.get("/start")["Location"] == "/sign-in?next=/start"


def test_fragments_that_a_page_asks_for_by_itself_keep_nothing_alive(pages: Pages) -> None:
    client = pages.client(pages.user("x", role="magistrate", office="mons"))
    client.get("/start")
    for _ in range(2):
        pages.clock.advance_s(IDLE_S // 2)
        client.get("/start", headers={"HX-Request": "true"})
    assert client.get("/start").status_code == 302


def test_ending_all_sessions_ends_them_on_every_machine_and_their_tickets_are_refused(pages: Pages) -> None:
    user = pages.user("op-1")
    here, there = pages.client(user), pages.client(user)
    assert there.post("/live-ticket").status_code == 204
    here.post("/account/end-sessions")
    for client in (here, there):
        assert client.get("/desk/").status_code == 302
        assert client.post("/live-ticket").status_code == 401
    assert "SessionsEnded" in OutboxRow.objects.values_list("kind", flat=True)


def test_a_new_password_ends_the_other_sessions(pages: Pages) -> None:
    user = pages.user("op-1")
    here, there = pages.client(user), pages.client(user)
    form = {
        "old_password": PASSWORD,
        "new_password1": "eleven green boats",
        "new_password2": "eleven green boats",
    }
    assert here.post("/account/password", form).status_code == 302
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {
            "old_password": "wrong",
            "new_password1": "eleven green boats",
            "new_password2": "eleven green boats",
        },
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
        {
            "old_password": PASSWORD,
            "new_password1": "eleven green boats",
            "new_password2": "twelve green boats",
        },
    ],
)
def test_a_new_password_that_does_not_do_is_refused_beside_its_field(
    pages: Pages, form: dict[str, str]
) -> None:
    reply = pages.client(pages.user()).post("/account/password", form)
    assert reply.status_code == 422
    page = reply.content.decode()
    assert 'class="field-error"' in page and faults_of(page)
    # Named as on the page, and not as the library calls it.
    assert "confirmation" not in page.casefold()
