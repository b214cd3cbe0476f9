"""Safety rule 32 where an alarm is handled: what came of her earlier presses is nowhere to be read."""

import re

import pytest

from egide.access.models import User
from egide.alarm.events import (
    AlarmAcknowledged,
    AlarmClosed,
    FollowUpDone,
    TeamNamed,
    TeamReported,
    ZoneConfirmed,
)
from tests.support.installation import Phone
from tests.support.pages import MONS, Pages, near, text_of

WEEK_S = 7 * 86_400
NOTHING = ("handling-error", "test", "technical", "person-not-found")


def press(pages: Pages, phone: Phone) -> str:
    """An alarm with an operator, a zone and a team."""
    alarm = pages.alarm(phone, near(pages.files[MONS]))
    for event in (
        AlarmAcknowledged(user="op-1"),
        ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
        TeamNamed(user="op-1", zone="5324", call_sign="M 12"),
    ):
        pages.installation.act(alarm, event)
    return alarm


def read(pages: Pages, alarm: str) -> dict[str, str]:
    """What operator and zone read of the alarm, without the moments and names that every alarm has of its own."""
    operator, officer = (pages.client(User.objects.get(name=name)) for name in ("op-1", "officer-1"))
    pages_read = {
        "board": operator.get("/desk/board"),
        "panel": operator.get(f"/desk/alarms/{alarm}"),
        "briefing": operator.get(f"/response/alarms/{alarm}/briefing"),
        "radio": operator.get(f"/response/alarms/{alarm}/radio"),
        "zone": officer.get("/zone/alarms"),
    }
    assert {reply.status_code for reply in pages_read.values()} == {200}, pages_read
    plain = {name: text_of(reply) for name, reply in pages_read.items()}
    ours = r"\d{1,2}:\d\d(:\d\d)?|\d{4}-\d\d-\d\d|\d{1,2} \w+ \d{4}|" + re.escape(alarm)
    return {name: re.sub(ours, "…", text) for name, text in plain.items()}


@pytest.mark.parametrize("outcome", NOTHING)
def test_rule_32_earlier_presses_without_intervention_change_no_word_of_the_next_alarm(
    pages: Pages, outcome: str
) -> None:
    phone = pages.phone(MONS)
    pages.user("op-1")
    pages.user("officer-1", role="zone-officer", zone="5324")
    first = press(pages, phone)
    before = read(pages, first)
    for _time in range(3):
        for event in (
            TeamReported(by="M 12", outcome=outcome, text="-"),
            AlarmClosed(user="op-1", outcome=outcome, reason="in the bag"),
            FollowUpDone(user="officer-1", text="-"),
        ):
            pages.installation.act(first, event)
        pages.clock.advance_s(WEEK_S)
        first = press(pages, phone)
    after = read(pages, first)
    assert before["briefing"] and "M 12" in before["panel"]
    assert after == before
