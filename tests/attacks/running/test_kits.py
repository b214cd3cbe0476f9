"""An officer's forged post hands a web page out as a phone; somebody else sets how long she must hold (rule 45)."""

from http import HTTPStatus

import pytest

from egide.events.register import KitHandedOver
from egide.fleet.kits.rules import PAGE_OPEN, SECOND_WAY
from egide.protocol.enrolment import WEB
from egide.protocol.envelope import Kind, Trigger
from egide.protocol.settings import PENDING, settings_of
from tests.support.house import GENT, MONS, House
from tests.support.phones import HttpPhone

FORGED = (
    {},
    {"way": "first"},
    {"means": "lent", "client": "native", "told": ""},
    {"client": "native", "client_version": "1.0", "way": "first", "told": "no"},
)
TYPED = {
    "hold_ms": "1.5",
    "button_hold_ms": "3",
    "position_interval_s": "10",
    "heartbeat_interval_s": "10",
    "tail_s": "30",
}


def test_a_web_page_is_to_leave_as_a_lent_phone(house: House) -> None:
    person, officer = house.person(GENT), house.caller("gent-ref")
    kit = f"/kits/{person['kit']}"
    page = HttpPhone(house.stack, person, person["kit"], client=WEB)
    test = page.envelope(Kind.TEST, trigger=Trigger.BUTTON)
    assert page.post("/v1/messages", test)[0] == HTTPStatus.CREATED
    assert officer.post(f"{kit}/press", condition=PAGE_OPEN).status_code == HTTPStatus.FOUND
    for form in FORGED:
        assert officer.post(f"{kit}/hand-over", **form).status_code == HTTPStatus.UNPROCESSABLE_ENTITY, form
    told = {"told": "yes", "way": "first", "client": "native", "means": "lent"}
    assert officer.post(f"{kit}/hand-over", **told).status_code == HTTPStatus.FOUND
    assert "A second way only" in officer.look(f"{kit}/")
    house.settle()
    (handed,) = (one for one in house.events(KitHandedOver) if one.kit == person["kit"])
    assert handed.way == SECOND_WAY


@pytest.mark.parametrize("name", ["gent-ref", "parket-ovl-01", "hainaut-12", "admin-01"])
def test_somebody_of_another_house_sets_her_phone(house: House, name: str) -> None:
    kit = house.person(MONS)["kit"]
    assert house.caller(name).post(f"/kits/{kit}/settings", **TYPED).status_code == HTTPStatus.NOT_FOUND


def test_the_phone_that_he_kept_asks_what_is_set(house: House) -> None:
    person = house.person(MONS)
    his, hers = (HttpPhone(house.stack, person, person["kit"]) for _ in range(2))
    set_ = house.caller("mons-quevy-ref").post(f"/kits/{person['kit']}/settings", **TYPED)
    assert set_.status_code == HTTPStatus.FOUND
    house.settle()

    def told(phone: HttpPhone) -> list[str]:
        status, answer = phone.post("/v1/messages", phone.envelope(Kind.HEARTBEAT))
        assert status == HTTPStatus.CREATED
        return [one["text"] for one in answer.get("pending", []) if one["what"] == PENDING]

    assert told(his) == []
    (text,) = told(hers)
    settings = settings_of(text)
    assert settings is not None and (settings.hold_ms, settings.tail_s) == (1500, 1800)
