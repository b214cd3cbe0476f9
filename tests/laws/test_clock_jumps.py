"""Law: clocks that jump by hours, forward and back, make no deadline pass and hold none up; what is late, or was sent
by a clock that is wrong, gets through and is shown as what it is."""

import asyncio
import random
import re
from typing import Any

import pytest

from egide.alarm import events as a
from egide.alarm.events import StepMissed
from egide.alarm.ladder import rungs_of, running
from egide.common.clock import SetClock
from egide.entrypoints.watch.rules import SHOWN_WITHIN_S, Overdue
from egide.events.base import Event
from egide.geography.locate import locator_of
from egide.journal.now.presence import Presence
from egide.protocol.envelope import Kind, Position
from egide.routing.service import Climber, Router
from tests.support.asgi import IntakeClient
from tests.support.installation import NOW_S, Installation, Phone
from tests.support.pages import MONS, Pages, migrated, near, pages

__all__ = ["migrated", "pages"]

TICK_S = 0.25
WAY: tuple[Event, ...] = (
    a.ShownOnBoard(user="op", centre="HAI"),
    a.AlarmAcknowledged(user="op"),
    a.ZoneConfirmed(user="op", zone="5324", reference="Insp. 21"),
    a.TeamNamed(user="op", zone="5324", call_sign="M 12"),
    a.TeamUnderWay(by="op"),
    a.TeamOnSite(by="op"),
)


class Watched:
    """An alarm whose clocks are compared with a watch that nobody sets."""

    def __init__(self, installation: Installation) -> None:
        self.clock: SetClock = installation.set_clock
        self.installation = installation
        self.alarm = installation.open_alarm(installation.enrol())
        self.presence = Presence(installation.config)
        self.climber = Climber(installation.journal, self.presence, self.clock)
        self.began_us: dict[tuple[str, int], int] = {}
        self.way = iter(WAY)
        self.look()

    def look(self) -> None:
        """The worker looks; whatever it notes must have taken its time by the watch, and not a tick more."""
        self.presence.note_board("b", "op", "HAI", self.clock.now_us(), 0)
        known = self.installation.journal.head()
        self.climber.look_at(self.alarm)
        state = self.installation.journal.alarm(self.alarm)
        assert state is not None and state.is_open
        for step, since_us in running(state):
            self.began_us.setdefault((step, since_us), self.clock.steady_us())
        for row in self.installation.journal.read(after=known):
            event = self.installation.journal.open_event(row)
            assert isinstance(event, StepMissed), f"{event.kind} because a clock was set"
            since_us = dict(running(state))[event.step]
            passed_s = (self.clock.steady_us() - self.began_us[event.step, since_us]) / 1e6
            rungs = rungs_of(state.ladder, event.step) if state.ladder else []
            after_s = rungs[event.rung - 1].after_s if event.rung <= len(rungs) else 0
            if after_s:
                assert after_s <= passed_s <= after_s + TICK_S, (event, passed_s)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.clock.advance_s(TICK_S)
            self.look()

    def go_on(self) -> None:
        """The next step of its way, if there is one."""
        event = next(self.way, None)
        if event is not None:
            self.installation.act(self.alarm, event)
            self.look()


