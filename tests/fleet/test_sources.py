"""An officer enrols a device that is no phone for a kit; from then on it raises alarms for it, and for no other."""

import asyncio

import pytest

from egide.access.rules import Scope
from egide.access.service import scope_of
from egide.fleet.models import Kit
from egide.fleet.seeing import NoSuchKit
from egide.fleet.sources import (
    NewSource,
    SourceRefused,
    do_end_source,
    do_enrol_source,
    sources_of_kit,
)
from egide.protocol.bthome import KEY_BYTES, Event
from egide.protocol.envelope import Position
from egide.protocol.sources import BTHOME, TRACCAR
from tests.fleet.files import House, build_house
from tests.intake.test_reports import give
from tests.support.asgi import IntakeClient
from tests.support.pages import Pages
from tests.support.sources import ADDRESS, PLACE, Button

KEY = bytes(range(KEY_BYTES))
BUTTON = NewSource(BTHOME, ADDRESS.lower(), KEY, PLACE)


@pytest.fixture
def house(pages: Pages) -> House:
    return build_house(pages)


def refused(scope: Scope, kit: str, new: NewSource) -> str:
    with pytest.raises(SourceRefused) as caught:
        do_enrol_source(scope, kit, new)
    return caught.value.why


def given(house: House, button: Button, frame: bytes) -> str:
    """What a gateway is answered, by a real intake."""

    async def gives() -> str:
        async with IntakeClient(house.pages.installation) as intake:
            return await give(intake, button, frame)

    return asyncio.run(gives())


def test_a_button_reports_for_its_kit_until_it_is_taken_off(house: House) -> None:
    kit = house.prepare()
    source = do_enrol_source(house.officer, kit.id, BUTTON)
    house.copy()
    button = Button(source, kit.id, kit.case_id, key=KEY)
    assert given(house, button, button.held()) == "received"
    (alarm,) = house.pages.journal.open_alarms()
    state = house.pages.journal.alarm(alarm)
    assert state is not None and state.case == house.case.id
    do_end_source(house.officer, kit.id, source)
    house.copy()
    assert given(house, button, button.held()) == "unknown-source"
    assert [(one.source, one.is_ended) for one in sources_of_kit(house.officer, kit.id)] == [(source, 1)]
    # Enrolled again it goes on counting where it was: what somebody recorded raises nothing.
    assert do_enrol_source(house.officer, kit.id, BUTTON) == source
    house.copy()
    assert given(house, button, button.frame(Event.LONG_PRESS, counter=1)) == "received", (
        "the press of before"
    )
    assert given(house, button, button.frame(Event.LONG_PRESS, counter=0)) == "old-counter"
    assert state.press.presses == 1
    assert given(house, button, button.held()) == "received"


def test_who_may_not_keep_the_kit_enrols_nothing(house: House) -> None:
    kit = house.prepare()
    others = [
        house.magistrate,
        scope_of(house.pages.user("op-9")),
        scope_of(house.pages.user("far", role="zone-officer", zone="5329")),
    ]
    for scope in others:
        with pytest.raises(NoSuchKit):
            do_enrol_source(scope, kit.id, BUTTON)
        with pytest.raises(NoSuchKit):
            sources_of_kit(scope, kit.id)


def test_what_cannot_be_such_a_device_is_refused(house: House) -> None:
    kit, officer = house.prepare(), house.officer
    assert refused(officer, kit.id, NewSource(BTHOME, "here", KEY, PLACE)) == "bad-name"
    assert refused(officer, kit.id, NewSource(BTHOME, ADDRESS, b"short", PLACE)) == "bad-key"
    assert refused(officer, kit.id, NewSource(TRACCAR, "", b"")) == "bad-name"
    assert refused(officer, kit.id, NewSource(TRACCAR, "356938035643809", b"", PLACE)) == "has-place"
    assert refused(officer, kit.id, NewSource(TRACCAR, "1234", b"x")) == "bad-key"


def test_rule_21_a_button_that_only_broadcasts_stays_where_it_is(house: House) -> None:
    assert refused(house.officer, house.prepare().id, NewSource(BTHOME, ADDRESS, KEY)) == "no-place"


def test_no_serial_number_stands_in_the_clear(house: House) -> None:
    tracker = NewSource(TRACCAR, "356938035643809")
    do_enrol_source(house.officer, house.prepare().id, tracker)
    house.copy()
    connection = house.pages.journal.connection
    rows = (
        connection.execute("SELECT * FROM source").fetchall()
        + connection.execute("SELECT * FROM event").fetchall()
    )
    assert "356938035643809" not in repr(rows)


def test_a_device_of_another_kit_is_taken_off_that_one_first(house: House) -> None:
    first = house.prepare()
    source = do_enrol_source(house.officer, first.id, BUTTON)
    house.copy()
    second = Kit.objects.create(
        case_id=house.case.id, button_id="another", button_key_sealed=b"", issued_at_us=first.issued_at_us + 1
    )
    assert refused(house.officer, second.id, BUTTON) == "taken"
    do_end_source(house.officer, first.id, source)
    house.copy()
    assert do_enrol_source(house.officer, second.id, BUTTON) == source


def test_a_place_keeps_its_radius(house: House) -> None:
    assert isinstance(BUTTON.place, Position) and BUTTON.place.accuracy_m == PLACE.accuracy_m
