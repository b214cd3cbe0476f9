"""An administrator asks, a second person agrees; the holder of link and code sets everything up, and may be closed."""

import re
from typing import ClassVar, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.http import HttpResponse
from django.test import Client, override_settings

from egide.access.accounts.invitations import INVITED_S
from egide.access.models import AccountRequest, Membership, User
from egide.access.registries import places
from egide.outbox.models import OutboxRow
from egide.outbox.service import keys
from tests.support.clear_text import find_clear_text
from tests.support.codes import code_of
from tests.support.pages import PASSWORD, Pages

NEW_PASSWORD = "eleven green boats"
INVITED = {"name": "zone-7", "title": "Officer 7", "language": "nl", "role": "zone-officer", "place": "5324"}


class Invited(NamedTuple):
    """The two halves: on paper, and by word of mouth."""

    link: str
    code: str


@pytest.fixture
def admin(pages: Pages) -> Client:
    return pages.client(pages.user("admin-1", role="administrator"))


@pytest.fixture
def officer(pages: Pages) -> Client:
    return pages.client(pages.user("dpo-1", role="data-protection"))


def ask(admin: Client, **fields: str) -> str:
    """Ask for an account; the code that the administrator is shown."""
    page = admin.post("/accounts/invite", INVITED | fields)
    assert page.status_code == 200, page.content.decode()
    return shown(page, "invitation-code")


def agree(officer: Client, name: str = INVITED["name"]) -> str:
    """Say yes to what was asked last for an account; the path of the link that is printed, "" for none."""
    asked = AccountRequest.objects.filter(user__name=name, state=AccountRequest.OPEN).latest("id")
    page = officer.post(f"/accounts/requests/{asked.pk}/agree")
    if page.status_code == 302:
        return ""
    assert page.status_code == 200, page.content.decode()
    return urlsplit(shown(page, "invitation-link")).path


def shown(page: HttpResponse, mark: str) -> str:
    found = re.search(rf'id="{mark}">([^<]+)<', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def invite(admin: Client, officer: Client, **fields: str) -> Invited:
    """Both halves of a way in."""
    code = ask(admin, **fields)
    return Invited(agree(officer, fields.get("name", INVITED["name"])), code)


def accept(client: Client, invited: Invited, code: str | None = None) -> HttpResponse:
    form = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    reply: HttpResponse = client.post(invited.link, form | {"code": invited.code if code is None else code})
    return reply


def kinds() -> list[str]:
    return list(OutboxRow.objects.order_by("number").values_list("kind", flat=True))


def test_an_invited_person_sets_password_and_second_factor_and_is_at_work(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    client = pages.client()
    assert 'name="code"' in client.get(invited.link).content.decode()
    assert accept(client, invited)["Location"] == "/"
    assert client.get("/", follow=True).request["PATH_INFO"] == "/account/second-factor"
    page = client.get("/account/app/add").content.decode()
    secret = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert secret
    client.post("/account/app/add", {"code": code_of(secret[1])})
    assert client.get("/")["Location"] == "/zone/"
    assert kinds()[-7:] == [
        "AccountAsked",
        "AccountAnswered",
        "AccountInvited",
        "InvitationAccepted",
        "SignedIn",
        "SecondFactorChanged",
        "SecondFactorChanged",
    ]


def test_a_code_may_be_typed_small_without_dashes_and_with_letters_for_digits(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    typed = invited.code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert accept(pages.client(), invited, typed).status_code == 302


def test_a_link_works_once_and_not_after_three_days(pages: Pages, admin: Client, officer: Client) -> None:
    first, second = invite(admin, officer), invite(admin, officer, name="zone-8")
    accept(pages.client(), first)
    pages.clock.advance_s(INVITED_S)
    missing = pages.client().get("/no-such-page")
    for invited in (first, second, Invited("/invitation/made-up", "")):
        for reply in (pages.client().get(invited.link), accept(pages.client(), invited)):
            assert (reply.status_code, reply.content) == (404, missing.content)


class NoticingHasher(MD5PasswordHasher):
    """Notes whether a transaction was open while it took its time."""

    algorithm = "noticing"
    was_in_a_transaction: ClassVar[list[bool]] = []

    def encode(self, password: str, salt: str) -> str:
        self.was_in_a_transaction.append(connections["default"].in_atomic_block)
        return super().encode(password, salt)


def test_a_password_is_hashed_before_others_have_to_wait_for_the_records(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.{NoticingHasher.__name__}"]):
        assert accept(pages.client(), invited).status_code == 302
    assert NoticingHasher.was_in_a_transaction and not any(NoticingHasher.was_in_a_transaction)


@pytest.mark.files("looks for them in the files")
def test_the_secrets_of_a_way_in_are_kept_nowhere(pages: Pages, admin: Client, officer: Client) -> None:
    link, code = invite(admin, officer)
    # The account itself is found there, in the database or in its log.
    assert find_clear_text(pages.config.data_dir, [], [INVITED["name"]]) != []
    halves = [link.rpartition("/")[2], code, code.replace("-", "")]
    assert find_clear_text(pages.config.data_dir, [], halves) == []


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"name": "Zone 7"}, "Three letters or more"),
        ({"name": "admin-1"}, "Somebody has this name already"),
        ({"name": "invite"}, "Somebody has this name already"),
        ({"role": "zone-officer", "place": ""}, "needs a place"),
        ({"role": "administrator", "place": "5324"}, "needs a place"),
        ({"role": "emperor"}, "emperor"),
        ({"title": ""}, "required"),
    ],
)
def test_a_wrong_invitation_is_refused_beside_its_field_and_keeps_what_was_typed(
    pages: Pages, admin: Client, fields: dict[str, str], word: str
) -> None:
    reply = admin.post("/accounts/invite", INVITED | fields)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert word in page and 'class="field-error"' in page
    assert (fields.get("name") or INVITED["name"]) in page
    assert User.objects.count() == 1


