"""A row says what comes next: the step, who must act, and until when (safety rule 1)."""

import re

from egide.alarm.events import (
    AlarmAcknowledged,
    HelpNeeded,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.alarm.ladder import clocks
from egide.alarm.table import ROWS
from egide.events.base import Event
from tests.support.pages import MONS, Pages, near, text_of

# What is told, and what the row says of what is waited for then.
WAY: tuple[tuple[Event, str, str], ...] = (
    (AlarmAcknowledged(user="op-1"), "Inform the zone", "desk"),
    (ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"), "Team to be named", "zone 5324"),
    (TeamNamed(user="op-1", zone="5324", call_sign="M 12"), "Departure expected", "team M 12"),
    (TeamUnderWay(by="team:M 12"), "Arrival expected", "team M 12"),
    (TeamOnSite(by="team:M 12"), "Report expected", "team M 12"),
    (HelpNeeded(by="team:M 12"), "Team needs help", "desk"),
    (TeamReported(by="team:M 12", outcome="arrest", text="Done."), "Team needs help", "desk"),
)


def test_a_row_says_the_step_who_must_act_and_until_when(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    client = pages.client(pages.user())
    assert re.search(r"To take .{0,3}desk · 0:00 .{0,3}desk · late by", text_of(client.get("/desk/board")))
    for event, step, who in WAY:
        pages.clock.advance_s(3)
        pages.installation.act(alarm, event)
        text = text_of(client.get("/desk/board"))
        assert re.search(rf"{step} .{{0,4}}{who} · 0:00 .{{0,3}}{who} · late by", text), (step, text)
        assert "Taken" not in text


def test_the_countdown_is_that_of_the_ladder_and_ticks_from_an_absolute_time(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.clock.advance_s(4)
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    state = pages.journal.alarm(alarm)
    assert state is not None
    (clock,) = clocks(state)
    page = pages.client(pages.user()).get("/desk/board").content.decode()
    due = str(clock.first_due_at_us // 1000)
    assert clock.step == "zone-confirmed" and f'class="due coming" data-due="{due}"' in page
    assert f'data-until="{due}"' in page and f'data-clock="{due}"' in page


def test_each_step_of_the_table_has_words_for_what_comes_next() -> None:
    assert all(row.ahead and row.ahead != row.word and row.acts for row in ROWS)
