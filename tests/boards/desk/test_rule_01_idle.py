"""An idle operator loses the alarm (safety rule 1); nobody is rung back once a team is there or has reported."""

import pytest

from egide.alarm.events import AlarmAcknowledged, TeamNamed, TeamOnSite, TeamReported, ZoneConfirmed
from egide.alarm.events.steps import BY_OPERATOR
from egide.boards.desk.rules import rings
from egide.events.base import Event
from tests.boards.desk.reading import row_of
from tests.support.pages import MONS, Pages, near

SENT: tuple[Event, ...] = (
    AlarmAcknowledged(user="op-1"),
    ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"),
    TeamNamed(user="op-1", zone="5324", call_sign="M 12"),
)
HERE = TeamOnSite(by="team:M 12")
DONE = TeamReported(by="team:M 12", outcome="arrest", text="Done.")


@pytest.mark.parametrize(
    ("told", "is_rung"),
    [
        ((), True),
        # What an operator only heard calms nothing (safety rule 39).
        ((TeamOnSite(by="op-1", told=BY_OPERATOR),), True),
        ((HERE,), False),
        ((DONE,), False),
        ((HERE, DONE), False),
        # Another team has another way to go.
        ((HERE, DONE, TeamNamed(user="op-1", zone="5324", call_sign="M 14")), True),
    ],
)
def test_rule_01_nobody_is_rung_back_once_a_team_is_there_or_has_reported(
    pages: Pages, told: tuple[Event, ...], is_rung: bool
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    client = pages.client(pages.user("op-1"))
    for event in (*SENT, *told):
        pages.installation.act(alarm, event)
    assert row_of(client.get("/desk/board"), alarm)["holds"] == ("yes" if is_rung else "no")
    pages.clock.advance_s(61)
    pages.climb(alarm)
    state = pages.journal.alarm(alarm)
    assert state is not None
    assert ("OperatorLeft" in pages.installation.kinds(f"alarm:{alarm}")) == is_rung == rings(state, {"HAI"})
