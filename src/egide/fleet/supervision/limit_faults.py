"""Which limits of supervision are impossible, or would leave somebody alone for too long. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from egide.fleet.supervision.rules import (
    CLEARED,
    DAY_S,
    HIGHEST,
    HOUR_S,
    LEVELS,
    LONGEST_PROBE_S,
    OFFICER,
    ORDINARY,
    SILENT,
    SILENT_PAGE,
    URGENT,
    WHOM,
    ZONE,
    Settings,
)


class WrongSettings(ValueError):
    """Settings that would leave somebody alone for too long, or contradict each other; the message says which."""


@dataclass(frozen=True)
class Fault:
    """A setting that is not possible: its level and trouble, whom it notifies ("" for a battery's charge), and why."""

    level: str
    what: str
    whom: str
    why: str


def faults_in(settings: Settings) -> Iterator[Fault]:
    """Everything that is wrong with settings, by why: "order", "graver", "hour", "page", "day", "battery", "probe".

    Silence at the highest level reaches everybody within the hour (safety rule 35), and cleared storage the zone within
    the hour at every level, whether a push service was asked or nobody (safety rule 22).
    """
    if settings.probe_s > LONGEST_PROBE_S:
        yield Fault("", "", "", "probe")
    for level in LEVELS:
        for what, ladder in settings.ladders[level].items():
            if not 0 <= ladder.person <= ladder.zone:
                yield Fault(level, what, ZONE, "order")
            if ladder.zone > ladder.officer:
                yield Fault(level, what, OFFICER, "order")
        for what, most_s in ((SILENT_PAGE, HOUR_S), (CLEARED, HOUR_S - LONGEST_PROBE_S)):
            if settings.ladders[level][what].zone > most_s:
                yield Fault(level, what, ZONE, "page")
    silent = {level: settings.ladders[level][SILENT] for level in LEVELS}
    for whom in WHOM:
        if silent[HIGHEST].after(whom) > HOUR_S:
            yield Fault(HIGHEST, SILENT, whom, "hour")
        if silent[URGENT].after(whom) >= DAY_S:
            yield Fault(URGENT, SILENT, whom, "day")
    for milder, graver in ((ORDINARY, URGENT), (URGENT, HIGHEST)):
        for whom in WHOM:
            if silent[graver].after(whom) > silent[milder].after(whom):
                yield Fault(graver, SILENT, whom, "graver")
    if settings.battery_low_pct >= settings.battery_good_pct:
        yield Fault("", "", "", "battery")


_WHY = {
    "order": "person, zone, officer must follow each other",
    "graver": "silence of a graver level may not last longer than that of a milder one",
    "hour": f"silence of {HIGHEST} must reach everybody within {HOUR_S} seconds",
    "page": "the zone must hear of a web page's cleared storage within the hour",
    "probe": f"probe_s may be {LONGEST_PROBE_S} at most",
    "day": f"silence of {URGENT} may not last a day",
    "battery": "battery_good_pct must lie above battery_low_pct",
}


def check_settings(settings: Settings) -> None:
    """Raises WrongSettings with the first fault."""
    for fault in faults_in(settings):
        place = f"{fault.level}.{fault.what}: " if fault.level else ""
        raise WrongSettings(f"{place}{_WHY[fault.why]}")
