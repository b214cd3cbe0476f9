"""An emergency account opens for two people together and for nobody else: one alone, thieves and administrators try.

See decision 0057.
"""

import pytest
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client, RequestFactory

from egide.access.accounts.emergency import OPEN_S, TOGETHER_S, do_open
from egide.access.models import AccountRequest, EmergencyHalf, EmergencyUse, Membership, User
from egide.access.scope import scope_of
from egide.access.signing_in.guessing import note_failure
from egide.access.signing_in.session_store import SessionStore
from egide.casework.models import BarredReader
from egide.outbox.models import OutboxRow
from tests.access.emergencies import (
    NAME,
    SIGN_IN,
    Emergency,
    agree,
    ask,
    half_on,
    is_open,
    people,
    sealed,
    take,
    take_both,
)
from tests.support.clear_text import find_clear_text
from tests.support.pages import MONS, PASSWORD, Pages, text_of


@pytest.fixture
def house(pages: Pages) -> Emergency:
    return sealed(pages)


def told(kind: str) -> int:
    return OutboxRow.objects.filter(kind=kind).count()


def test_one_half_opens_nothing_however_often_it_is_given(house: Emergency) -> None:
    browser = house.pages.client()
    for _time in range(3):
        house.give(browser, house.halves["zone-1"])
    assert not is_open(browser) and not EmergencyUse.objects.exists()
    assert "first half again" in text_of(house.give(browser, house.halves["zone-1"]))


def test_one_person_takes_one_half_once(house: Emergency) -> None:
    """Both halves by the same person: the other one's is not theirs to take, and their own is shown once."""
    for half in EmergencyHalf.objects.all():
        for client in (*house.holders.values(), house.admin, house.officer):
            assert client.post(f"/emergency/halves/{half.pk}").status_code == 404
    fresh = people_and_request(house)
    first = EmergencyHalf.objects.get(holder="zone-1")
    assert house.holders["zone-2"].post(f"/emergency/halves/{first.pk}").status_code == 404
    assert half_on(take(fresh, "zone-1")) != house.halves["zone-1"]


def people_and_request(house: Emergency) -> Emergency:
    """The same two are named anew: what was taken before is void."""
    asked = house.admin.post(f"/accounts/{NAME}/holders", {"first": "zone-1", "second": "zone-2"})
    assert asked.status_code == 302 and agree(house).status_code == 302
    return house


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("zone-1", "zone-1"),
        ("zone-1", "nobody-here"),
        ("zone-1", "admin-1"),
        ("dpo-1", "zone-2"),
        ("zone-1", "left-1"),
        ("zone-1", "postless-1"),
    ],
)
def test_the_two_are_two_people_who_neither_keep_accounts_nor_review_readings(
    pages: Pages, first: str, second: str
) -> None:
    house = people(pages)
    User.objects.filter(pk=pages.user("left-1").pk).update(is_active=False)
    pages.user("postless-1", role="")
    page = ask(house, first=first, second=second)
    assert page.status_code == 422 and 'id="first-error"' in page.content.decode()
    assert not User.objects.filter(name=NAME).exists()


def test_an_administrator_alone_opens_nothing(pages: Pages) -> None:
    house = people(pages)
    ask(house)
    # Before the second person's yes there is no half, and the administrator is not that person.
    assert not EmergencyHalf.objects.exists() and agree(house, house.admin).status_code == 404
    agree(house)
    take_both(house)
    # No other way in can be asked for, and no post more.
    assert house.admin.post(f"/accounts/{NAME}/new-link").status_code == 422
    post = {"keep": "zone-officer 5324", "role": "operator", "place": "HAI"}
    assert house.admin.post(f"/accounts/{NAME}/posts", post).status_code == 422
    assert not AccountRequest.objects.filter(user__name=NAME).exclude(kind="emergency").exists()
    # New halves wait for a second person again; until then the ones of before count.
    house.admin.post(f"/accounts/{NAME}/holders", {"first": "zone-1", "second": "zone-2"})
    assert agree(house, house.admin).status_code == 404
    assert is_open(house.give_both())


