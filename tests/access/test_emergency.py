"""Emergency accounts: asked for, agreed to, taken in halves, opened by two, seen by those whom it concerns, noted."""

from django.test import Client

from egide.access.models import EmergencyHalf, EmergencyUse, Membership
from egide.outbox.models import OutboxRow
from tests.access.emergencies import NAME, SIGN_IN, agree, ask, is_open, people, sealed, take_both
from tests.support.pages import Pages, text_of


def kinds() -> list[str]:
    return list(OutboxRow.objects.order_by("number").values_list("kind", flat=True))


def test_it_is_asked_for_agreed_to_taken_and_opened(pages: Pages) -> None:
    house = people(pages)
    ask(house)
    page = text_of(house.officer.get("/accounts/requests"))
    assert "Emergency account: Emergency · Mons/Quévy" in page
    assert "Zone-1 (zone-1), Zone-2 (zone-2)" in page
    agree(house)
    for client in house.holders.values():
        assert "You keep one half of an emergency account" in text_of(client.get("/zone/"))
    take_both(house)
    assert "You keep one half" not in text_of(house.holders["zone-1"].get("/zone/"))
    assert "taken" in text_of(house.admin.get(f"/accounts/{NAME}"))
    browser = pages.client()
    assert house.give(browser, house.halves["zone-2"])["Location"].startswith(SIGN_IN)
    assert "Now Zone-1 types the other one" in text_of(browser.get(SIGN_IN))
    assert house.give(browser, house.halves["zone-1"].lower().replace("-", " "))["Location"] == "/"
    assert is_open(browser)
    seen = kinds()
    assert seen[seen.index("AccountAsked") :] == [
        "AccountAsked",
        "AccountAnswered",
        "EmergencyNamed",
        "EmergencyHalfTaken",
        "EmergencyHalfTaken",
        "EmergencyOpened",
        "SignedIn",
    ]


def test_everybody_whom_it_concerns_sees_it_while_it_lasts(pages: Pages) -> None:
    house = sealed(pages)
    concerned = {
        "officer": house.officer,
        "admin": house.admin,
        "holder": house.holders["zone-1"],
        "colleague": pages.client(pages.user("zone-3", role="zone-officer", zone="5324")),
        "reference": pages.client(pages.user("ref-1", role="reference-officer", zone="5324")),
    }
    elsewhere = pages.client(pages.user("ref-2", role="reference-officer", zone="5415"))
    text = "The emergency account “Emergency · Mons/Quévy” is open until"
    for client in concerned.values():
        assert text not in text_of(client.get("/account"))
    browser = house.give_both()
    for client in (*concerned.values(), browser):
        assert text in text_of(client.get("/account"))
    assert text not in text_of(elsewhere.get("/account"))
    assert "There was none" in text_of(elsewhere.get("/emergency"))
    house.officer.post(f"/emergency/{house.use().pk}/end")
    for client in (house.admin, house.holders["zone-1"]):
        assert text not in text_of(client.get("/account"))


def test_officer_and_place_each_take_note_and_nobody_does_it_for_themselves(pages: Pages) -> None:
    house = sealed(pages)
    reference = pages.client(pages.user("ref-1", role="reference-officer", zone="5324"))
    elsewhere = pages.client(pages.user("ref-2", role="reference-officer", zone="5415"))
    browser = house.give_both()
    note = f"/emergency/{house.use().pk}/note"
    for client in (browser, elsewhere, house.admin, *house.holders.values()):
        assert client.post(note).status_code == 404
    for client in (house.officer, reference):
        assert "Emergency account opened: Emergency · Mons/Quévy" in text_of(client.get("/start"))
        assert client.post(note).status_code == 302
        assert client.post(note).status_code == 404
        assert "Emergency account opened" not in text_of(client.get("/start"))
    use = house.use()
    assert (use.officer_noted_by, use.place_noted_by) == ("dpo-1", "ref-1")
    assert kinds()[-2:] == ["EmergencyNoted", "EmergencyNoted"]


def test_whoever_opened_it_or_is_it_takes_no_note_though_they_answer_for_the_place(pages: Pages) -> None:
    house = people(pages)
    ask(house, role="reference-officer")
    agree(house)
    take_both(house)
    Membership.objects.filter(user__name="zone-1").update(role="reference-officer")
    browser = house.give_both()
    note = f"/emergency/{house.use().pk}/note"
    for client in (browser, house.holders["zone-1"]):
        assert client.post(note).status_code == 404
    assert house.use().place_noted_by == ""


def test_who_may_close_it_before_its_time(pages: Pages) -> None:
    house = sealed(pages)
    colleague = pages.client(pages.user("zone-3", role="zone-officer", zone="5324"))
    elsewhere = pages.client(pages.user("ref-2", role="reference-officer", zone="5415"))
    browser = house.give_both()
    end = f"/emergency/{house.use().pk}/end"
    for client in (colleague, elsewhere):
        assert client.post(end).status_code == 404
    assert browser.post(end).status_code == 302
    assert not is_open(browser)
    assert house.officer.post(end).status_code == 404, "it is closed already"


def test_after_its_use_the_administrator_is_told_to_name_two_people_anew(pages: Pages) -> None:
    house = sealed(pages)
    task = "Emergency account that nobody can open"
    assert task not in text_of(house.admin.get("/start"))
    house.officer.post(f"/emergency/{_opened(house.give_both(), house.use().pk)}/end")
    assert task in text_of(house.admin.get("/start"))
    assert "opens nothing any more" in text_of(house.admin.get(f"/accounts/{NAME}"))
    house.admin.post(f"/accounts/{NAME}/holders", {"first": "zone-2", "second": "zone-1"})
    agree(house)
    assert task not in text_of(house.admin.get("/start"))
    take_both(house)
    assert is_open(house.give_both())
    assert EmergencyUse.objects.count() == 2


def _opened(browser: Client, number: int) -> int:
    assert is_open(browser)
    return number


def test_the_way_there_is_shown_only_where_there_is_one(pages: Pages) -> None:
    assert 'id="emergency-sign-in"' not in pages.client().get("/sign-in").content.decode()
    sealed(pages)
    assert 'id="emergency-sign-in"' in pages.client().get("/sign-in").content.decode()


def test_begin_again_forgets_the_first_half(pages: Pages) -> None:
    house = sealed(pages)
    browser = pages.client()
    house.give(browser, house.halves["zone-1"])
    browser.post(SIGN_IN, {"anew": "1"})
    house.give(browser, house.halves["zone-2"])
    assert not is_open(browser) and 'id="name"' not in browser.get(SIGN_IN).content.decode()


def test_new_halves_end_what_is_open(pages: Pages) -> None:
    house = sealed(pages)
    browser = house.give_both()
    house.admin.post(f"/accounts/{NAME}/holders", {"first": "zone-1", "second": "zone-2"})
    assert is_open(browser), "nothing changes before the yes"
    agree(house)
    assert not is_open(browser)
    assert not any(EmergencyHalf.objects.values_list("secret_hash", flat=True))


def test_a_form_that_misses_something_says_so_and_keeps_what_was_typed(pages: Pages) -> None:
    house = people(pages)
    page = ask(house, place="")
    assert page.status_code == 422 and 'id="role-error"' in page.content.decode()
    assert 'value="zone-2"' in page.content.decode()
    assert ask(house).status_code == 302
    page = house.admin.post(f"/accounts/{NAME}/holders", {"first": "zone-1", "second": ""})
    assert page.status_code == 422, "it holds no post before the yes"
