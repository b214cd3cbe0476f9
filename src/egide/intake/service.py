"""Intake: one writer thread verifies what waits, commits it as one group, and only then lets the answers go."""

import hashlib
import logging
import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.files import secret_file
from egide.events.alarm import VerificationFailed
from egide.intake import lookup
from egide.intake.enrol import Enrolled, do_enrol, reply_for
from egide.intake.rules import Bucket, Conflict, Device, decide_message
from egide.journal.errors import JournalError, JournalFull
from egide.journal.keys import KeyErased
from egide.journal.service import Entry, Journal
from egide.journal.transaction import Transaction
from egide.protocol.enrolment import EnrolmentRequest
from egide.protocol.envelope import Envelope, EnvelopeError, Kind, decode
from egide.protocol.keys import SigningKey
from egide.protocol.receipt import Pending, Receipt, sign_receipt

log = logging.getLogger("egide.intake")

GROUP = 32
BURST, PER_S = 120.0, 4.0
FAILURE_PAUSE_US = 10_000_000
_MAX_TRACKED = 100_000

Answer = tuple[int, bytes]
Reply = Callable[[Answer], None]
Deliver = Callable[[list[tuple[Reply, Answer]]], None]


class _Message(msgspec.Struct):
    """A message on its way through the writer; filled in step by step."""

    data: bytes
    envelope: Envelope
    reply: Reply
    digest: bytes = b""
    device: Device | None = None
    seq: int = 0
    at_us: int = 0
    stream: str = ""
    state: str = "noted"
    next_counter: int = 0
    answer: Answer | None = None


class _Enrolment(msgspec.Struct):
    request: EnrolmentRequest
    public_key: bytes
    reply: Reply


def problem(status: HTTPStatus, reason: str, detail: str = "") -> Answer:
    """A refusal as JSON: a stable reason and, where it helps, a detail without personal data."""
    body = {"error": status.phrase, "reason": reason}
    if detail:
        body["detail"] = detail
    return int(status), msgspec.json.encode(body)