def test_a_place_that_nobody_knows_is_refused(
    pages: Pages, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"zone": {"5324": "Mons/Quévy"}}
    monkeypatch.setattr(places, "_providers", [lambda kind: known.get(kind, {})])
    assert admin.post("/accounts/invite", INVITED | {"place": "9999"}).status_code == 422
    assert "Mons/Quévy" in admin.get("/accounts/invite").content.decode()
    ask(admin)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("5324", "5324"), ("mons/quevy", "5324"), ("Mons/Quévy · 5324", "5324"), ("Mons", "Mons"), ("", "")],
)
def test_a_place_is_chosen_by_its_name_or_its_code(
    monkeypatch: pytest.MonkeyPatch, typed: str, code: str
) -> None:
    known = {"zone": {"5324": "Mons/Quévy · 5324", "5325": "Gent · 5325"}}
    monkeypatch.setattr(places, "_providers", [lambda kind: known.get(kind, {})])
    assert places.place_for("zone-officer", typed) == code


def test_a_post_counts_once_a_second_person_agreed_and_is_taken_at_once(
    pages: Pages, admin: Client, officer: Client
) -> None:
    user = pages.user("op-1")
    client = pages.client(user)
    form = {"keep": ["operator HAI"], "role": "zone-officer", "place": "5324"}
    assert admin.post("/accounts/op-1/posts", form).status_code == 302
    assert client.get("/zone/").status_code == 404
    assert admin.post("/accounts/op-1/posts", form).status_code == 422, "asked already"
    assert agree(officer, "op-1") == ""
    assert client.get("/zone/").status_code == 200
    assert admin.post("/accounts/op-1/posts", {"keep": ["zone-officer 5324"]}).status_code == 302
    assert client.get("/desk/").status_code == 404
    assert kinds().count("PostsChanged") == 2


@pytest.mark.parametrize("role", ["administrator", "data-protection"])
def test_who_keeps_accounts_or_reviews_readings_holds_no_other_role(
    pages: Pages, admin: Client, role: str
) -> None:
    pages.user("op-1")
    reply = admin.post("/accounts/op-1/posts", {"keep": ["operator HAI"], "role": role})
    assert reply.status_code == 422
    assert list(Membership.objects.filter(user__name="op-1").values_list("role", flat=True)) == ["operator"]


def test_an_administrator_changes_nothing_of_their_own_account(pages: Pages, admin: Client) -> None:
    for action in ("posts", "new-link", "close"):
        assert admin.post(f"/accounts/admin-1/{action}", {"sure": "1"}).status_code == 422
    assert Membership.objects.filter(user__name="admin-1", role="administrator").exists()


def test_a_leaver_loses_everything_at_once(pages: Pages, admin: Client) -> None:
    user = pages.user("op-1")
    client = pages.client(user)
    assert client.get("/desk/").status_code == 200
    assert admin.post("/accounts/op-1/close").status_code == 422
    assert admin.post("/accounts/op-1/close", {"sure": "1"}).status_code == 302
    assert client.get("/desk/").status_code == 302
    assert client.post("/live-ticket").status_code == 401
    assert not Membership.objects.filter(user=user).exists()
    user.refresh_from_db()
    assert not user.check_password(PASSWORD) and not user.is_active
    assert kinds()[-1] == "AccountClosed"


def test_a_new_start_takes_the_old_password_and_the_old_factors_away(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invited = invite(admin, officer)
    client = pages.client()
    accept(client, invited)
    shown(admin.post("/accounts/zone-7/new-link"), "invitation-code")
    assert client.get("/account/second-factor").status_code == 200, "nothing changes before the yes"
    link = agree(officer)
    assert link and link != invited.link
    assert client.get("/account/second-factor").status_code == 302
    assert not User.objects.get(name="zone-7").has_usable_password()


def test_an_administrator_ends_somebodys_sessions_everywhere(pages: Pages, admin: Client) -> None:
    client = pages.client(pages.user("op-1"))
    admin.post("/accounts/op-1/end-sessions")
    assert client.get("/desk/").status_code == 302
    row = OutboxRow.objects.last()
    assert row is not None and row.kind == "SessionsEnded" and row.stream.startswith("account:")
    assert "op-1" not in row.stream


def test_the_list_finds_by_name_and_title_and_puts_no_search_into_an_address(
    pages: Pages, admin: Client
) -> None:
    pages.user("op-1")
    pages.user("op-2")
    page = admin.post("/accounts", {"text": "op-2"}).content.decode()
    assert "op-2" in page and "op-1" not in page
    assert "No account fits" in admin.post("/accounts", {"text": "zzz"}).content.decode()


def test_accounts_stand_sealed_in_what_leaves_for_the_journal(
    pages: Pages, admin: Client, officer: Client
) -> None:
    invite(admin, officer)
    row = OutboxRow.objects.get(kind="AccountInvited")
    assert b"zone-7" not in bytes(row.body)
    assert keys().record_key(row.case)
