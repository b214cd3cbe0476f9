"""Who hears of what: by centre, zone and alarm; an alarm that nobody was given reaches every supervisor."""

import asyncio
from typing import Any

import pytest

from egide.alarm.events import NoteAdded
from egide.common.clock import SetClock
from egide.common.ticket import Ticket
from egide.entrypoints.processes.live import may_see
from egide.journal.service import Clear
from tests.live.conftest import Live, Reader

NOTE = NoteAdded(user="op", text="-")
NOW_US = SetClock(1_800_000_000_000_000).now_us()


def row(
    stream: str = "alarm:abc-1",
    centre: str = "",
    zone: str = "",
    age_s: float = 0,
    kind: str = "PressReceived",
) -> Clear:
    return Clear(1, kind, stream, NOW_US - round(age_s * 1e6), centre, zone, "")


def ticket(**scope: Any) -> Ticket:
    return Ticket("op", 0, **scope)


@pytest.mark.parametrize(
    ("reader", "happening", "expected"),
    [
        (ticket(centres=("mons",)), row(centre="mons"), True),
        (ticket(centres=("mons",)), row(centre="gent mons liege"), True),
        (ticket(centres=("mons",)), row(centre="gent"), False),
        (ticket(centres=("mon",)), row(centre="mons"), False),
        (ticket(zones=("5324",)), row(centre="mons", zone="5324 5325"), True),
        (ticket(zones=("532",)), row(centre="mons", zone="5324"), False),
        (ticket(alarms=("abc-1",)), row(centre="gent"), True),
        (ticket(alarms=("abc-1",)), row("alarm:abc-11", centre="gent"), False),
        (ticket(alarms=("abc-1",)), row("test:abc-1", centre="gent"), False),
        (ticket(), row(centre="mons", zone="5324"), False),
        (ticket(supervisor=True), row(age_s=1.9), False),
        (ticket(supervisor=True), row(age_s=2), True),
        # The clock was set back after the press.
        (ticket(supervisor=True), row(age_s=-3600), True),
        (ticket(supervisor=False, centres=("mons",)), row(age_s=3600), False),
        # A canary that came through is for every board, and only while it is news.
        (ticket(centres=("mons",)), row("canary:abc", kind="CanaryRouted", age_s=1), True),
        (ticket(zones=("5324",)), row("canary:abc", kind="CanaryRouted", age_s=1), True),
        (ticket(centres=("mons",)), row("canary:abc", kind="CanaryRouted", age_s=16), False),
        (ticket(centres=("mons",)), row("canary:abc", kind="CanaryRouted", age_s=-1), False),
        (ticket(centres=("mons",)), row("canary:abc", kind="CanaryReceived"), False),
        (ticket(centres=("mons",)), row("alarm:abc-1", kind="CanaryRouted"), False),
        (ticket(alarms=("abc-1",)), row("canary:abc", kind="CanaryRouted"), False),
        (ticket(supervisor=True), row(centre="mons", age_s=3600), False),
        (ticket(supervisor=True), row("device:abc", age_s=3600), False),
        (ticket(everything=True), row("system:x"), True),
        (ticket(centres=("mons",)), row("device:abc", centre="mons"), True),
        (ticket(centres=("",), zones=("",)), row(), False),
    ],
)
def test_scope(reader: Ticket, happening: Clear, expected: bool) -> None:
    assert may_see(reader, happening, NOW_US) is expected


@pytest.mark.parametrize(
    ("centres", "home_centre", "age_s", "expected"),
    [
        (("mons",), "mons", 2, True),
        (("mons",), "mons", 1.9, False),
        (("gent",), "mons", 3600, False),
        (("",), "", 3600, False),
    ],
)
def test_an_alarm_without_a_route_is_for_its_home_centre(
    centres: tuple[str, ...], home_centre: str, age_s: float, expected: bool
) -> None:
    assert may_see(ticket(centres=centres), row(age_s=age_s), NOW_US, home_centre) is expected