class Intake:
    """Takes messages and enrolments from any thread.

    Each answer goes to the callback given with the message; `deliver` carries a group of them from the writer's thread
    to where callbacks run.
    """

    def __init__(self, config: Config, journal: Journal, clock: Clock, deliver: Deliver) -> None:
        self._config = config
        self._journal = journal
        self._clock = clock
        self._deliver = deliver
        self._key = SigningKey(secret_file(config.data_dir / "receipt.key", 32))
        self._queue: queue.SimpleQueue[_Message | _Enrolment | None] = queue.SimpleQueue()
        self._buckets: dict[str, Bucket] = {}
        self._failures: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)

    def start(self) -> None:
        """Start the writer."""
        self._journal.keys.warm()
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end the writer."""
        self._queue.put(None)
        self._thread.join()

    def submit(self, data: bytes, reply: Reply) -> None:
        """Take one message; the answer goes to `reply`, at once when the message cannot be read."""
        try:
            envelope = decode(data)
        except EnvelopeError as error:
            reply(self.refuse(HTTPStatus.BAD_REQUEST, error.reason, error.detail))
            return
        self._queue.put(_Message(data, envelope, reply))

    def enrol(self, request: EnrolmentRequest, public_key: bytes, reply: Reply) -> None:
        """Take one enrolment whose proof of possession was checked."""
        self._queue.put(_Enrolment(request, public_key, reply))

    def refuse(self, status: HTTPStatus, reason: str, detail: str = "") -> Answer:
        """Count a refusal and word it."""
        self.counts[f"{int(status)} {reason}"] += 1
        return problem(status, reason, detail)

    def _run(self) -> None:
        while True:
            item = self._queue.get()
            group: list[_Message] = []
            while item is not None:
                if isinstance(item, _Message):
                    group.append(item)
                else:
                    self._enrol(item)
                if len(group) >= GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if group:
                self._handle(group)
            if item is None:
                return

    def _handle(self, group: list[_Message]) -> None:
        """Verify, commit, answer. One that cannot be stored never takes its neighbours with it."""
        for message in group:
            message.answer = self._verify(message)
        waiting = [message for message in group if message.answer is None]
        if waiting and not self._commit(waiting) and len(waiting) > 1:
            for message in waiting:
                self._commit([message])
        self._deliver([(message.reply, message.answer or self._receipt(message)) for message in group])

    def _verify(self, message: _Message) -> Answer | None:
        """Find the device and check the signature; an answer means that the message is refused."""
        kid = message.envelope.kid.hex()
        device = lookup.find_device(self._journal.connection.execute, kid)
        if device is None or not self._has_key(device):
            return self.refuse(HTTPStatus.UNAUTHORIZED, "unknown-key")
        message.digest = hashlib.sha256(message.data).digest()
        if not message.envelope.is_signed_by(device.public_key):
            self._note_failure(device, message.digest)
            return self.refuse(HTTPStatus.UNAUTHORIZED, "bad-signature")
        if message.envelope.message.kind is not Kind.PRESS and not self._within_rate(device):
            return self.refuse(HTTPStatus.TOO_MANY_REQUESTS, "too-many-messages")
        message.device = device
        return None

    def _has_key(self, device: Device) -> bool:
        try:
            self._journal.keys.case_key(device.case)
        except KeyErased:
            return False
        return True

    def _within_rate(self, device: Device) -> bool:
        now_us = self._clock.now_us()
        bucket = self._buckets.get(device.device)
        if bucket is None:
            if len(self._buckets) >= _MAX_TRACKED:
                self._buckets.clear()
            bucket = self._buckets[device.device] = Bucket(BURST, now_us)
        return bucket.take(BURST, PER_S, now_us)

    def _note_failure(self, device: Device, digest: bytes) -> None:
        """For the technical lane (safety rule 10); at most one in ten seconds for a device: no flood."""
        now_us = self._clock.now_us()
        if now_us - self._failures.get(device.device, 0) < FAILURE_PAUSE_US:
            return
        if len(self._failures) >= _MAX_TRACKED:
            self._failures.clear()
        self._failures[device.device] = now_us
        event = VerificationFailed(
            device=device.device,
            reason="bad-signature",
            envelope_hash=digest.hex(),
            home_centre=device.origin.home_centre,
        )
        entry = Entry(
            stream=f"device:{device.device}",
            event=event,
            case=device.case,
            centres=(device.origin.home_centre,),
            zones=(device.origin.managing_zone,),
        )
        try:
            self._journal.append([entry])
        except JournalFull:
            log.error("a failed verification could not be kept: the journal's disk is full")

    def _commit(self, group: list[_Message]) -> bool:
        """Store the group in one durable step; False when it failed and each should be tried alone."""
        try:
            with self._journal.transaction() as transaction:
                for message in group:
                    message.answer = self._store(transaction, message)
        except JournalFull:
            for message in group:
                message.answer = self.refuse(HTTPStatus.INSUFFICIENT_STORAGE, "journal-full")
        except (sqlite3.Error, JournalError):
            log.exception("a group of %d messages could not be stored", len(group))
            for message in group:
                message.answer = self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable")
            return False
        return True

    def _store(self, transaction: Transaction, message: _Message) -> Answer | None:
        device, content = message.device, message.envelope.message
        assert device is not None
        execute, now_us = transaction.execute, transaction.now_us
        found = lookup.find_before(execute, device.device, content, message.digest, now_us)
        message.next_counter = found.next_counter
        if found.repeat_seq is not None:
            message.seq = found.repeat_seq
            message.stream, message.at_us = lookup.find_repeated(execute, found.repeat_seq)
            message.state = lookup.state_of(execute, message.stream)
            return None
        try:
            placed = decide_message(device, content, message.data, found.before, now_us)
        except Conflict as conflict:
            return self.refuse(HTTPStatus.CONFLICT, "counter-used", str(conflict))
        message.at_us, message.stream = now_us, placed.stream
        if placed.event is None or content.kind is Kind.HEARTBEAT:
            lookup.keep_presence(execute, device.device, content, now_us)
        if placed.event is not None:
            expected = 0 if placed.event.origin is not None else None
            entry = Entry(stream=placed.stream, event=placed.event, case=device.case, expected=expected)
            message.seq = transaction.append(entry).seq
            message.state = "received" if expected == 0 else lookup.state_of(execute, message.stream)
        return None

    def _receipt(self, message: _Message) -> Answer:
        """The signed receipt. Only called when the message is durable."""
        received_at_ms = message.at_us // 1000
        receipt = Receipt(
            seq=message.seq,
            alarm=message.stream.partition(":")[2] if message.stream.startswith("alarm:") else "",
            received_at=received_at_ms,
            state=message.state,
            next_counter=message.next_counter,
            pending=_pending(message.state),
            signature=sign_receipt(self._key, message.digest, message.seq, received_at_ms),
        )
        self.counts["201"] += 1
        return int(HTTPStatus.CREATED), msgspec.json.encode(receipt)

    def _enrol(self, item: _Enrolment) -> None:
        now_s = self._clock.now_us() // 1_000_000
        try:
            found = do_enrol(self._journal, item.request, item.public_key, now_s)
        except JournalFull:
            answer = self.refuse(HTTPStatus.INSUFFICIENT_STORAGE, "journal-full")
        except sqlite3.Error:
            log.exception("an enrolment could not be stored")
            answer = self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable")
        else:
            answer = self._enrolled(found)
        self._deliver([(item.reply, answer)])

    def _enrolled(self, found: Enrolled | None) -> Answer:
        if found is None:
            return self.refuse(HTTPStatus.NOT_FOUND, "unknown-code")
        reply = reply_for(found, bytes(self._key.verify_key), self._config.intake_urls)
        self.counts["201 enrolled"] += 1
        return int(HTTPStatus.CREATED), msgspec.json.encode(reply)


def _pending(state: str) -> tuple[Pending, ...]:
    if state == "acknowledged":
        return (Pending("seen"),)
    return (Pending("closed"),) if state == "closed" else ()