def test_the_two_halves_come_from_one_browser(house: Emergency) -> None:
    """A thief of one envelope cannot lie in wait for the holder of the other."""
    thief, honest = house.pages.client(), house.pages.client()
    house.give(thief, house.halves["zone-1"])
    house.give(honest, house.halves["zone-2"])
    assert not is_open(thief) and not is_open(honest)
    assert not EmergencyUse.objects.exists()


def test_halves_of_two_accounts_and_one_half_twice_are_not_two_halves(house: Emergency) -> None:
    other = EmergencyHalf.objects.create(
        user=house.pages.user("emergency-2"), holder="zone-2", secret_hash="x" * 64
    )
    own = EmergencyHalf.objects.get(user__name=NAME, holder="zone-1")
    for first, second in ((own, other), (own, own)):
        with pytest.raises(EmergencyHalf.DoesNotExist):
            do_open(first, second)
    assert not EmergencyUse.objects.exists()


def test_the_second_half_comes_within_minutes(house: Emergency) -> None:
    browser = house.pages.client()
    house.give(browser, house.halves["zone-1"])
    house.pages.clock.advance_s(TOGETHER_S + 1)
    page = house.give(browser, house.halves["zone-2"])
    assert page.status_code == 422 and "Begin again" in text_of(page)
    # What was late does not count as a first half either.
    house.give(browser, house.halves["zone-2"])
    assert not is_open(browser)
    house.give(browser, house.halves["zone-1"])
    assert is_open(browser)


def test_halves_that_were_used_open_nothing_after_the_shift(house: Emergency) -> None:
    browser = house.give_both()
    house.pages.clock.advance_s(OPEN_S - 1)
    late = house.give_both()
    assert is_open(late)
    house.pages.clock.advance_s(1)
    # Also the session that began a moment ago: it leads to signing in, and is not one that sees nothing.
    for one in (browser, late):
        assert one.get("/zone/").status_code == 302
    assert not is_open(house.give_both()) and EmergencyUse.objects.count() == 1
    assert scope_of(house.user).posts == frozenset(), "no session that is left sees anything"


def test_what_somebody_ended_stays_ended(house: Emergency) -> None:
    browser = house.give_both()
    assert house.officer.post(f"/emergency/{house.use().pk}/end").status_code == 302
    assert browser.get("/zone/").status_code == 302
    assert not is_open(house.give_both()) and scope_of(house.user).posts == frozenset()
    assert told("EmergencyEnded") == 1


def test_a_half_of_somebody_who_left_opens_nothing(house: Emergency) -> None:
    house.admin.post("/accounts/zone-2/close", {"sure": "1"})
    assert not is_open(house.give_both())


def test_a_half_of_somebody_who_keeps_accounts_by_now_opens_nothing(house: Emergency) -> None:
    Membership.objects.filter(user__name="zone-2").update(role="administrator", place="")
    assert not is_open(house.give_both())


def test_an_account_that_was_closed_opens_for_nobody(house: Emergency) -> None:
    browser = house.give_both()
    house.admin.post(f"/accounts/{NAME}/close", {"sure": "1"})
    assert browser.get("/zone/").status_code == 302
    assert not is_open(house.give_both())
    # And closing it hides its use from nobody.
    assert "Emergency · Mons/Quévy" in text_of(house.officer.get("/start"))


def test_guessing_is_slowed_down_and_told(house: Emergency) -> None:
    browser = house.pages.client()
    for _try in range(2):
        assert house.give(browser, "0000-0000-0000-0000-0000").status_code == 422
    # Told, and not each time.
    assert told("EmergencyHalfRefused") == 1
    for _try in range(58):
        note_failure(RequestFactory().post("/"))
    assert house.give(browser, house.halves["zone-1"]).status_code == 429


def test_nobody_learns_which_accounts_there_are(house: Emergency) -> None:
    house.pages.user("op-1")
    seen = {
        text_of(house.give(house.pages.client(), "0000-0000-0000-0000-0000", name)).replace(name, "NAME")
        for name in (NAME, "op-1", "not-there-1")
    }
    assert len(seen) == 1


@pytest.mark.files("looks for it in the files")
def test_the_halves_are_kept_nowhere(house: Emergency) -> None:
    halves = [*house.halves.values(), *(half.replace("-", "") for half in house.halves.values())]
    house.give_both()
    assert find_clear_text(house.pages.config.data_dir, [], [NAME]) != []
    assert find_clear_text(house.pages.config.data_dir, [], halves) == []


