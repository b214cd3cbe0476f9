"""Two lanes beside the alarms: presses that did not verify (safety rule 10), and test presses (rule 20)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from egide.access.registries.barring import files_that_bar
from egide.access.rules import Scope
from egide.alarm.events import HalfReceived, TestReceived, VerificationFailed
from egide.common.sealing import UnsealError
from egide.events.base import Event
from egide.journal.chain import Stored
from egide.journal.queries.general import seqs_of_kinds, zone_of_device
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal
from egide.protocol.envelope import Battery, Trigger

_LOOK_BACK = 20_000
_KEPT = 50
SHOWN_FOR_S = 24 * 3600
# The reason that half of a press stands there with; a word of desk.words.
HALF = "half-message"


@dataclass(frozen=True)
class Failed:
    """One message that could not be verified; `zone` manages the kit."""

    device: str
    zone: str
    reason: str
    at_us: int
    seq: int
    centres: tuple[str, ...]
    case: str


@dataclass(frozen=True)
class Test:
    """One test press that came through, from a kit that `zone` manages. `by_button` says that the button was held, not
    the phone touched."""

    __test__ = False

    zone: str
    by_button: bool
    battery: Battery | None
    is_late: bool
    at_us: int
    seq: int
    centres: tuple[str, ...]
    case: str


class _Dated(Protocol):
    @property
    def at_us(self) -> int: ...
    @property
    def centres(self) -> tuple[str, ...]: ...
    @property
    def case(self) -> str: ...


Shown = TypeVar("Shown", bound=_Dated)


class Lane(Generic[Shown]):
    """Follows the journal by its clear columns; unseals only the events of its kinds."""

    def __init__(
        self, kinds: tuple[type[Event], ...], read: Callable[[Journal, Event, Stored], Shown]
    ) -> None:
        self._kinds = [kind.__name__ for kind in kinds]
        self._read = read
        self._seq: int | None = None
        self._entries: tuple[Shown, ...] = ()

    def entries(self, journal: Journal, scope: Scope, now_us: int) -> list[Shown]:
        """What came from this centre's kits in the last 24 hours, latest first. What has no centre is everybody's.

        Of a file that bars this reader there is nothing (safety rule 27).
        """
        self._catch_up(journal)
        since_us = now_us - SHOWN_FOR_S * 1_000_000
        found = [
            entry
            for entry in reversed(self._entries)
            if entry.at_us >= since_us and (not entry.centres or scope.centres.intersection(entry.centres))
        ]
        hidden = files_that_bar(scope) if found else frozenset()
        return [entry for entry in found if entry.case not in hidden]

    def _catch_up(self, journal: Journal) -> None:
        head = journal.head()
        after = max(0, head - _LOOK_BACK) if self._seq is None else self._seq
        if head == after:
            return
        found = [self._opened(journal, seq) for seq in seqs_of_kinds(journal, self._kinds, after, head)]
        self._entries = (*self._entries, *(entry for entry in found if entry is not None))[-_KEPT:]
        self._seq = head

    def _opened(self, journal: Journal, seq: int) -> Shown | None:
        """One entry; None when its case was erased."""
        row = journal.read(after=seq - 1, limit=1)[0]
        try:
            return self._read(journal, journal.open_event(row), row)
        except (KeyErased, UnsealError):
            return None


def technical_lane() -> Lane[Failed]:
    """Presses that named a known kit but did not verify, and halves of presses."""
    return Lane((VerificationFailed, HalfReceived), _failed)


def test_lane() -> Lane[Test]:
    """Test presses: never alarms, never counted as such."""
    return Lane((TestReceived,), _test)


def _failed(journal: Journal, event: Event, row: Stored) -> Failed:
    if isinstance(event, HalfReceived):
        reason = HALF
    else:
        assert isinstance(event, VerificationFailed), row.kind
        reason = event.reason
    zone = zone_of_device(journal, event.device)
    return Failed(event.device, zone, reason, row.at_us, row.seq, row.centres, row.key)


def _test(journal: Journal, event: Event, row: Stored) -> Test:
    assert isinstance(event, TestReceived), row.kind
    return Test(
        zone=zone_of_device(journal, event.device),
        by_button=event.trigger == Trigger.BUTTON,
        battery=event.battery,
        is_late="late" in event.flags,
        at_us=row.at_us,
        seq=row.seq,
        centres=row.centres,
        case=row.key,
    )
