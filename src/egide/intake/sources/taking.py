"""Takes one report: finds the source's key, checks what came, and makes it durable before anybody is answered."""

import hashlib
import logging
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from egide.alarm.events import SourcePressed, VerificationFailed
from egide.common.clock import Clock
from egide.common.sealing import UnsealError
from egide.events.sources import SourceEnrolled, SourceHeard
from egide.intake import lookup
from egide.intake.passing import Answered, Report
from egide.intake.refusals import full, refuse, unavailable
from egide.intake.sources.rules import (
    AGAIN_S,
    Said,
    Unreadable,
    decide_press,
    is_noted,
    read_advertised,
    read_event,
    read_signalled,
)
from egide.journal.errors import JournalError, JournalFull
from egide.journal.queries import intake as queries
from egide.journal.queries.sources import KnownSource, find_source
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal
from egide.journal.transaction import Transaction
from egide.protocol.dc09.frames import acknowledged, read_frame
from egide.protocol.sources import BTHOME, DC09, PURPOSE, TRACCAR, source_id

log = logging.getLogger("egide.intake")

_FAULTS = (JournalError, KeyErased, UnsealError)


class NotTaken(Exception):
    """A report is refused: `status` and `reason` are for whoever gave it.

    `shown`: the source in whose name it came, where it cannot be its press: the technical lane shows it (rule 10).
    """

    def __init__(self, status: HTTPStatus, reason: str, shown: KnownSource | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.shown = shown


class Taken(msgspec.Struct, frozen=True):
    """The body of the answer: the same for everything that was understood, so that a carrier learns of no press.

    `answer` is what a device waits for, in hexadecimal; only the writer has the key for it.
    """

    state: str = "received"
    answer: str | msgspec.UnsetType = msgspec.UNSET


class Reports:
    """Used by the writer's thread alone. `is_news`: whether a failure of this source is shown now; no flood is."""

    def __init__(self, journal: Journal, clock: Clock, is_news: Callable[[str, int], bool]) -> None:
        self._journal = journal
        self._clock = clock
        self._is_news = is_news

    def take(self, report: Report) -> Answered:
        """Make one report durable, and answer it."""
        try:
            taken = do_take(self._journal, report, self._clock.now_us())
        except NotTaken as refusal:
            if refusal.shown is not None:
                self._show(refusal.shown, report, refusal.reason)
            return refuse(report, refusal.status, refusal.reason)
        except JournalFull:
            return full(report)
        except _FAULTS:
            log.exception("a report could not be stored")
            return unavailable(report)
        return Answered(report.number, int(HTTPStatus.OK), "report", msgspec.json.encode(taken))

    def _show(self, known: KnownSource, report: Report, reason: str) -> None:
        if not self._is_news(known.source, self._clock.now_us()):
            return
        event = VerificationFailed(
            device=known.source,
            reason=reason,
            envelope_hash=hashlib.sha256(report.data).hexdigest(),
            home_centre=known.home_centre,
        )
        entry = Entry(
            stream=f"source:{known.source}",
            event=event,
            case=known.case,
            centres=(known.home_centre,),
            zones=(known.managing_zone,),
        )
        try:
            self._journal.append([entry])
        except _FAULTS:
            log.exception("a report that is not its source's could not be kept")


def do_take(journal: Journal, report: Report, now_us: int) -> Taken:
    """Keep a report, once however often it comes. Raises NotTaken, KeyErased, JournalError."""
    source = report.source or source_id(journal.keys.purpose_key(PURPOSE).raw, report.road, report.name)
    with journal.reading() as reader:
        known = find_source(reader, source)
    if known is None or known.road != report.road:
        raise NotTaken(HTTPStatus.UNAUTHORIZED, "unknown-source")
    row = journal.read(after=known.enrolled_seq - 1, limit=1)[0]
    enrolled = journal.open_event(row)
    assert isinstance(enrolled, SourceEnrolled), row.kind
    try:
        said = _READERS[report.road](report, enrolled, now_us // 1_000_000)
    except Unreadable as error:
        if error.is_shown:
            raise NotTaken(HTTPStatus.UNAUTHORIZED, error.reason, known) from error
        raise NotTaken(HTTPStatus.BAD_REQUEST, error.reason) from error
    if not _is_said_again(journal, source, said):
        with journal.transaction() as transaction:
            _keep(transaction, source, said, report)
    return Taken() if report.road != DC09 else Taken(answer=_answer(report, enrolled, now_us).hex())


def _keep(transaction: Transaction, source: str, said: Said, report: Report) -> None:
    """Everything is looked at again within the transaction: another gateway may have brought the same frame."""
    known = find_source(transaction, source)
    if known is None or not transaction.has_key(known.case):
        raise NotTaken(HTTPStatus.UNAUTHORIZED, "unknown-source")
    if _is_kept(transaction, source, said, report):
        return
    if said.must_rise and said.counter <= known.highest:
        if said.counter == known.highest and not said.is_press:
            return
        raise NotTaken(HTTPStatus.CONFLICT, "old-counter", known if said.is_press else None)
    if not said.is_press:
        if is_noted(said, known, transaction.now_us):
            heard = SourceHeard(source=source, counter=said.counter, battery_pct=said.battery_pct)
            transaction.append(Entry(stream=f"source:{source}", event=heard, case=known.case))
        return
    alarms = queries.alarms_of_kits(transaction, (known.kit,)).get(known.kit, [])
    joinable, _is_open = lookup.joinable_among(alarms, known.case, transaction.now_us)
    stream, event = decide_press(known, said, report.data, report.carrier, joinable, transaction.now_us)
    if event.origin is not None and transaction.version(stream):
        # A device whose clock stands still: its alarm of that moment opens again.
        event = msgspec.structs.replace(event, origin=None)
    expected = 0 if event.origin is not None else None
    transaction.append(Entry(stream=stream, event=event, case=known.case, expected=expected))


def _is_kept(transaction: Transaction, source: str, said: Said, report: Report) -> bool:
    named = source, said.counter
    digest = hashlib.sha256(report.data).digest()
    kept = queries.kept_messages(transaction, (named,)).get(named, ())
    return any(digest_of == digest for _seq, _stream, digest_of in kept)


def _is_said_again(journal: Journal, source: str, said: Said) -> bool:
    """A device that heard no answer says the same press under the same number, with the time of its new try. It counts
    once, as long as the alarm is open: then somebody has it."""
    if not (said.sequence and said.is_press):
        return False
    named = [(source, said.counter + by_s) for by_s in range(-AGAIN_S, AGAIN_S + 1)]
    with journal.reading() as reader:
        kept = queries.kept_messages(reader, named)
    for seq, stream, _digest in (one for some in kept.values() for one in some):
        pressed = journal.open_event(journal.read(after=seq - 1, limit=1)[0])
        assert isinstance(pressed, SourcePressed)
        if read_frame(pressed.report).sequence == said.sequence:
            return stream.partition(":")[2] in journal.open_alarms()
    return False


def _answer(report: Report, enrolled: SourceEnrolled, now_us: int) -> bytes:
    """What tells the device that its frame is durable."""
    return acknowledged(read_frame(report.data), enrolled.key, now_us // 1_000_000)


def _frame(report: Report, enrolled: SourceEnrolled, _now_s: int) -> Said:
    return read_advertised(report.data, enrolled.name, enrolled.key, enrolled.place)


def _event(report: Report, _enrolled: SourceEnrolled, _now_s: int) -> Said:
    return read_event(report.data)


def _signal(report: Report, enrolled: SourceEnrolled, now_s: int) -> Said:
    return read_signalled(report.data, enrolled.key, enrolled.place, now_s)


_READERS: dict[str, Callable[[Report, SourceEnrolled, int], Said]] = {
    BTHOME: _frame,
    TRACCAR: _event,
    DC09: _signal,
}
