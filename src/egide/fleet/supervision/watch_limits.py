"""How long each fault of a kit may last before a person is notified: the installation's file, then what was set last.

Without Django: the worker reads it too. Every value is checked by the rules before it counts (safety rule 35).
"""

from dataclasses import dataclass, replace

from egide.events.register import WatchLimitsSet
from egide.fleet.supervision.limit_faults import check_settings
from egide.fleet.supervision.rules import LEVELS, Ladder, Settings
from egide.journal.queries.general import last_seq
from egide.journal.service import Entry, Journal

STREAM = "supervision"


@dataclass(frozen=True)
class Limits:
    """Settings that are in force; `by` set them at `at_us`, nobody ("") where those of the installation hold."""

    settings: Settings
    by: str = ""
    at_us: int = 0


def limits_of(journal: Journal, base: Settings) -> Limits:
    """What is in force: `base` (the installation's own) with what was set last. Raises WrongSettings."""
    seq = last_seq(journal, STREAM)
    if not seq:
        return Limits(base)
    stored = journal.read(after=seq - 1, limit=1)[0]
    event = journal.open_event(stored)
    assert isinstance(event, WatchLimitsSet)
    ladders = {level: dict(base.ladders[level]) for level in LEVELS}
    for level, of_level in event.ladders.items():
        ladders[level] |= {what: Ladder(*seconds) for what, seconds in of_level.items()}
    settings = replace(
        base,
        ladders=ladders,
        test_days=dict(base.test_days) | event.test_days,
        battery_low_pct=event.battery_low_pct,
        battery_good_pct=event.battery_good_pct,
    )
    check_settings(settings)
    return Limits(settings, event.by, stored.at_us)


def do_set_limits(journal: Journal, by: str, settings: Settings) -> None:
    """Put these in force for all kits from now on. Raises WrongSettings."""
    check_settings(settings)
    event = WatchLimitsSet(
        by=by,
        ladders={
            level: {what: (one.person, one.zone, one.officer) for what, one in of_level.items()}
            for level, of_level in settings.ladders.items()
        },
        test_days=dict(settings.test_days),
        battery_low_pct=settings.battery_low_pct,
        battery_good_pct=settings.battery_good_pct,
    )
    journal.append([Entry(stream=STREAM, event=event)])
