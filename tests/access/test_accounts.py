"""An administrator invites, gives posts, ends sessions and closes; the person behind a link sets everything up."""

import re

import pytest
from django.test import Client

from egide.access import places
from egide.access.accounts import INVITED_S
from egide.access.models import Membership, User
from egide.outbox.models import OutboxRow
from egide.outbox.service import keys
from tests.support.clear_text import find_clear_text
from tests.support.codes import code_of
from tests.support.pages import PASSWORD, Pages

NEW_PASSWORD = "eleven green boats"
INVITED = {"name": "zone-7", "title": "Officer 7", "language": "nl", "role": "zone-officer", "place": "5324"}


@pytest.fixture
def admin(pages: Pages) -> Client:
    return pages.client(pages.user("admin-1", role="administrator"))


def invite(admin: Client, **fields: str) -> str:
    """Invite somebody; the path of the link."""
    page = admin.post("/accounts/invite", INVITED | fields)
    assert page.status_code == 200, page.content.decode()
    found = re.search(
        r'id="invitation-link">http://desk.localhost:8400(/invitation/[\w-]+)<', page.content.decode()
    )
    assert found
    return found[1]


def accept(client: Client, link: str):  # type: ignore[no-untyped-def]
    return client.post(link, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})


def kinds() -> list[str]:
    return list(OutboxRow.objects.order_by("number").values_list("kind", flat=True))


def test_an_invited_person_sets_password_and_second_factor_and_is_at_work(
    pages: Pages, admin: Client
) -> None:
    link = invite(admin)
    client = pages.client()
    assert client.get(link).status_code == 200
    assert accept(client, link)["Location"] == "/"
    assert client.get("/", follow=True).request["PATH_INFO"] == "/account/second-factor"
    page = client.get("/account/app/add").content.decode()
    secret = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert secret
    client.post("/account/app/add", {"code": code_of(secret[1])})
    assert client.get("/")["Location"] == "/zone/"
    assert kinds()[-4:] == ["InvitationAccepted", "SignedIn", "SecondFactorChanged", "SecondFactorChanged"]


def test_a_link_works_once_and_not_after_three_days(pages: Pages, admin: Client) -> None:
    first, second = invite(admin), invite(admin, name="zone-8")
    accept(pages.client(), first)
    pages.clock.advance_s(INVITED_S)
    missing = pages.client().get("/no-such-page")
    for link in (first, second, "/invitation/made-up"):
        for reply in (pages.client().get(link), accept(pages.client(), link)):
            assert (reply.status_code, reply.content) == (404, missing.content)


def test_the_secret_of_a_link_is_kept_nowhere(pages: Pages, admin: Client) -> None:
    token = invite(admin).rpartition("/")[2]
    # The account itself is found there, in the database or in its log.
    assert find_clear_text(pages.config.data_dir, [], [INVITED["name"]]) != []
    assert find_clear_text(pages.config.data_dir, [], [token]) == []


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
    invite(admin)


def test_posts_are_given_and_taken_and_count_at_once(pages: Pages, admin: Client) -> None:
    user = pages.user("op-1")
    client = pages.client(user)
    form = {"keep": ["operator HAI"], "role": "zone-officer", "place": "5324"}
    assert admin.post("/accounts/op-1/posts", form).status_code == 302
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


def test_a_new_link_takes_the_old_password_and_the_old_factors_away(pages: Pages, admin: Client) -> None:
    link = invite(admin)
    client = pages.client()
    accept(client, link)
    page = admin.post("/accounts/zone-7/new-link").content.decode()
    assert "/invitation/" in page and link not in page
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


def test_accounts_stand_sealed_in_what_leaves_for_the_journal(pages: Pages, admin: Client) -> None:
    invite(admin)
    row = OutboxRow.objects.get(kind="AccountInvited")
    assert b"zone-7" not in bytes(row.body)
    assert keys().record_key(row.case)
