"""Pure rules of which kit of a zone comes first, and whose turn it is.

A kit in an open alarm outranks all; then those from which an alarm may not get through, gravest danger first; then what
else the zone was notified of; then what only the person was notified of; then those that are well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from egide.fleet.supervision import rules as watch

# What may keep an alarm from getting through at all.
CUT_OFF = frozenset({watch.CLEARED, watch.SILENT, watch.UNPAIRED, watch.LEFT, watch.AWAY})

ALARM, ENROL_ANEW, ENROL, TROUBLE, WAIT, NOTHING = (
    "alarm",
    "enrol-anew",
    "enrol",
    "trouble",
    "wait",
    "nothing",
)
_LEVELS = {level: rank for rank, level in enumerate(watch.LEVELS)}
_TROUBLES = {what: rank for rank, what in enumerate(watch.TROUBLES)}


class Known(Protocol):
    """Something that is wrong with a kit, since when, and when the zone was notified (None: not yet)."""

    @property
    def what(self) -> str: ...
    @property
    def since_us(self) -> int: ...
    @property
    def zone_us(self) -> int | None: ...


@dataclass(frozen=True)
class Kit:
    """A kit that is out. `level` is empty while nobody watches; `is_refused`: its phone proves itself no more."""

    level: str = ""
    is_alarmed: bool = False
    is_refused: bool = False
    troubles: Sequence[Known] = ()


def foremost(troubles: Sequence[Known]) -> Known | None:
    """The trouble to act on: the gravest of those that the zone knows of, else the gravest."""
    return min(troubles, key=lambda one: (one.zone_us is None, _TROUBLES[one.what]), default=None)


def next_step(kit: Kit) -> str:
    """The one thing to do about this kit; TROUBLE: what its gravest trouble asks for, WAIT: she was notified, wait."""
    trouble = foremost(kit.troubles)
    if kit.is_alarmed:
        return ALARM
    if kit.is_refused:
        return ENROL_ANEW
    if trouble is None:
        return NOTHING
    return WAIT if trouble.zone_us is None else TROUBLE


def urgency(kit: Kit) -> tuple[int, int, int, int]:
    """Sorts kits: the smallest comes first."""
    trouble, level = foremost(kit.troubles), _LEVELS.get(kit.level, len(_LEVELS))
    is_cut_off = kit.is_refused or any(one.what in CUT_OFF for one in kit.troubles)
    if kit.is_alarmed:
        group = 0
    elif is_cut_off:
        group = 1
    elif trouble is None:
        group = 4
    else:
        group = 2 if trouble.zone_us is not None else 3
    rank = _TROUBLES[trouble.what] if trouble else -1
    return (group, level, rank, trouble.since_us if trouble else 0)