@pytest.mark.law
def test_rule_01_clocks_set_by_hours_make_no_deadline_pass_and_hold_none_up(
    installation: Installation, rounds: int, chance: random.Random
) -> None:
    watched = Watched(installation)
    route = a.Route(zone="5324", centre="HAI", managing_zone="5324", basis="position")
    installation.act(watched.alarm, a.AlarmRouted(route=route, ladder=a.Ladder(tuple(quick()), "")))
    watched.look()
    for number in range(rounds):
        installation.set_clock.jump_s(chance.uniform(-5, 5) * 3600)
        watched.look()
        watched.wait(chance.uniform(0, 6))
        if number % max(1, rounds // len(WAY)) == 0:
            watched.go_on()


def quick() -> list[a.Rung]:
    """Many deadlines within seconds, so that jumps fall before, between and behind them."""
    steps = ("shown", "acknowledged", "zone-confirmed", "team-named", "under-way", "on-site", "reported")
    return [a.Rung(step, after_s, "louder") for step in steps for after_s in (2, 5, 9, 14)]


@pytest.mark.law
def test_rule_04_the_second_road_is_taken_in_time_whatever_the_wall_clock_does(
    installation: Installation, rounds: int, chance: random.Random
) -> None:
    clock, overdue = installation.set_clock, Overdue()
    for _ in range(rounds):
        alarm = installation.open_alarm(installation.enrol())
        assert overdue.find(installation.journal.unshown(), clock.steady_us()) == []
        for _ in range(9):
            clock.jump_s(chance.uniform(-5, 5) * 3600)
            clock.advance_s(SHOWN_WITHIN_S / 10)
            assert overdue.find(installation.journal.unshown(), clock.steady_us()) == []
        clock.jump_s(chance.uniform(-5, 5) * 3600)
        clock.advance_s(SHOWN_WITHIN_S / 10)
        assert [one.alarm for one in overdue.find(installation.journal.unshown(), clock.steady_us())] == [
            alarm
        ]
        installation.act(alarm, WAY[0])


# --- what arrives late ----------------------------------------------------------------------------------------------


def receive(pages: Pages, *envelopes: bytes) -> None:
    """The real intake takes these messages, and the router goes after them."""

    async def send_all() -> None:
        async with IntakeClient(pages.installation) as intake:
            for envelope in envelopes:
                assert (await intake.send(envelope)).status == 201

    head = pages.journal.head()
    asyncio.run(send_all())
    router = Router(pages.journal, locator_of(), pages.clock)
    for row in pages.journal.read(after=head):
        router.handle(row)


def desk_text(pages: Pages, path: str) -> str:
    client = pages.client(pages.user(f"op-{path[-1]}"))
    reply = client.get(path)
    assert reply.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def hours_ago(phone: Phone, hours: float, at: Position) -> bytes:
    return phone.envelope(Kind.PRESS, position=at, sent_at_s=NOW_S - round(hours * 3600))


@pytest.mark.parametrize(
    ("hours", "words"), [(3, "Late: sent earlier"), (-3, "clock is wrong"), (200, "Late: sent earlier")]
)
def test_a_press_sent_hours_ago_or_hours_ahead_rings_now_and_says_so(
    pages: Pages, hours: float, words: str
) -> None:
    phone = pages.phone(MONS)
    receive(pages, hours_ago(phone, hours, near(pages.files[MONS])))
    (alarm,) = pages.journal.open_alarms(["HAI"])
    assert words in desk_text(pages, "/desk/board")
    state = pages.journal.alarm(alarm)
    assert state is not None and state.received_at_us == pages.clock.now_us()
    pages.clock.advance_s(16)
    pages.climb(alarm)
    assert [missed.step for missed in state_of(pages, alarm).missed] == ["shown", "acknowledged"]


def test_a_position_that_was_held_up_is_never_shown_as_a_fresh_one(pages: Pages) -> None:
    phone = pages.phone(MONS)
    receive(pages, phone.press(position=near(pages.files[MONS])))
    (alarm,) = pages.journal.open_alarms(["HAI"])
    pages.clock.advance_s(1800)
    # Signed half an hour ago with a fix of that second, and only now out of the tunnel.
    held_up = near(pages.files[MONS], north_m=300)
    receive(pages, phone.envelope(Kind.POSITION, position=held_up, press=1, sent_at_s=NOW_S + 2))
    page = pages.client(pages.user("op-2")).get(f"/desk/alarms/{alarm}").content.decode()
    assert "Last known position" in page and "Late: sent earlier" in page
    assert f'data-clock="{(NOW_S + 1) * 1000}"' in page, "its age counts from when it was taken"


def test_an_old_position_that_comes_after_a_newer_one_moves_nobody(pages: Pages) -> None:
    phone = pages.phone(MONS)
    receive(pages, phone.press(position=near(pages.files[MONS])))
    (alarm,) = pages.journal.open_alarms(["HAI"])
    pages.clock.advance_s(600)
    now = near(pages.files[MONS], north_m=500)
    receive(pages, phone.envelope(Kind.POSITION, position=now, press=1, sent_at_s=NOW_S + 600))
    old = near(pages.files[MONS], north_m=-500)
    receive(pages, phone.envelope(Kind.POSITION, position=old, press=1, sent_at_s=NOW_S + 60))
    state = state_of(pages, alarm)
    assert [fix.position.lat_e7 for fix in state.press.trail[-2:]] == [old.lat_e7, now.lat_e7]
    assert state.lead.route.position == now and state.lead.route.basis == "position"


def test_a_phone_whose_clock_is_hours_behind_is_not_taken_for_one_that_is_late(pages: Pages) -> None:
    phone = pages.phone(MONS)
    receive(pages, hours_ago(phone, 2, near(pages.files[MONS])))
    (alarm,) = pages.journal.open_alarms(["HAI"])
    assert state_of(pages, alarm).lead.route.basis == "last known", "nobody can know yet"
    pages.clock.advance_s(5)
    receive(
        pages,
        phone.envelope(
            Kind.POSITION, position=near(pages.files[MONS]), press=1, sent_at_s=NOW_S + 5 - 2 * 3600
        ),
    )
    assert state_of(pages, alarm).lead.route.basis == "position"


def state_of(pages: Pages, alarm: str) -> Any:
    return pages.journal.alarm(alarm)
