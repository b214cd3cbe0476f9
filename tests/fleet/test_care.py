"""What a zone does next about its kits: whose comes first, one step for each, and a kit's life with its troubles."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from egide.access.models import User
from egide.casework.models import BarredReader
from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet.kits import kits
from egide.fleet.models import Kit
from egide.fleet.supervision import rules as watch
from egide.fleet.supervision import rules_next
from egide.fleet.supervision.rules_next import foremost, next_step, urgency
from egide.journal.queries.watched import Trouble
from tests.fleet.files import House, build_house
from tests.fleet.test_fleet_pages import member, out
from tests.support.pages import Pages, text_of

ZONE = "5324"


def wrong(what: str, since_us: int = 1, zone_us: int | None = 2) -> Trouble:
    return Trouble("kit", what, since_us, person_us=1, zone_us=zone_us)


def kit(level: str = watch.ORDINARY, *troubles: Trouble, **fields: bool) -> rules_next.Kit:
    return rules_next.Kit(level=level, troubles=troubles, **fields)


def test_rule_06_a_kit_in_an_open_alarm_outranks_all_then_the_gravest_danger_that_is_cut_off() -> None:
    ordered = [
        kit(watch.ORDINARY, is_alarmed=True),
        kit(watch.HIGHEST, wrong(watch.SILENT, zone_us=None)),
        kit(watch.URGENT, wrong(watch.SILENT)),
        kit(watch.URGENT, wrong(watch.AWAY)),
        kit(watch.ORDINARY, wrong(watch.SILENT, since_us=5)),
        kit(watch.ORDINARY, wrong(watch.SILENT, since_us=9)),
        kit(watch.HIGHEST, wrong(watch.BUTTON_BATTERY)),
        kit(watch.ORDINARY, wrong(watch.TEST_DUE)),
        kit(watch.HIGHEST, wrong(watch.TEST_DUE, zone_us=None)),
        kit(watch.HIGHEST),
        kit(watch.ORDINARY),
        kit(""),
    ]
    assert sorted(reversed(ordered), key=urgency) == ordered


_TROUBLES = st.lists(
    st.builds(wrong, st.sampled_from(watch.TROUBLES), st.integers(1, 9), st.one_of(st.none(), st.just(2))),
    max_size=4,
)


@given(_TROUBLES, st.sampled_from(watch.LEVELS), st.booleans(), st.booleans())
def test_there_is_one_next_step_and_nothing_nags_those_who_were_not_told(
    troubles: list[Trouble], level: str, is_alarmed: bool, is_refused: bool
) -> None:
    one = kit(level, *troubles, is_alarmed=is_alarmed, is_refused=is_refused)
    step, worst = next_step(one), foremost(troubles)
    if is_alarmed:
        assert step == rules_next.ALARM
    elif is_refused:
        assert step == rules_next.ENROL_ANEW
    elif not troubles:
        assert step == rules_next.NOTHING and worst is None
    elif all(trouble.zone_us is None for trouble in troubles):
        assert step == rules_next.WAIT
    else:
        assert step == rules_next.TROUBLE and worst is not None and worst.zone_us is not None


def told(house: House, one: Kit, what: str, *whom: str) -> None:
    for each in whom:
        event = KitTroubleTold(kit=one.id, what=what, whom=each, since_us=house.pages.clock.now_us())
        house.pages.installation.append(kits.stream_of(one), event, case=one.case_id)


def page(house: House, path: str = "/kits/", name: str = "officer-1") -> Any:
    return house.pages.client(User.objects.get(name=name)).get(path)


def test_a_kit_goes_from_well_to_told_to_the_zone_and_back_by_itself(pages: Pages) -> None:
    house = build_house(pages)
    one = out(house)
    said = text_of(page(house))
    assert "All is well" in said and "Nothing to do." in said and "Test done 1" in said
    told(house, one, watch.SILENT, watch.PERSON)
    said = text_of(page(house))
    assert "The kit is silent" in said and "the phone tells her quietly" in said and "Your turn from" in said
    assert "How to reach her safely" not in said
    told(house, one, watch.SILENT, watch.ZONE)
    shown = page(house).content.decode()
    assert f"/files/{one.case_id}/#beneficiary" in shown and "Reach her by the safe way" in shown
    told(house, one, watch.BUTTON_BATTERY, watch.PERSON)
    assert "Also: The button’s battery is low" in text_of(page(house))
    for what in (watch.SILENT, watch.BUTTON_BATTERY):
        event = KitTroubleSolved(kit=one.id, what=what)
        house.pages.installation.append(kits.stream_of(one), event, case=one.case_id)
    assert "All is well" in text_of(page(house))


def test_a_kits_life_tells_its_troubles_and_what_was_taken_for_it(pages: Pages) -> None:
    house = build_house(pages)
    one = out(house)
    told(house, one, watch.SILENT, *watch.WHOM)
    event = KitTroubleSolved(kit=one.id, what=watch.SILENT)
    house.pages.installation.append(kits.stream_of(one), event, case=one.case_id)
    said = text_of(page(house, f"/kits/{one.id}/"))
    assert one.button_item and one.phone_item
    for words in (
        "Watched over: Danger to life",
        "The person is notified quietly: The kit is silent",
        "The zone is notified: The kit is silent",
        "The reference officer is notified: The kit is silent",
        "Right again: The kit is silent",
        f"Button taken for this kit: {one.button_item.serial}",
        f"Phone lent with it: {one.phone_item.serial}",
        "Handed out",
    ):
        assert words in said, words
    kits.do_return(one, "officer-1")
    house.copy()
    assert "Taken back" in text_of(page(house, f"/kits/{one.id}/"))


def test_rule_32_presses_are_a_number_on_the_kits_page_without_cause_outcome_or_time(pages: Pages) -> None:
    house = build_house(pages)
    one = house.prepare()
    phone = house.enrol(one)
    house.test(phone)
    pages.clock.advance_s(3600)
    house.pages.alarm(phone)
    at = pages.client(User.objects.get(name="officer-1")).get(f"/kits/{one.id}/")
    assert "Presses that got through: 1. Tests: 1." in text_of(at)
    life = re.search('<ol class="life">(.*?)</ol>', at.content.decode(), re.DOTALL)
    assert life and "ress" not in re.sub("Presses that must", "", life[1])


def test_rule_27_a_barred_officer_sees_no_row_of_the_kit_and_no_number(pages: Pages) -> None:
    house = build_house(pages)
    one = out(house)
    told(house, one, watch.SILENT, *watch.WHOM)
    BarredReader.objects.create(case_id=one.case_id, mark="user:cousin")
    cousin = member(pages, "reference-officer", ZONE, "cousin")
    shown = cousin.get("/kits/").content.decode()
    assert one.id not in shown and "The kit is silent" not in shown and "0 kits are handed out" in shown
    assert cousin.get(f"/kits/{one.id}/").status_code == 404
