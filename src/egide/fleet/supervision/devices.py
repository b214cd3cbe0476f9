"""Devices that say every so often that they work and fell silent: a trouble of their kit, as a phone's silence is.

Nobody tells the person's phone: the device may be watched by somebody who has the phone (decision 0108).
"""

import logging

from egide.events.base import Event
from egide.events.register import KitTroubleSolved, KitTroubleTold
from egide.fleet.supervision.rules import DEVICE, HIGHEST, OFFICER, SILENT, ZONE, Settings
from egide.journal.queries.sources import Polling, pollings, troubled
from egide.journal.queries.watched import is_notified, is_open
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal

log = logging.getLogger("egide.supervision")

# That a device was heard is noted once in this time at most (`egide.intake.sources.rules`).
NOTED_EVERY_S = 600
_US = 1_000_000


def limit_s(every_s: int) -> int:
    """How long it may be silent: one question may be lost on its way."""
    return 2 * every_s + NOTED_EVERY_S


def look_at_devices(journal: Journal, settings: Settings, listening_s: int, now_s: int) -> None:
    """Note which kits have a silent device, and which have none any more. Raises JournalUnavailable.

    `listening_s` is since when the service itself has listened: before that nobody's silence counts.
    """
    with journal.reading() as reader:
        polled, known = pollings(reader), troubled(reader, DEVICE)
    silent: dict[str, Polling] = {}
    for one in polled:
        if now_s - max(one.heard_us // _US, listening_s) >= limit_s(one.every_s):
            first = silent.get(one.kit)
            silent[one.kit] = one if first is None or one.heard_us < first.heard_us else first
    for one in silent.values():
        for event in _told(one, settings, listening_s, now_s):
            _append(journal, one.kit, one.case, event)
    heard_us: dict[str, int] = {}
    for one in polled:
        heard_us[one.kit] = min(one.heard_us, heard_us.get(one.kit, one.heard_us))
    for kit, (case, since_us) in known.items():
        # A pause of the service hides a silence, and ends none.
        if kit not in silent and heard_us.get(kit, since_us + 1) > since_us:
            _append(journal, kit, case, KitTroubleSolved(kit=kit, what=DEVICE))


def _told(one: Polling, settings: Settings, listening_s: int, now_s: int) -> list[Event]:
    """Who is to hear of it by now, as of a phone that is silent."""
    ladder = settings.ladders.get(one.level, settings.ladders[HIGHEST])[SILENT]
    since_s = max(one.heard_us // _US, listening_s)
    return [
        KitTroubleTold(kit=one.kit, what=DEVICE, whom=whom, since_us=one.heard_us)
        for whom in (ZONE, OFFICER)
        if now_s - since_s >= max(ladder.after(whom), limit_s(one.every_s))
    ]


def _append(journal: Journal, kit: str, case: str, event: Event) -> None:
    """Where it still holds: another worker may have been faster."""
    try:
        with journal.transaction() as transaction:
            if isinstance(event, KitTroubleTold):
                holds = not is_notified(transaction, kit, event.what, event.whom)
            else:
                holds = is_open(transaction, kit, DEVICE)
            if holds:
                transaction.append(Entry(stream=f"kit:{kit}", event=event, case=case))
    except KeyErased:
        log.info("a kit's case was erased: nobody watches over its devices any more")
