"""Tests have a lane of their own: never alarms, never counted as such (safety rules 10 and 20)."""

from egide.alarm.events import HalfReceived, TestReceived
from egide.protocol.envelope import Battery, Trigger
from tests.boards.desk.reading import order_on
from tests.support.installation import Phone
from tests.support.pages import GENT, MONS, Pages, text_of


def come(pages: Pages, phone: Phone, centre: str = "HAI", **fields: object) -> None:
    event = pages.installation.phone_event(TestReceived, phone, **fields)
    stream = f"test:{phone.device}-{event.counter}"
    pages.installation.append(stream, event, case=phone.case, centres=(centre,))


def test_rule_20_a_test_is_in_its_lane_and_no_alarm(pages: Pages) -> None:
    phone = pages.phone(MONS)
    come(pages, phone, trigger=Trigger.BUTTON, battery=Battery(80, 64))
    reply = pages.client(pages.user()).get("/desk/board")
    text = text_of(reply)
    assert order_on(reply) == [] and "1 test of the last day: no alarm" in text
    assert phone.kit[:8] not in text and "Mons/Quévy · 5324: button held" in text and "button 64 %" in text
    assert "No open alarm" in text
    assert 'id="no-alarms" class="quiet">' in reply.content.decode()


def test_a_test_is_shown_to_the_centre_of_its_kit_for_a_day(pages: Pages) -> None:
    come(pages, pages.phone(MONS), trigger=Trigger.SCREEN, flags=("late",))
    here, elsewhere = pages.client(pages.user()), pages.client(pages.user("far", centre="OVL"))
    assert "from the phone" in text_of(here.get("/desk/board"))
    assert "arrived late" in text_of(here.get("/desk/board"))
    assert "of the last day" not in text_of(elsewhere.get("/desk/board"))
    pages.clock.advance_s(25 * 3600)
    assert "of the last day" not in text_of(here.get("/desk/board"))


def test_a_test_of_an_erased_person_leaves_the_lane_and_breaks_nothing(pages: Pages) -> None:
    gone, stays = pages.phone(GENT), pages.phone(MONS)
    come(pages, gone)
    come(pages, stays)
    keys = pages.installation.keys
    keys._place.execute("DELETE FROM case_key WHERE case_id = ?", (gone.case,))
    keys._cases.clear()
    text = text_of(pages.client(pages.user()).get("/desk/board"))
    assert text.count("from the phone") == 1


def test_rule_10_half_of_a_press_by_sms_stands_in_the_technical_lane_in_words(pages: Pages) -> None:
    phone = pages.phone(MONS)
    event = HalfReceived(device=phone.device, digest="", home_centre="HAI")
    pages.installation.append(f"device:{phone.device}", event, case=phone.case, centres=("HAI",))
    reply = pages.client(pages.user()).get("/desk/board")
    assert order_on(reply) == []
    assert "half of a press came by SMS, the other half has not come" in text_of(reply)
