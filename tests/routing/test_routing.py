"""To whom an alarm goes: from its best position, anew when it moved, once for each event, and never held up."""

import threading

import msgspec
import pytest

from egide.alarm.events import AlarmRouted, Origin, PositionLocated, PositionReceived
from egide.alarm.ladder import ladder_for
from egide.alarm.state import AlarmState, Fix, changed
from egide.common.clock import SetClock
from egide.entrypoints.worker.routing import Routing, route_until
from egide.events.base import Event
from egide.fleet.supervision.supervisor import Supervisor
from egide.fleet.supervision.watch_settings import settings_of
from egide.geography.locate import Locator
from egide.journal.chain import Stored
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.signs import Pulse, Signs
from egide.protocol.envelope import Position
from egide.routing.canary import CanaryDesk
from egide.routing.rules import STALE_S, decide_route
from egide.routing.service import Router
from tests.support.installation import NOW_S, Installation
from tests.support.waiting import until

NOW_US = NOW_S * 1_000_000
MONS = Position(504_542_000, 39_523_000, 12, 0, 1)
GENT = Position(510_543_000, 37_174_000, 12, 0, 1)
LILLE = Position(506_292_000, 30_573_000, 12, 0, 1)
MID_ATLANTIC = Position(400_000_000, -400_000_000, 12, 0, 1)
STATE = AlarmState(alarm="a-1", case="c", origin=Origin("5325", "5324", "HAI"))


def decide(locator: Locator, position: Position | None, state: AlarmState = STATE) -> list[Event]:
    """What is decided when this position has just come."""
    trail = state.press.trail if position is None else (*state.press.trail, Fix(position, NOW_US))
    moved = changed(state, trail=trail, without_fix=position is None)
    return decide_route(moved, locator.locate, NOW_US, lambda centre: ladder_for(centre, None))


def test_a_position_names_zone_centre_and_managing_zone(locator: Locator) -> None:
    (event,) = decide(locator, MONS)
    assert isinstance(event, AlarmRouted)
    route = event.route
    assert (route.zone, route.centre, route.managing_zone, route.basis) == ("5324", "HAI", "5325", "position")
    assert route.place is not None and route.border_m is not None
    assert sum(candidate.share for candidate in route.candidates) == pytest.approx(1)


def test_without_any_position_the_home_zone_stands_in_and_says_so(locator: Locator) -> None:
    (event,) = decide(locator, None)
    assert isinstance(event, AlarmRouted)
    assert (event.route.zone, event.route.centre, event.route.basis) == ("5324", "HAI", "home")
    assert event.route.position is None


def test_a_missing_fix_leaves_the_last_known_position_with_its_time(locator: Locator) -> None:
    known = changed(STATE, trail=(Fix(GENT, NOW_US - 60_000_000),))
    (event,) = decide(locator, None, known)
    assert isinstance(event, AlarmRouted)
    assert (event.route.centre, event.route.basis) == ("OVL", "last known")
    assert event.route.position_at_us == NOW_US - 60_000_000


def test_an_old_fix_is_not_called_a_position(locator: Locator) -> None:
    old = msgspec.structs.replace(MONS, age_s=STALE_S + 1)
    (event,) = decide(locator, old)
    assert isinstance(event, AlarmRouted) and event.route.basis == "last known"
    assert event.route.position_at_us == NOW_US - (STALE_S + 1) * 1_000_000


def test_a_further_position_in_the_same_zone_is_placed_and_another_zone_routes_anew(locator: Locator) -> None:
    (first,) = decide(locator, MONS)
    assert isinstance(first, AlarmRouted)
    routed = changed(STATE, route=first.route)
    nearby = msgspec.structs.replace(MONS, lat_e7=MONS.lat_e7 + 2000)
    (second,) = decide(locator, nearby, routed)
    assert isinstance(second, PositionLocated)
    (third,) = decide(locator, GENT, routed)
    assert isinstance(third, AlarmRouted) and third.route.centre == "OVL"
    assert decide(locator, None, routed) == [], "home never replaces a position that is known"


