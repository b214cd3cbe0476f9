"""Signed checkpoints: what the journal held at a moment, with a copy out of reach of its holder (rule 36).

A checkpoint is the running hash over all events up to a seq, signed with a key of its own. No case's key is needed: the
hashes stand in clear columns.
"""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.files import secret_pair
from egide.common.text import _
from egide.journal.chain import GENESIS, Stored
from egide.journal.errors import JournalUnavailable
from egide.journal.proof.checkpoint import (
    Checkpoint,
    CheckpointDisagrees,
    Trust,
    hand_on,
    read_checkpoints,
    sign,
)
from egide.journal.proof.erased import KIND as ERASED
from egide.journal.proof.erased import ErasedList
from egide.journal.proof.lines import append_lines
from egide.journal.service import Journal
from egide.protocol.keys import SigningKey

log = logging.getLogger("egide.checkpoints")

# Of a restore without the second place: nobody could say how far the journal had come.
UNKNOWN_SEQ = 2**53
FILE_NAME = "checkpoints.jsonl"
KEY_FILE = "checkpoint.key"
RETRY_S = 60
TICK_S = 1.0
# Steps of an alarm are sealed within this many seconds; positions alone wait for the hour.
ALARM_S = 3
_POSITIONS = ("PositionReceived", "PositionLocated")
# What can be wrong: the journal is not what a checkpoint saw; copies do not arrive; nothing can be signed.
JOURNAL, COPIES, SIGNING = "journal", "copies", "checkpoints"
_CHUNK = 5000


def signing_keys(config: Config) -> tuple[SigningKey, SigningKey | None]:
    """The key of this installation's checkpoints, made when first asked for, and the one that is to follow it. They
    open nothing.
    """
    present, following = secret_pair(config.data_dir / KEY_FILE, 32)
    return SigningKey(present), SigningKey(following) if following is not None else None


def is_handed_on(config: Config, present: SigningKey, following: SigningKey) -> bool:
    """Whether watch has signed with the one that the other is in its place."""
    file = config.data_dir / FILE_NAME
    found, _unreadable = read_checkpoints(file.read_bytes() if file.exists() else b"")
    keys = bytes(present.verify_key), bytes(following.verify_key)
    return any((one.public_key, one.next_key) == keys and one.is_signed for one in found)


def signing_key(config: Config) -> SigningKey:
    """The key in force."""
    present, following = signing_keys(config)
    if following is not None and is_handed_on(config, present, following):
        return following
    return present


class Comparison:
    """Holds checkpoints against rows that pass by in order."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._restored = [checkpoint for checkpoint in checkpoints if checkpoint.seen]
        # What a restore says is gone is not looked for: `egide journal verify` names it.
        self._checkpoints = [one for one in checkpoints if not one.was_lost(self._restored)]
        self._wanted = {checkpoint.seq for checkpoint in self._checkpoints}
        self._found = {0: GENESIS}
        self.seq = 0
        self.running = GENESIS

    def add(self, seq: int, digest: bytes) -> None:
        """One more event's hash."""
        self.running = hashlib.sha256(self.running + digest).digest()
        self.seq = seq
        if seq in self._wanted:
            self._found[seq] = self.running

    def passing(self, rows: Iterable[Stored]) -> Iterator[Stored]:
        """The same rows, taken note of."""
        for row in rows:
            self.add(row.seq, row.hash)
            yield row

    def check(self) -> None:
        """Raises CheckpointDisagrees for the first that saw something else, saying between which events to look."""
        agreed = 0
        for checkpoint in self._checkpoints:
            if checkpoint.seq > self.seq:
                text = _(
                    "The checkpoint of {time} saw {seq} events; the journal ends at event {last}: its end was cut off."
                ).format(time=checkpoint.when, seq=checkpoint.seq, last=self.seq)
                raise CheckpointDisagrees(text)
            if self._found.get(checkpoint.seq) != checkpoint.running:
                text = _(
                    "The checkpoint of {time} disagrees: between event {first} and event {seq} something that it saw"
                    " was removed or replaced."
                ).format(time=checkpoint.when, first=agreed + 1, seq=checkpoint.seq)
                raise CheckpointDisagrees(text)
            agreed = checkpoint.seq


