"""The writer: what waits becomes durable as one group, and only then are the receipts signed and the answers let go."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec

from egide.alarm.events import HalfReceived, VerificationFailed
from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.common.sealing import UnsealError
from egide.intake import lookup
from egide.intake.answers import do_note_answer
from egide.intake.enrol import Enrolled, do_enrol, reply_for
from egide.intake.lookup import ForPhone
from egide.intake.opening import NotOpened, do_open
from egide.intake.passing import (
    BLOCKED,
    HALF,
    Answered,
    AnswerTried,
    Arrival,
    Enrolment,
    Failure,
    Item,
    Opening,
    Report,
)
from egide.intake.receipt_keys import link_of, signing_keys
from egide.intake.refusals import full, refuse, unavailable, unknown
from egide.intake.resting import Rested, Resting
from egide.intake.rules import Conflict, Device, decide_canary, decide_message, marked
from egide.intake.sources.taking import Reports
from egide.journal.canaries import STREAM as CANARY
from egide.journal.canaries import find_canary
from egide.journal.errors import JournalError, JournalFull
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.openings import Openings
from egide.journal.queries.intake import place_of
from egide.journal.reader import Reader
from egide.journal.sealing.blobs import Blobs
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Entry, Journal
from egide.journal.transaction import Transaction
from egide.protocol.envelope import Kind, Message
from egide.protocol.opening import OpeningReply
from egide.protocol.receipt import Pending, Receipt, sign_receipt
from egide.protocol.receipt_key import PENDING

log = logging.getLogger("egide.intake")

FAILURE_PAUSE_US = 10_000_000
# For this long a repeat is answered with the present state: a message recorded and sent later reveals nothing.
REPEAT_TELLS_S = 300
_MAX_TRACKED = 100_000
_NOTED, _RECEIVED = ForPhone("noted"), ForPhone("received")
# As the number that it is: passing an enumerated one on costs a microsecond.
_CREATED = int(HTTPStatus.CREATED)
# What may go wrong with one item without ending the writer, on which everybody's presses depend.
_FAULTS = (JournalError, KeyErased, UnsealError)


class _Kept(msgspec.Struct):
    """A message that is stored as soon as the transaction is durable: what its receipt will say.

    `told` None: what is true of its stream behind all of its group.
    """

    arrival: Arrival
    seq: int
    at_us: int
    stream: str
    told: ForPhone | None
    next_counter: int


Outcome = _Kept | Answered


class Writer:
    """Stores groups of items. Used by one thread only; it alone holds keys."""

    def __init__(
        self, config: Config, journal: Journal, clock: Clock, heartbeats: Heartbeats | None = None
    ) -> None:
        self._config = config
        self._journal = journal
        self._clock = clock
        self._key, _following = signing_keys(config)
        link = link_of(config)
        self._announced = (Pending(PENDING, link),) if link else ()
        self._blobs = Blobs(config, journal.keys)
        self._openings = Openings(config)
        self._failures: dict[str, int] = {}
        self._reports = Reports(journal, clock, self._is_news)
        # Why the last group could not be stored; None when it was.
        self._fault: Exception | None = None
        self._resting = Resting(heartbeats or Heartbeats(config), journal.keys.has)

    def warm(self) -> None:
        """Unwrap keys ahead, so that a press does not wait for it."""
        self._journal.keys.warm()

    def handle(self, items: Sequence[Item]) -> list[Answered]:
        """Make the items durable and answer each. One that cannot be stored never takes its neighbours with it."""
        answers = [self._enrol(item) for item in items if isinstance(item, Enrolment)]
        arrivals = [item for item in items if isinstance(item, Arrival)]
        answers += [self._note_failure(item) for item in items if isinstance(item, Failure)]
        answers += [self._open(item) for item in items if isinstance(item, Opening)]
        answers += [self._note_answer(item) for item in items if isinstance(item, AnswerTried)]
        answers += [self._reports.take(item) for item in items if isinstance(item, Report)]
        rested, verified = self._rest(arrivals)
        answers += rested
        if verified:
            self._keep_sound(verified)
            outcomes = self._commit(verified)
            if outcomes is None:
                outcomes = self._commit_each(verified)
            answers += [self._answered(outcome) for outcome in outcomes]
        return answers

    def note_remembered(self, is_busy: bool = False) -> None:
        """Note the signs of life that nobody waits for, once the answers have left; only what is due when `is_busy`."""
        if not is_busy or self._resting.must_note(self._clock.now_us()):
            self._resting.note_remembered()

    def _rest(self, arrivals: Sequence[Arrival]) -> tuple[list[Answered], list[Arrival]]:
        """Answer the heartbeats of phones at rest; returns what goes the way of events."""
        if not any(arrival.message.kind is Kind.HEARTBEAT for arrival in arrivals):
            return [], list(arrivals)
        now_us = self._clock.now_us()
        try:
            with self._journal.reading() as reader:
                rested, others = self._resting.take(reader, arrivals, now_us)
        except _FAULTS as error:
            log.exception("heartbeats could not be noted")
            self._fault = error
            # They say it again; what is more than a heartbeat must not suffer.
            others = [arrival for arrival in arrivals if arrival.message.kind is not Kind.HEARTBEAT]
            refused = [arrival for arrival in arrivals if arrival.message.kind is Kind.HEARTBEAT]
            return [unavailable(arrival) for arrival in refused], others
        return [self._receipt(_kept_at_rest(one, now_us)) for one in rested], others

    def _keep_sound(self, arrivals: Sequence[Arrival]) -> None:
        """Sound is on the disk before the journal names it. What cannot be kept is refused later, and comes again."""
        for arrival in arrivals:
            if arrival.message.kind is not Kind.AUDIO:
                continue
            try:
                with self._journal.reading() as reader:
                    device = lookup.find_device(reader, arrival.kid)
                if device is not None and not device.is_superseded:
                    self._blobs.put(device.case, arrival.digest.hex(), arrival.data)
            except (*_FAULTS, OSError):
                log.exception("a piece of sound could not be kept")

    def _commit(self, group: Sequence[Arrival]) -> list[Outcome] | None:
        """Store the group in one durable step; None when that failed and each should be tried alone."""
        try:
            kids = {arrival.kid for arrival in group}
            at_rest = self._resting.counters(kids)
            with self._journal.transaction() as transaction:
                senders = lookup.Senders(transaction, [(arrival.kid, arrival.message) for arrival in group])
                transaction.foresee(senders.likely())
                outcomes = [self._store(transaction, arrival, senders, at_rest) for arrival in group]
                _tell_all(transaction, outcomes)
        except JournalFull:
            return [full(arrival) for arrival in group]
        except _FAULTS as error:
            log.exception("a group of %d messages could not be stored", len(group))
            self._fault = error
            return None
        self._fault = None
        return outcomes

    def _commit_each(self, group: Sequence[Arrival]) -> list[Outcome]:
        """Each alone, after the group could not be stored."""
        return [(self._commit([arrival]) or [unavailable(arrival)])[0] for arrival in group]

    def _store(
        self, transaction: Transaction, arrival: Arrival, senders: lookup.Senders, at_rest: Mapping[str, int]
    ) -> Outcome:
        now_us, content = transaction.now_us, arrival.message
        device = senders.device(arrival.kid)
        if device is None:
            return self._store_canary(transaction, arrival)
        if not transaction.has_key(device.case):
            return unknown(arrival)
        if device.is_blocked:
            return self._turn_away(transaction, device, arrival)
        heard = at_rest.get(device.device, 0)
        found = lookup.find_before(senders, device, content, arrival.digest, now_us, heard)
        if found.repeat_seq is not None:
            stream, _case, at_us = place_of(transaction, found.repeat_seq)
            told, stream = _told(device, content, stream)
            if not 0 <= now_us - at_us < REPEAT_TELLS_S * 1_000_000:
                told = _NOTED
            return _Kept(arrival, found.repeat_seq, at_us, stream, told, found.next_counter)
        is_sound = content.kind is Kind.AUDIO and not device.is_superseded
        if is_sound and not self._blobs.has(arrival.digest.hex()):
            return full(arrival)
        try:
            decided = decide_message(device, content, arrival.data, found.before, now_us)
            placed = marked(decided, by_sms=arrival.by_sms, was_kept=arrival.was_kept)
        except Conflict as conflict:
            return refuse(arrival, HTTPStatus.CONFLICT, "counter-used", str(conflict))
        self._resting.remember(device.device, content, now_us)
        if placed.event is None:
            return _Kept(arrival, 0, now_us, placed.stream, _NOTED, found.next_counter)
        expected = 0 if placed.event.origin is not None else None
        # An alarm's centre is found by routing; a test has none to wait for.
        is_test = content.kind is Kind.TEST
        entry = Entry(
            stream=placed.stream,
            event=placed.event,
            case=device.case,
            expected=expected,
            centres=(device.origin.home_centre,) if is_test else (),
            zones=(device.origin.managing_zone,) if is_test else (),
        )
        senders.note_moved(device.kit)
        seq = transaction.append(entry).seq
        if expected == 0:
            return _Kept(arrival, seq, now_us, placed.stream, _RECEIVED, found.next_counter)
        told, stream = _told(device, content, placed.stream)
        return _Kept(arrival, seq, now_us, stream, told, found.next_counter)

    def _turn_away(self, transaction: Transaction, device: Device, arrival: Arrival) -> Answered:
        """A blocked phone is answered as if nobody knew it; its presses show in the technical lane alone."""
        if arrival.message.kind is Kind.PRESS and self._is_news(device.device, transaction.now_us):
            blocked = Failure(arrival.number, arrival.kid, arrival.digest, BLOCKED)
            transaction.append(_failure_entry(device, blocked))
        return unknown(arrival)

    def _store_canary(self, transaction: Transaction, arrival: Arrival) -> Outcome:
        """The watch's own press: through the same transaction, into a stream of its own, known to no case."""
        canary = find_canary(transaction, arrival.kid)
        if canary is None:
            return unknown(arrival)
        try:
            event = decide_canary(
                canary.device, canary.counter, canary.digest, arrival.message, arrival.digest
            )
        except Conflict as conflict:
            return refuse(arrival, HTTPStatus.CONFLICT, "counter-used", str(conflict))
        stream, next_counter = f"{CANARY}{canary.device}", arrival.message.counter + 1
        if event is None:
            return _Kept(arrival, canary.seq, canary.at_us, stream, _NOTED, next_counter)
        seq = transaction.append(Entry(stream=stream, event=event)).seq
        return _Kept(arrival, seq, transaction.now_us, stream, _NOTED, next_counter)

    def _has_key(self, case: str) -> bool:
        try:
            self._journal.keys.case_key(case)
        except KeyErased:
            return False
        return True

    def _answered(self, outcome: Outcome) -> Answered:
        return self._receipt(outcome) if isinstance(outcome, _Kept) else outcome

    def _receipt(self, kept: _Kept) -> Answered:
        """The signed receipt. Only called when the message is durable."""
        told = kept.told or _NOTED
        receipt = Receipt(
            seq=kept.seq,
            alarm=kept.stream.partition(":")[2] if kept.stream.startswith("alarm:") else "",
            received_at=kept.at_us // 1000,
            state=told.state,
            next_counter=kept.next_counter,
            pending=(*told.pending, *self._announced),
        )
        receipt = sign_receipt(self._key, kept.arrival.digest, receipt)
        counted_as = "canary" if kept.stream.startswith(CANARY) else ""
        return Answered(kept.arrival.number, _CREATED, counted_as, msgspec.json.encode(receipt))

    def _note_failure(self, failure: Failure) -> Answered:
        """For the technical lane (safety rule 10); at most one in ten seconds for a device: no flood."""
        try:
            with self._journal.reading() as reader:
                device = lookup.find_device(reader, failure.kid)
            if device is None or not self._has_key(device.case):
                return unknown(failure)
        except _FAULTS:
            log.exception("the device of a failed verification could not be read")
            return unavailable(failure)
        if self._is_news(device.device, self._clock.now_us()):
            try:
                self._journal.append([_failure_entry(device, failure)])
            except _FAULTS:
                log.exception("a failed verification could not be kept")
        return refuse(failure, HTTPStatus.UNAUTHORIZED, failure.reason)

    def _is_news(self, device: str, now_us: int) -> bool:
        """Whether a failure of this device is noted: one in a while. Also when the clock was set back."""
        if 0 <= now_us - self._failures.get(device, -FAILURE_PAUSE_US) < FAILURE_PAUSE_US:
            return False
        if len(self._failures) >= _MAX_TRACKED:
            self._failures.clear()
        self._failures[device] = now_us
        return True

    def _open(self, item: Opening) -> Answered:
        """The server's half for a code, right or wrong: nobody here knows which."""
        try:
            now_s = self._clock.now_us() // 1_000_000
            part = do_open(self._journal, self._openings, item.kid, item.tag, now_s)
        except NotOpened as refusal:
            return refuse(item, refusal.status, refusal.reason)
        except _FAULTS:
            log.exception("an opening could not be counted")
            return unavailable(item)
        body = msgspec.json.encode(OpeningReply(to_base64url(part)))
        return Answered(item.number, HTTPStatus.CREATED, "opening", body)

    def _note_answer(self, item: AnswerTried) -> Answered:
        try:
            is_noted = do_note_answer(self._journal, item)
        except _FAULTS:
            log.exception("what became of an answer by SMS could not be kept")
            return unavailable(item)
        if not is_noted:
            return refuse(item, HTTPStatus.NOT_FOUND, "unknown-press")
        return Answered(item.number, HTTPStatus.CREATED, "answer", b"")

    def _enrol(self, item: Enrolment) -> Answered:
        now_s = self._clock.now_us() // 1_000_000
        try:
            enrolled = do_enrol(self._journal, item.request, item.public_key, now_s)
        except JournalFull:
            return full(item)
        except _FAULTS:
            log.exception("an enrolment could not be stored")
            return unavailable(item)
        return self._enrolled(item, enrolled)

    def _enrolled(self, item: Enrolment, enrolled: Enrolled | None) -> Answered:
        if enrolled is None:
            return refuse(item, HTTPStatus.NOT_FOUND, "unknown-code")
        reply = reply_for(enrolled, bytes(self._key.verify_key), self._config)
        return Answered(item.number, HTTPStatus.CREATED, "enrolled", msgspec.json.encode(reply))