async def heard(reader: Reader) -> tuple[str, str]:
    _, kind, stream = await reader.news()
    return kind, stream


async def test_a_board_hears_its_own_centre_and_zone_and_nothing_else(live: Live) -> None:
    installation = live.installation
    phones = [installation.enrol(), installation.enrol()]
    async with (
        live.listening(centres=["mons"]) as mons,
        live.listening(zones=["4400"]) as zone,
        live.listening(centres=["brussels"]) as other,
    ):
        alarms = [installation.open_alarm(phone) for phone in phones]
        installation.route(alarms[0], zone="5324", centre="mons")
        installation.route(alarms[1], zone="4400", centre="gent")
        installation.act(alarms[0], NOTE)
        installation.act(alarms[1], NOTE)
        installation.append("system:end", NOTE, centres=["brussels"])
        assert await heard(mons) == ("AlarmRouted", f"alarm:{alarms[0]}")
        assert await heard(mons) == ("NoteAdded", f"alarm:{alarms[0]}")
        assert await heard(zone) == ("AlarmRouted", f"alarm:{alarms[1]}")
        assert await heard(zone) == ("NoteAdded", f"alarm:{alarms[1]}")
        assert await heard(other) == ("NoteAdded", "system:end")


async def test_a_centre_that_had_an_alarm_goes_on_hearing_of_it(live: Live) -> None:
    installation = live.installation
    alarm = installation.open_alarm(installation.enrol())
    async with live.listening(centres=["mons"]) as mons:
        installation.route(alarm, centre="mons")
        installation.route(alarm, zone="4400", centre="gent")
        installation.act(alarm, NOTE)
        assert [(await heard(mons))[0] for _ in range(3)] == ["AlarmRouted", "AlarmRouted", "NoteAdded"]


async def test_an_alarm_without_a_route_reaches_supervisors_after_two_seconds(live: Live) -> None:
    installation = live.installation
    async with live.listening(supervisor=True) as supervisor, live.listening(centres=["gent"]) as operator:
        alarm = installation.open_alarm(installation.enrol())
        _, kind, stream = await asyncio.wait_for(supervisor.news(), 10)
        assert (kind, stream) == ("PressReceived", f"alarm:{alarm}")
        opened = installation.journal.stream(f"alarm:{alarm}")[0]
        assert installation.clock.now_us() - opened.at_us >= 2_000_000
        installation.append("system:end", NOTE, centres=["gent"])
        assert await heard(operator) == ("NoteAdded", "system:end")


async def test_an_alarm_without_a_route_reaches_every_operator_of_its_home_centre(live: Live) -> None:
    installation = live.installation
    async with live.listening(centres=["mons"]) as operator:
        phone = installation.enrol()
        alarm = installation.open_alarm(phone)
        assert await asyncio.wait_for(heard(operator), 10) == ("PressReceived", f"alarm:{alarm}")
        opened = installation.journal.stream(f"alarm:{alarm}")[0]
        assert installation.clock.now_us() - opened.at_us >= 2_000_000


async def test_an_alarm_that_was_routed_in_time_reaches_no_supervisor_elsewhere(live: Live) -> None:
    installation = live.installation
    async with live.listening(supervisor=True, centres=["mons"]) as supervisor:
        installation.route(installation.open_alarm(installation.enrol()), centre="gent")
        unrouted = installation.open_alarm(installation.enrol())
        assert await heard(supervisor) == ("PressReceived", f"alarm:{unrouted}")


async def test_an_alarm_that_waited_while_live_was_down_reaches_supervisors(live: Live) -> None:
    live.child.kill()
    alarm = live.installation.open_alarm(live.installation.enrol())
    live.child.start()
    # And a board that comes later, as long as it waits: their page may have been painted before it was late.
    for _ in range(2):
        async with live.listening(supervisor=True) as supervisor:
            assert await heard(supervisor) == ("PressReceived", f"alarm:{alarm}")