def test_rule_07_abroad_goes_to_the_nearest_zone_and_nowhere_goes_to_the_home_centre(
    locator: Locator,
) -> None:
    (abroad,) = decide(locator, LILLE)
    assert isinstance(abroad, AlarmRouted)
    assert abroad.route.outside == "abroad:FR" and abroad.route.zone and abroad.route.centre in ("HAI", "WVL")
    (nowhere,) = decide(locator, MID_ATLANTIC)
    assert isinstance(nowhere, AlarmRouted)
    assert nowhere.route.outside == "unknown" and nowhere.route.centre == "HAI"


def test_an_event_is_acted_upon_once_however_often_it_is_shown(
    installation: Installation, locator: Locator
) -> None:
    alarm = installation.open_alarm(installation.enrol())
    router = Router(installation.journal, locator, installation.clock)
    for _ in range(3):
        for row in installation.journal.read():
            router.handle(row)
    assert installation.kinds(f"alarm:{alarm}") == ["PressReceived", "AlarmRouted"]


def test_rule_02_the_old_centre_stays_concerned_when_the_alarm_moves(
    installation: Installation, locator: Locator
) -> None:
    phone, journal = installation.enrol(), installation.journal
    alarm = installation.open_alarm(phone)
    router = Router(journal, locator, installation.clock)
    router.handle(journal.read(after=journal.head() - 1)[0])
    installation.act(alarm, installation.phone_event(PositionReceived, phone, position=GENT))
    router.handle(journal.read(after=journal.head() - 1)[0])
    last = journal.stream(f"alarm:{alarm}")[-1]
    assert last.kind == "AlarmRouted"
    assert last.centres == ("HAI", "OVL"), "a neighbour gets a copy, never silent ownership"


def test_an_alarm_that_cannot_be_routed_never_holds_up_the_others(
    installation: Installation, locator: Locator
) -> None:
    class Failing:
        """A locator that knows no position in the north: for the first alarm it is broken."""

        broken = True

        def locate(self, lat_e7: int, lon_e7: int, accuracy_m: float) -> object:
            if self.broken and lat_e7 > 507_000_000:
                raise RuntimeError("no map of the north")
            return locator.locate(lat_e7, lon_e7, accuracy_m)

    journal, failing, clock = installation.journal, Failing(), SetClock(NOW_US)
    first = installation.open_alarm(installation.enrol(), position=GENT)
    second = installation.open_alarm(installation.enrol(), position=MONS)
    canaries = CanaryDesk(journal, locator, installation.config.canary_public_key)
    pulse = Pulse(Signs(installation.config, clock), clock, "worker")
    router = Router(journal, failing, clock)  # type: ignore[arg-type]
    config = installation.config
    supervisor = Supervisor(journal, Heartbeats(config), clock, settings_of(config), lambda: True)
    routing = Routing(journal, router, canaries, supervisor, pulse)
    for row in journal.read():
        routing.handle(row)
    assert installation.kinds(f"alarm:{second}") == ["PressReceived", "AlarmRouted"]
    assert [row.stream for row in journal.unrouted()] == [f"alarm:{first}"]
    failing.broken = False
    routing.try_again()
    assert journal.unrouted() == []


def test_whatever_fails_in_the_midst_routing_goes_on(installation: Installation, locator: Locator) -> None:
    journal, clock, config = installation.journal, SetClock(NOW_US), installation.config
    failures: list[Exception] = [RuntimeError("unforeseen"), JournalUnavailable("locked")]

    class Failing(Supervisor):
        def hear(self, row: Stored) -> None:
            if failures:
                raise failures.pop()
            super().hear(row)

    supervisor = Failing(journal, Heartbeats(config), clock, settings_of(config), lambda: True)
    canaries = CanaryDesk(journal, locator, config.canary_public_key)
    pulse = Pulse(Signs(config, clock), clock, "worker")
    routing = Routing(journal, Router(journal, locator, clock), canaries, supervisor, pulse)
    follower, stopped = Follower(journal, "worker"), threading.Event()
    thread = threading.Thread(target=route_until, args=(stopped, follower, routing))
    thread.start()
    try:
        alarm = installation.open_alarm(installation.enrol(), position=MONS)
        until(lambda: follower.seq == journal.head() and not journal.unrouted(), "all is followed")
    finally:
        stopped.set()
        thread.join()
        follower.close()
    assert not failures
    assert installation.kinds(f"alarm:{alarm}") == ["PressReceived", "AlarmRouted"]
