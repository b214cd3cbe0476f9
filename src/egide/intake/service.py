"""Intake's public face: reads what arrives, checks signature and rate, and passes it on to the writer."""

import hashlib
import itertools
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from http import HTTPStatus

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.postgres.patience import answered_within
from egide.intake import lookup
from egide.intake.away.reaching import Reaching
from egide.intake.lookup import KnownKey
from egide.intake.passing import (
    FORGED,
    Answered,
    AnswerTried,
    Arrival,
    Enrolment,
    Failure,
    Item,
    Opening,
    Report,
    Store,
)
from egide.intake.refusals import problem
from egide.intake.rules import Bucket
from egide.intake.writer import Writer
from egide.intake.writer_thread import WriterThread
from egide.journal.errors import JournalUnavailable
from egide.journal.now.known import PublicKeys
from egide.journal.queries.sources import kit_of_source
from egide.journal.service import Journal
from egide.protocol.enrolment import EnrolmentRequest
from egide.protocol.envelope import EnvelopeError, Kind, Trigger, decode, unwrap
from egide.protocol.opening import opening_is_signed

log = logging.getLogger("egide.intake")

BURST, PER_S = 120.0, 4.0
# What a phone sends by itself leaves so many for what a person does: while hours of positions are made up for, a code
# under threat, "I am safe" and an answer pass at once. A code of her own says that it was entered by a sign of life.
LEFT_BY_SIGNS, LEFT_BY_REST = 20.0, 40.0
_LEFT = dict.fromkeys((Kind.PRESS, Kind.CANCEL, Kind.TEXT, Kind.TEST), 0.0) | {Kind.HEARTBEAT: LEFT_BY_SIGNS}
# Wrong enrolments of one address.
WRONG_BURST, WRONG_PER_S = 30.0, 0.5
# Further tries at codes end before the writer; how many different ones are allowed is counted there.
OPENING_BURST, OPENING_PER_S = 60.0, 0.2
# Reports of one source that is no phone: a held button is heard several times, by several gateways.
REPORT_BURST, REPORT_PER_S = 60.0, 1.0
STUCK_S = 3.0
LOOK_S = 1.0
# A journal that the writer could not reach so long ago is away.
KEPT_S = 2.0
_MAX_TRACKED = 100_000

Answer = tuple[int, bytes]
Reply = Callable[[Answer], None]
Deliver = Callable[[list[tuple[Reply, Answer]]], None]