def test_no_way_in_is_left_behind(house: Emergency) -> None:
    """A passkey, an app or a password that one of the two adds would open the account alone ever after."""
    browser = house.give_both()
    for address in ("passkeys/add", "app/add", "recovery-codes", "recovery-codes/new", "password"):
        assert browser.get(f"/account/{address}").status_code == 404
        assert browser.post(f"/account/{address}").status_code == 404
    assert not Authenticator.objects.exists() and not house.user.has_usable_password()


def test_even_a_way_in_that_is_written_into_the_database_opens_nothing(house: Emergency) -> None:
    user = house.user
    user.set_password(PASSWORD)
    user.save()
    request = HttpRequest()
    session: SessionBase = SessionStore()
    request.session = session
    request.META["SERVER_NAME"], request.META["SERVER_PORT"] = "testserver", "80"
    request._messages = _Messages()  # type: ignore[attr-defined]
    perform_login(request, user)
    assert "_auth_user_id" not in request.session
    house.pages.client().post("/sign-in", {"name": NAME, "password": PASSWORD})
    assert scope_of(user).posts == frozenset()


class _Messages:
    """Where sentences for the reader go."""

    def add(self, *_args: object) -> None:
        return


def test_it_agrees_to_nothing(pages: Pages) -> None:
    """Two people who opened a reference officer's account for a night would leave somebody with a right for ever."""
    house = people(pages)
    ask(house, role="reference-officer")
    agree(house)
    take_both(house)
    invited = {"name": "zone-9", "title": "Z", "language": "fr", "role": "zone-officer", "place": "5324"}
    house.admin.post("/accounts/invite", invited)
    browser = house.give_both()
    assert browser.get("/files/").status_code == 200
    number = AccountRequest.objects.get(user__name="zone-9").pk
    assert browser.post(f"/accounts/requests/{number}/agree").status_code == 404


@pytest.mark.parametrize("mark", ["user:zone-1", "user:zone-2", "centre:OVL"])
def test_who_is_barred_from_a_file_does_not_read_it_by_an_emergency_account(pages: Pages, mark: str) -> None:
    case = pages.files[MONS].case
    house = sealed(pages)
    Membership.objects.create(user=User.objects.get(name="zone-2"), role="operator", place="OVL")
    browser = house.give_both()
    assert browser.get(f"/files/{case.id}/").status_code == 200
    BarredReader.objects.create(case=case, mark=mark)
    assert browser.get(f"/files/{case.id}/").status_code == 404


def test_it_has_no_right_that_its_role_has_not(house: Emergency) -> None:
    browser = house.give_both()
    plain = house.pages.client(house.pages.user("zone-3", role="zone-officer", zone="5324"))
    for address in (
        "/desk/",
        "/files/",
        "/accounts",
        "/accounts/requests",
        "/readings",
        "/figures/",
        "/zone/",
    ):
        assert browser.get(address).status_code == plain.get(address).status_code, address


def test_roles_that_review_or_belong_to_no_service_have_none(pages: Pages) -> None:
    house = people(pages)
    for role in ("data-protection", "support"):
        page = ask(house, role=role, place="")
        assert page.status_code == 422 and "No emergency account can have this role" in text_of(page)


def test_pages_of_files_ask_for_both_halves_again_after_half_an_hour(house: Emergency) -> None:
    browser = house.give_both()
    house.pages.clock.advance_s(1801)
    reply = browser.get("/files/", follow=True)
    assert reply.request["PATH_INFO"] == SIGN_IN
    house.give(browser, house.halves["zone-1"])
    assert browser.get("/files/").status_code == 302
    house.give(browser, house.halves["zone-2"])
    assert browser.get("/files/").status_code == 200
    assert told("EmergencyOpened") == 2


def test_somebody_else_who_is_signed_in_there_leaves_nothing_to_it(house: Emergency) -> None:
    browser: Client = house.holders["zone-1"]
    key = browser.session.session_key
    house.give_both(browser)
    assert is_open(browser) and browser.session.session_key != key
    assert NAME in text_of(browser.get("/account"))