def _told(device: Device, content: Message, stream: str) -> tuple[ForPhone | None, str]:
    """What the reply says of the stream, and which alarm it names.

    An earlier phone learns of its own press alone: neither of an alarm that it joined nor how far that is.
    """
    if not device.is_superseded:
        return None, stream
    if content.kind is Kind.PRESS:
        return _RECEIVED, f"alarm:{device.device}-{content.counter}"
    return _NOTED, f"device:{device.device}"


def _tell_all(reader: Reader, outcomes: Sequence[Outcome]) -> None:
    """Say what is true of each stream for which nothing is said yet: asked once."""
    untold = [one for one in outcomes if isinstance(one, _Kept) and one.told is None]
    if untold:
        told = lookup.for_phones(reader, {one.stream for one in untold})
        for one in untold:
            one.told = told[one.stream]


def _kept_at_rest(rested: Rested, now_us: int) -> _Kept:
    return _Kept(rested.arrival, 0, now_us, f"device:{rested.arrival.kid}", rested.told, rested.next_counter)


def _failure_entry(device: Device, failure: Failure) -> Entry:
    digest, home_centre = failure.digest.hex(), device.origin.home_centre
    event: HalfReceived | VerificationFailed
    if failure.reason == HALF:
        event = HalfReceived(device=device.device, digest=digest, home_centre=home_centre)
    else:
        event = VerificationFailed(
            device=device.device, reason=failure.reason, envelope_hash=digest, home_centre=home_centre
        )
    return Entry(
        stream=f"device:{device.device}",
        event=event,
        case=device.case,
        centres=(home_centre,),
        zones=(device.origin.managing_zone,),
    )