class Intake:
    """Takes messages and enrolments.

    Each answer goes to the callback given with the message; `deliver` gets a group of them, in the thread where the
    store answers, and carries it to where callbacks run. Without a `store` the writer is a thread of this process.
    What is here needs no key: the journal may be one that was opened without.
    """

    def __init__(
        self,
        config: Config,
        journal: Journal,
        clock: Clock,
        deliver: Deliver,
        store: Store | None = None,
        *,
        is_away: bool = False,
    ) -> None:
        """`is_away`: the journal cannot be reached as this begins."""
        self._journal = journal
        self._clock = clock
        self._deliver = deliver
        self._store: Store = store or WriterThread(Writer(config, journal, clock))
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Reply] = {}
        self._is_lost = False
        # A journal that is a file of this machine answers at once, whatever it says.
        self._reaching = Reaching(journal.head) if config.journal else None
        self._copied = PublicKeys(config)
        self._is_away = is_away
        # A key id is the hash of its key, so what was found once is true for ever.
        self._keys: OrderedDict[str, KnownKey] = OrderedDict()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._forged: OrderedDict[str, Bucket] = OrderedDict()
        self._wrong_enrolments: OrderedDict[str, Bucket] = OrderedDict()
        self._openings: OrderedDict[str, Bucket] = OrderedDict()
        self._reports: OrderedDict[str, Bucket] = OrderedDict()
        self._answered = 0
        # When the writer said last that it keeps something.
        self._kept_us: int | None = None
        # The message that has waited longest when somebody last asked, and since when: a clock for each costs too much.
        self._oldest = (0, 0)
        self.counts: Counter[str] = Counter()
        # Signed heartbeats that were passed on.
        self.heartbeats = 0

    def start(self) -> None:
        """Start the writer, and read the keys of phones ahead, so that a press does not wait for it."""
        self._store.start(self._settle, self._lose)
        if self._is_away and self._reaching is not None:
            self._reaching.begin()
            return
        try:
            with self._journal.reading() as reader:
                self._keys.update(lookup.find_keys(reader, _MAX_TRACKED))
        except JournalUnavailable:
            # Each is looked up when its phone speaks.
            log.exception("the device table cannot be read")

    def stop(self) -> None:
        """Finish what waits, then end the writer."""
        self._store.stop()

    def submit(self, data: bytes, reply: Reply, *, by_sms: bool = False) -> None:
        """Take one message, whatever its road; the answer goes to `reply`, at once when it is refused here.

        Nothing of a message is read before it is known whose it is: an attack costs its sender more than us (rule 42).
        """
        try:
            sealed = unwrap(data)
        except EnvelopeError as error:
            reply(self.refuse(HTTPStatus.BAD_REQUEST, error.reason, error.detail))
            return
        kid = sealed.kid.hex()
        known = self._known_or_refused(kid, reply)
        if known is None:
            return
        digest = hashlib.sha256(data).digest()
        if not sealed.is_signed_by(known.public_key):
            self._take_forged(kid, digest, reply)
            return
        try:
            message = sealed.read()
        except EnvelopeError as error:
            reply(self.refuse(HTTPStatus.BAD_REQUEST, error.reason, error.detail))
            return
        is_press = message.kind is Kind.PRESS and not known.is_canary
        left = _LEFT.get(message.kind, LEFT_BY_REST)
        if not is_press and not _takes(self._buckets, kid, BURST, PER_S, self._clock.now_us(), left):
            reply(self.refuse(HTTPStatus.TOO_MANY_REQUESTS, "too-many-messages"))
            return
        self.heartbeats += message.kind is Kind.HEARTBEAT
        self._put(Arrival(next(self._numbers), kid, digest, data, message, by_sms), reply)

    def _take_forged(self, kid: str, digest: bytes, reply: Reply) -> None:
        """One a second is passed on, for the technical lane; a flood of them ends here."""
        if _takes(self._forged, kid, 1.0, 1.0, self._clock.steady_us()):
            self._put(Failure(next(self._numbers), kid, digest, FORGED), reply)
        else:
            reply(self.refuse(HTTPStatus.UNAUTHORIZED, FORGED))

    def knows(self, kid: str) -> bool:
        """Whether a phone with this key is enrolled. Raises JournalUnavailable."""
        return self._known_key(kid) is not None

    def verifies(self, data: bytes) -> bool:
        """Whether these bytes are a message of a key that is known. Raises JournalUnavailable."""
        try:
            sealed = unwrap(data)
            known = self._known_key(sealed.kid.hex())
            if known is None or not sealed.is_signed_by(known.public_key):
                return False
            sealed.read()
        except EnvelopeError:
            return False
        return True

    def whom_to_tell(self, data: bytes) -> str:
        """The phone that may learn that this message was kept: only of a press, and of none under threat; else "".

        Raises JournalUnavailable.
        """
        envelope = decode(data)
        message, kid = envelope.message, envelope.kid.hex()
        may_learn = message.kind is Kind.PRESS and message.trigger != Trigger.DURESS and self.may_tell(kid)
        return kid if may_learn else ""

    def may_tell(self, kid: str) -> bool:
        """Whether this phone may say now, where others may see it, that a press arrived.

        Raises JournalUnavailable.
        """
        with self._journal.reading() as reader:
            return lookup.may_say_arrived(reader, kid, self._clock.now_us())

    def note_failure(self, kid: str, digest: bytes, reason: str, reply: Reply) -> None:
        """What came in the name of a known key and is no message shows in the technical lane (safety rule 10)."""
        self._put(Failure(next(self._numbers), kid, digest, reason), reply)

    def note_answer(self, kid: str, press: int, attempt: int, why: str, reply: Reply) -> None:
        """What became of one try to answer a press by SMS stands beside it. From the thread that submits messages."""
        self._put(AnswerTried(next(self._numbers), kid, press, attempt, why), reply)

    def how_far(self) -> tuple[int, int]:
        """How many messages were answered by the writer, and how many were passed to it."""
        return self._answered, self._answered + len(self._waiting)

    def check_writer(self) -> bool:
        """Whether the writer answers. Asked every few seconds: the same message still waiting says that it does not."""
        oldest = next(iter(self._waiting), 0)
        now_us = self._clock.steady_us()
        if oldest != self._oldest[0]:
            self._oldest = (oldest, now_us)
        is_stuck = oldest > 0 and now_us - self._oldest[1] >= STUCK_S * 1e6
        return not self._is_lost and not is_stuck

    def enrol(self, request: EnrolmentRequest, public_key: bytes, reply: Reply) -> None:
        """Take one enrolment whose proof of possession was checked."""
        self._put(Enrolment(next(self._numbers), request, public_key), reply)

    def open(self, kid: str, tag: bytes, signature: bytes, reply: Reply) -> None:
        """Take a phone's request for the server's half of what a code opens."""
        known = self._known_or_refused(kid, reply)
        if known is None:
            return
        if known.is_canary:
            reply(self.refuse(HTTPStatus.UNAUTHORIZED, "unknown-key"))
        elif not opening_is_signed(known.public_key, tag, signature):
            reply(self.refuse(HTTPStatus.UNAUTHORIZED, FORGED))
        elif not _takes(self._openings, kid, OPENING_BURST, OPENING_PER_S, self._clock.steady_us()):
            reply(self.refuse(HTTPStatus.TOO_MANY_REQUESTS, "too-many-codes"))
        else:
            self._put(Opening(next(self._numbers), kid, tag), reply)

    def report(
        self, road: str, source: str, data: bytes, reply: Reply, *, name: str = "", carrier: str = ""
    ) -> None:
        """Take what a device reports that is no phone: by its id, or by its `name` where a service that proved who it
        is speaks for it. What is checked needs a key, so the writer does it (decision 0104)."""
        if source and not self._is_enrolled(source, reply):
            return
        if _takes(
            self._reports, source or f"{road} {name}", REPORT_BURST, REPORT_PER_S, self._clock.steady_us()
        ):
            self._put(Report(next(self._numbers), road, source, name, data, carrier), reply)
        else:
            reply(self.refuse(HTTPStatus.TOO_MANY_REQUESTS, "too-many-reports"))

    def _is_enrolled(self, source: str, reply: Reply) -> bool:
        try:
            with answered_within(LOOK_S), self._journal.reading() as reader:
                is_known = bool(kit_of_source(reader, source))
        except JournalUnavailable:
            reply(self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable"))
            return False
        if not is_known:
            reply(self.refuse(HTTPStatus.UNAUTHORIZED, "unknown-source"))
        return is_known

    def may_enrol(self, address: str) -> bool:
        """Whether this address has wrong enrolments left: looking at one costs more than sending it."""
        bucket = self._wrong_enrolments.get(address)
        return bucket is None or bucket.has(WRONG_BURST, WRONG_PER_S, self._clock.steady_us())

    def note_wrong_enrolment(self, address: str) -> None:
        """An enrolment from this address was refused."""
        _takes(self._wrong_enrolments, address, WRONG_BURST, WRONG_PER_S, self._clock.steady_us())

    def refuse(self, status: HTTPStatus, reason: str, detail: str = "") -> Answer:
        """Count a refusal and word it."""
        self.counts[f"{int(status)} {reason}"] += 1
        return int(status), problem(status, reason, detail)

    def _known_or_refused(self, kid: str, reply: Reply) -> KnownKey | None:
        """What is known of this key; None when nothing is, which `reply` says."""
        try:
            known = self._known_key(kid)
        except JournalUnavailable as error:
            log.warning("a key cannot be looked up: %s", error)
            reply(self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable"))
            return None
        if known is None:
            reply(self.refuse(HTTPStatus.UNAUTHORIZED, "unknown-key"))
        return known

    def _put(self, item: Item, reply: Reply) -> None:
        if self._is_lost:
            reply(self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable"))
            return
        self._waiting[item.number] = reply
        self._store.put(item)

    def _settle(self, answers: Sequence[Answered]) -> None:
        self._answered += len(answers)
        if any(answer.status == HTTPStatus.ACCEPTED for answer in answers):
            self._kept_us = self._clock.steady_us()
        for answer in answers:
            self.counts[f"{answer.status} {answer.reason}".rstrip()] += 1
        self._deliver([(self._waiting.pop(a.number), (a.status, a.body)) for a in answers])

    def _lose(self) -> None:
        """No answers will come any more: nobody waits for one, and nobody learns that anything was kept."""
        self._is_lost = True
        replies = list(self._waiting.values())
        self._waiting.clear()
        self._deliver(
            [(r, self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable")) for r in replies]
        )

    def _known_key(self, kid: str) -> KnownKey | None:
        known = self._keys.get(kid)
        if known is None:
            known = self._looked_up(kid)
            # A canary's key is looked up each time: a phone may enrol with it later, and a phone's presses never wait.
            if known is not None and not known.is_canary:
                if len(self._keys) >= _MAX_TRACKED:
                    self._keys.popitem(last=False)
                self._keys[kid] = known
        return known

    def _looked_up(self, kid: str) -> KnownKey | None:
        """From the journal. One that is away is waited for once, and not even that where the writer keeps: those whose
        keys are here must not wait with it."""
        if self._is_known_to_be_away:
            return self._from_copy(kid)
        try:
            # All phones wait meanwhile.
            with answered_within(LOOK_S), self._journal.reading() as reader:
                return lookup.find_key(reader, kid)
        except JournalUnavailable:
            if self._reaching is None:
                raise
            self._reaching.begin()
            return self._from_copy(kid)

    @property
    def _is_known_to_be_away(self) -> bool:
        if self._reaching is not None and not self._reaching.is_reached:
            return True
        return self._kept_us is not None and self._clock.steady_us() - self._kept_us < KEPT_S * 1e6

    def _from_copy(self, kid: str) -> KnownKey:
        """As this machine knows it. Raises JournalUnavailable for any other: the journal may know it all the same."""
        public_key = self._copied.find(kid)
        if public_key is None:
            raise JournalUnavailable("the journal is away, and this machine knows no such phone")
        return KnownKey(public_key, is_canary=False)


def _takes(
    buckets: OrderedDict[str, Bucket], kid: str, burst: float, per_s: float, now_us: int, left: float = 0
) -> bool:
    """Whether the key may send one more now that leaves so many, by a bucket of its own."""
    bucket = buckets.get(kid)
    if bucket is None:
        if len(buckets) >= _MAX_TRACKED:
            buckets.popitem(last=False)
        bucket = buckets[kid] = Bucket(burst, now_us)
    return bucket.take(burst, per_s, now_us, left)
