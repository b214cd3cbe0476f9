"""A relative in the police looks for the kit of a file that bars him: on boards, live, by push (safety rule 27)."""

from contextlib import ExitStack

import pytest

from egide.protocol.envelope import Kind
from tests.support.attacks import forged
from tests.support.house import MONS, House
from tests.support.installation import Phone
from tests.support.waiting import until

COUSIN, CHIEF, COLLEAGUE = "hainaut-07", "hainaut-chef", "hainaut-12"
OFFICER, KEEPER = "mons-quevy-21", "mons-quevy-ref"
PAGES = ("/desk/", "/desk/board", "/desk/overview", "/desk/overview/lists", "/start", "/account")
OF_THE_ALARM = ("/desk/alarms/{}", "/response/alarms/{}/briefing", "/response/alarms/{}/radio")


@pytest.fixture
def barred(house: House) -> House:
    """Mons bars an operator and the supervisor from her file."""
    house.bar(house.person(MONS)["case"], COUSIN, CHIEF)
    return house


def test_he_looks_at_his_board_and_listens(barred: House) -> None:
    people = {name: barred.caller(name) for name in (COUSIN, CHIEF, COLLEAGUE)}
    with ExitStack() as streams:
        hears = {name: streams.enter_context(one.listening()) for name, one in people.items()}
        phone = barred.phone(MONS)
        assert phone.post("/v1/messages", phone.envelope(Kind.TEST))[0] == 201
        assert phone.post("/v1/messages", forged(Phone(phone.key, "", ""), b"\xa0"))[0] == 401
        alarm = barred.pressed(phone)
        last = barred.pressed(barred.phone(barred.carriers()[0]))
        told = {name: until_last(f"alarm:{last}") for name, until_last in hears.items()}
    of_hers = {name: {one.kind for one in all_ if phone.device in one.stream} for name, all_ in told.items()}
    assert of_hers == {COUSIN: set(), CHIEF: set(), COLLEAGUE: of_hers[COLLEAGUE]}
    assert {"TestReceived", "VerificationFailed", "AlarmRouted"} <= of_hers[COLLEAGUE]

    board = people[COLLEAGUE].get("/desk/").text
    assert phone.device[:8] in board
    for path in OF_THE_ALARM:
        assert people[COLLEAGUE].get(path.format(alarm)).status_code == 200
    for name in (COUSIN, CHIEF):
        for path in PAGES:
            seen = people[name].get(path).text
            assert phone.device[:8] not in seen and phone.kit[:8] not in seen, (name, path)
        for path in OF_THE_ALARM:
            assert people[name].get(path.format(alarm)).status_code == 404, (name, path)


def test_his_telephone_is_not_woken(house: House) -> None:
    browser = house.push.browser("cousin")
    assert house.caller(OFFICER).post("/zone/wake", **browser.subscription).status_code == 204
    hers, anothers = house.carriers()[1:3]
    house.bar(hers["case"], OFFICER)
    hidden = house.pressed(house.phone(hers))
    shown = house.pressed(house.phone(anothers))
    woken = browser.read(house.push.next().body)
    until(lambda: house.state(shown).pushes, "the try is on record")
    assert woken in {push.wake for push in house.state(shown).pushes}
    assert woken not in {push.wake for push in house.state(hidden).pushes}
    assert house.caller(OFFICER).post("/zone/wake/off").status_code == 204


def test_a_bar_that_was_misspelt_is_refused(house: House) -> None:
    case = house.carriers()[3]["case"]
    for wrong in ("user:hainaut07", "user:Hainaut-07", "zone:9999", "centre:XX", COUSIN, ""):
        reply = house.caller(KEEPER).post(f"/files/{case}/barred", do="bar", mark=wrong)
        assert reply.status_code == 422, wrong
    assert "Nobody." in house.caller(KEEPER).look(f"/files/{case}/barred")