class CheckpointKeeper:
    """Signs a checkpoint at its start, seconds after every step of an alarm, every hour and at its end, and copies each
    to the second place.

    The place is a directory of another machine (a mount), which must exist: one that is down is trouble, is tried again
    every minute, and is never passed over. None at all is trouble too, outside a demo.
    """

    def __init__(self, config: Config, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        present, following = signing_keys(config)
        self._key = signing_key(config)
        # Handed on with the next line that is signed.
        self._following = following if self._key == present else None
        self._erased = ErasedList(config, following or present)
        self._every_us = config.checkpoint_every_s * 1_000_000
        self._file = config.data_dir / FILE_NAME
        self._place = Path(config.checkpoints_to) / FILE_NAME if config.checkpoints_to else None
        self._sum: Comparison | None = None
        # The latest event of an alarm, and up to where was signed.
        self._alarm_seq = self._signed_seq = 0
        self._signed_us: int | None = None
        self._tried_us: int | None = None
        self._is_copied = False
        self._copied: set[bytes] = set()
        # Up to where this machine's file was copied, how long the copy was then, and when both were last read whole.
        self._read_to = self._copy_size = 0
        self._compared_us: int | None = None
        self._wrong: dict[str, str] = {}
        if self._place is None and not config.demo:
            self._note(COPIES, _("no second place is set (EGIDE_CHECKPOINTS_TO)"))

    def wrong(self) -> dict[str, str]:
        """What is wrong now, and why: JOURNAL, COPIES, SIGNING. From any thread."""
        return dict(self._wrong)

    def run(self, stopped: threading.Event, is_ours: Callable[[], bool] = lambda: True) -> None:
        """Work until stopped, then sign once more; only while it is ours to do (`journal.engines.base.Turn`)."""
        is_last = False
        while not is_last:
            is_last = stopped.is_set()
            try:
                if is_ours():
                    self.step(is_last)
                    self._mend(SIGNING)
            except (JournalUnavailable, OSError) as error:
                self._note(SIGNING, str(error))
            if not is_last:
                stopped.wait(TICK_S)

    def step(self, is_last: bool = False) -> None:
        """Sign when it is time, copy what is not copied. Raises JournalUnavailable, OSError."""
        self._catch_up()
        now_us = self._clock.steady_us()
        if is_last or self._is_due(now_us):
            self._sign()
            self._signed_us = now_us
        is_time = is_last or self._tried_us is None or now_us - self._tried_us >= RETRY_S * 1_000_000
        if self._place is not None and (not self._is_copied or self._erased.waits) and is_time:
            self._tried_us = now_us
            self._copy(self._place)

    def _is_due(self, now_us: int) -> bool:
        if self._signed_us is None:
            return True
        after_us = ALARM_S * 1_000_000 if self._alarm_seq > self._signed_seq else self._every_us
        return now_us - self._signed_us >= min(after_us, self._every_us)

    def _catch_up(self) -> None:
        """Sum up what is new; at the start, and after an end was cut off, everything, held against all checkpoints."""
        is_cut = self._sum is not None and self._journal.head() < self._sum.seq
        if self._sum is not None and not is_cut:
            self._add_new(self._sum)
            return
        try:
            earlier, disagrees = self._earlier(), None
        except CheckpointDisagrees as error:
            earlier, disagrees = [], error
        fresh = Comparison(earlier)
        self._add_new(fresh)
        self._sum = fresh
        try:
            fresh.check()
            if disagrees is not None:
                raise disagrees
        except CheckpointDisagrees as error:
            self._note(JOURNAL, str(error))
        else:
            if is_cut:
                self._note(JOURNAL, _("Its end was cut off after event {seq}.").format(seq=fresh.seq))

    def _add_new(self, total: Comparison) -> None:
        sql = "SELECT seq, hash, stream, kind, at_us FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        with self._journal.reading() as reader:
            while rows := reader.execute(sql, (total.seq, _CHUNK)).fetchall():
                for seq, digest, stream, kind, at_us in rows:
                    total.add(seq, digest)
                    if kind == ERASED:
                        self._erased.note(stream, seq, at_us)
                        self._tried_us = None
                    if stream.startswith("alarm:") and kind not in _POSITIONS:
                        self._alarm_seq = seq

    def _earlier(self) -> list[Checkpoint]:
        """What this key and those before it signed, from both places: somebody who changed one file has not changed the
        other. Raises CheckpointDisagrees.
        """
        data = self._file.read_bytes() if self._file.exists() else b""
        # A place that cannot be read is said when a copy is due: it must not keep this machine from signing.
        with contextlib.suppress(OSError):
            data += b"\n" + self._place.read_bytes() if self._place is not None else b""
        found, _unreadable = read_checkpoints(data)
        return Trust(bytes(self._key.verify_key), found).of(found)

    def _sign(self) -> None:
        assert self._sum is not None
        now = self._sum.seq, self._sum.running, self._clock.now_us()
        following = self._following
        checkpoint = hand_on(self._key, following, *now) if following else sign(self._key, *now)
        append_lines(self._file, [msgspec.json.encode(checkpoint)])
        self._key, self._following = self._following or self._key, None
        self._is_copied, self._tried_us, self._signed_seq = False, None, self._sum.seq

    def _copy(self, place: Path) -> None:
        try:
            had_vanished = self._compare(place) if self._is_comparison_due(place) else self._append(place)
            self._erased.copy()
        except OSError as error:
            self._compared_us = None
            self._note(COPIES, f"{place.parent}: {error.strerror or error}")
            return
        self._is_copied = True
        self._mend(COPIES)
        if had_vanished:
            self._note(
                COPIES, _("copies had vanished from {place}; written again").format(place=place.parent)
            )

    def _is_comparison_due(self, place: Path) -> bool:
        """At the start, every hour, and whenever the copy is not as long as it was left; else the new lines are enough:
        both files whole, every three seconds of an alarm, would be a gigabyte an hour after some years.
        """
        if self._compared_us is None or not place.exists() or place.stat().st_size != self._copy_size:
            return True
        return self._clock.steady_us() - self._compared_us >= self._every_us

    def _compare(self, place: Path) -> bool:
        """Bring over what is missing, wherever it is missing; whether something had vanished that was there."""
        data = self._file.read_bytes() if self._file.exists() else b""
        known = set(place.read_bytes().splitlines()) if place.exists() else set()
        lines = data.splitlines()
        if missing := [line for line in lines if line not in known]:
            append_lines(place, missing)
        had_vanished = not self._copied <= known
        self._copied, self._compared_us = set(lines), self._clock.steady_us()
        self._read_to, self._copy_size = len(data), place.stat().st_size if place.exists() else 0
        return had_vanished

    def _append(self, place: Path) -> bool:
        """Bring over what was signed since the last copy."""
        with self._file.open("rb") as file:
            file.seek(self._read_to)
            data = file.read()
        lines = data.splitlines()
        append_lines(place, lines)
        self._copied.update(lines)
        self._read_to, self._copy_size = self._read_to + len(data), place.stat().st_size
        return False

    def _note(self, part: str, why: str) -> None:
        if self._wrong.get(part) != why:
            log.error("%s: %s", part, why)
            self._wrong = {**self._wrong, part: why}

    def _mend(self, part: str) -> None:
        self._wrong = {key: why for key, why in self._wrong.items() if key != part}
