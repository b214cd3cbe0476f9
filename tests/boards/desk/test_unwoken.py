"""A zone or team whose page could not be woken is said in words, with what to do, until somebody there answers."""

from typing import Any

import pytest

from egide.alarm.events import AlarmClosed, PushTried, TeamNamed, TeamUnderWay, ZoneConfirmed
from egide.events.base import Event
from tests.support.pages import MONS, Pages, near, text_of

ZONE = "5324"


def tried(why: str, to: str = "zone", unit: str = ZONE, wake: str = "w1", device: str = "d1") -> PushTried:
    return PushTried(
        road="webpush",
        wake=wake,
        to=to,
        unit=unit,
        device=device,
        step="zone-confirmed",
        rung=0,
        why=why,
    )


class Watched:
    """An open alarm, its panel and its row as an operator sees them."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
        self.client: Any = pages.client(pages.user("op-1"))

    def happens(self, *events: Event) -> None:
        for event in events:
            self.pages.clock.advance_s(1)
            self.pages.installation.act(self.alarm, event)

    @property
    def panel(self) -> str:
        return text_of(self.client.get(f"/desk/alarms/{self.alarm}"))

    @property
    def row(self) -> str:
        return text_of(self.client.get("/desk/board"))


@pytest.fixture
def watched(pages: Pages) -> Watched:
    return Watched(pages)


def test_a_zone_that_could_not_be_woken_stands_on_board_and_panel_with_what_to_do(watched: Watched) -> None:
    assert "not woken" not in watched.row and "could not be woken" not in watched.panel
    watched.happens(tried("timeout"))
    assert "Mons/Quévy · 5324: not woken" in watched.row
    assert "Mons/Quévy · 5324: the zone’s page could not be woken. Call the zone now" in watched.panel


def test_one_device_that_was_woken_is_enough(watched: Watched) -> None:
    watched.happens(tried("timeout"), tried("", device="d2"))
    assert "not woken" not in watched.row and "could not be woken" not in watched.panel


def test_it_is_over_when_somebody_there_is_informed(watched: Watched) -> None:
    watched.happens(tried("gone"), ZoneConfirmed(user="op-1", zone=ZONE, reference="M. Dupont"))
    assert "not woken" not in watched.row and "could not be woken" not in watched.panel
    watched.happens(tried("gone", wake="w2"))
    assert "not woken" not in watched.row, "a name stands for the zone: that is more than a page"


def test_it_is_over_when_a_later_try_gets_through(watched: Watched) -> None:
    watched.happens(tried("gone"), tried("", wake="w2"))
    assert "not woken" not in watched.row
    watched.happens(tried("gone", wake="w3"))
    assert "not woken" in watched.row, "what fails later is said again"


def test_that_another_zone_answered_does_not_hide_it(watched: Watched) -> None:
    watched.happens(tried("gone", unit="5325"), ZoneConfirmed(user="op-1", zone=ZONE, reference="M. Dupont"))
    assert "not woken" in watched.row


def test_a_team_that_could_not_be_woken_is_to_be_reached_by_radio(watched: Watched) -> None:
    watched.happens(
        ZoneConfirmed(user="op-1", zone=ZONE, reference="M. Dupont"),
        TeamNamed(user="op-1", zone=ZONE, call_sign="M 12"),
        tried("gone", to="team", unit="M 12"),
    )
    assert "M 12: not woken" in watched.row
    assert "M 12: the team’s page could not be woken. Reach the team by radio" in watched.panel
    watched.happens(TeamUnderWay(by="M 12"))
    assert "not woken" not in watched.row


def test_a_closed_alarm_asks_for_nothing(watched: Watched) -> None:
    watched.happens(
        tried("gone"), AlarmClosed(user="op-1", outcome="handling-error", reason="by mistake", basis="team")
    )
    panel = watched.panel
    assert "by mistake" in panel and "could not be woken" not in panel
