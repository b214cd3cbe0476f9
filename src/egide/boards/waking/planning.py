"""Waking zones and teams: which devices an event wakes, and what became of it, as events of the alarm."""

from collections.abc import Mapping

import msgspec

from egide.alarm.events import PushTried
from egide.alarm.state import AlarmState
from egide.boards.waking import devices
from egide.boards.waking.devices import Device
from egide.boards.waking.rules import TELLING, WAKING, Wake, is_settled, tellings_of, wakes_of
from egide.common.sealing import UnsealError
from egide.events.base import Event
from egide.journal.chain import Stored
from egide.journal.sealing.keys import KeyErased
from egide.outbox.service import clock, journal

__all__ = ["Device", "Wake", "do_note", "plan", "plan_again"]


def plan(row: Stored) -> list[tuple[Wake, list[Device]]]:
    """Whom this event wakes; empty for most events, and for zones and teams that no device is set up for."""
    if row.kind in TELLING:
        wakes = tellings_of(row, clock().now_us())
        return [(wake, found) for wake in wakes if (found := devices.devices_of_zone(wake.unit, row.key))]
    if row.kind not in WAKING:
        return []
    state = journal().last_known_alarm(row.alarm) if row.alarm else None
    if state is None:
        return []
    try:
        event = journal().open_event(row)
    except (KeyErased, UnsealError, KeyError, msgspec.MsgspecError):
        return []
    wakes = wakes_of(event, state, row.seq, row.at_us, clock().now_us())
    return [(wake, found) for wake in wakes if (found := devices.devices_for(wake, state, _actor_of(event)))]


def plan_again(alarm: str, wake: Wake) -> tuple[Wake, list[Device]] | None:
    """The next try of a wake-up that reached nobody; None when it is not needed any more."""
    state = journal().last_known_alarm(alarm) if alarm else None
    if state is None or is_settled(wake, state):
        return None
    again = msgspec.structs.replace(wake, attempt=wake.attempt + 1)
    return again, devices.devices_for(again, state)


def do_note(alarm: str, wake: Wake, road: str, whys: Mapping[str, str]) -> None:
    """What became of one try: a word of why for each device, empty for those that were woken. One step, so that the
    ladder never sees only half of it. What woke somebody beside an alarm has no ladder, and is noted nowhere."""
    if not alarm:
        return

    def decide(_state: AlarmState) -> list[Event]:
        return [
            PushTried(
                road=road,
                wake=wake.id,
                to=wake.to,
                unit=wake.unit,
                device=device,
                step=wake.step,
                rung=wake.rung,
                attempt=wake.attempt,
                why=why,
            )
            for device, why in whys.items()
        ]

    journal().decide(alarm, decide)


def _actor_of(event: Event) -> str:
    return str(getattr(event, "user", ""))
