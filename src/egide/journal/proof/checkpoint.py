"""One line of the signed checkpoints, and whose signature counts: the key that is known, and those that it was handed
on to, or came from (rule 36).
"""

import math
from collections.abc import Iterable, Sequence

import msgspec

from egide.common.clock import utc
from egide.common.encoding import NotJson, from_json
from egide.common.text import _
from egide.journal.errors import JournalError
from egide.protocol.keys import SigningKey, signature_is_valid

FORMAT = "egide-checkpoint-1"
RESTORED = "egide-restored-1"
HANDED = "egide-checkpoint-key-1"


class Checkpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the file: after `seq` events the running hash (journal.proof.verify) was `running` (32 bytes).

    Of the format RESTORED: from a back-up the journal was restored up to `seq`; before, it had been seen up to `seen`.
    Of the format HANDED: what comes after it is signed by `next_key` (32 bytes), which signed this line too.
    """

    format: str
    seq: int
    running: bytes
    at_us: int
    public_key: bytes
    signature: bytes
    seen: int = 0
    next_key: bytes = b""
    next_signature: bytes = b""

    @property
    def is_signed(self) -> bool:
        """Whether the signatures are those of the keys that the line names."""
        signed = statement(self.seq, self.running, self.at_us, self.seen, self.next_key)
        if self.next_key and not signature_is_valid(self.next_key, signed, self.next_signature):
            return False
        return signature_is_valid(self.public_key, signed, self.signature)

    @property
    def is_whole(self) -> bool:
        """Whether the line is of a format known here, with what belongs to it."""
        return self.format == _format(self.seen, self.next_key) and not (self.seen and self.next_key)

    def was_lost(self, restored: Sequence["Checkpoint"]) -> bool:
        """Whether one of these restores says that what this one saw is gone."""
        return any(one.seq < self.seq <= one.seen and self.at_us <= one.at_us for one in restored)

    @property
    def when(self) -> str:
        """Its time for people, in UTC."""
        return utc(self.at_us).isoformat(sep=" ", timespec="seconds")


class CheckpointDisagrees(JournalError):
    """A checkpoint saw something else than what the journal holds now, or is not signed by the key expected."""


def statement(seq: int, running: bytes, at_us: int, seen: int = 0, next_key: bytes = b"") -> bytes:
    """What is signed; with `seen`, of a restore; with `next_key`, when the key is handed on."""
    fields = [_format(seen, next_key), str(seq), running.hex(), str(at_us)]
    fields += [str(seen)] if seen else [next_key.hex()] if next_key else []
    return "\t".join(fields).encode()


def _format(seen: int, next_key: bytes) -> str:
    return RESTORED if seen else HANDED if next_key else FORMAT


def sign(key: SigningKey, seq: int, running: bytes, at_us: int, seen: int = 0) -> Checkpoint:
    """A signed checkpoint; with `seen`, of a restore."""
    signature = key.sign(statement(seq, running, at_us, seen)).signature
    return Checkpoint(_format(seen, b""), seq, running, at_us, bytes(key.verify_key), signature, seen)


def hand_on(key: SigningKey, following: SigningKey, seq: int, running: bytes, at_us: int) -> Checkpoint:
    """A checkpoint by which `following` signs from here on."""
    next_key = bytes(following.verify_key)
    signed = statement(seq, running, at_us, next_key=next_key)
    return Checkpoint(
        HANDED,
        seq,
        running,
        at_us,
        bytes(key.verify_key),
        key.sign(signed).signature,
        next_key=next_key,
        next_signature=following.sign(signed).signature,
    )


def read_checkpoints(data: bytes) -> tuple[list[Checkpoint], int]:
    """The checkpoints of a file by rising seq, and how many lines are none (a power cut may have torn one)."""
    found, unreadable = [], 0
    for line in data.splitlines():
        try:
            checkpoint = from_json(line, Checkpoint)
        except NotJson:
            unreadable += 1
            continue
        if checkpoint.is_whole:
            found.append(checkpoint)
        else:
            unreadable += 1
    return sorted(found, key=lambda checkpoint: (checkpoint.seq, checkpoint.at_us)), unreadable


class Trust:
    """Whose signature counts, and up to which event: the key that is known, and the chain of those before and after it.

    A key that was handed on signs nothing that comes later: whoever finds it cannot go on with it. Only a restore from
    before the handing on, which brings the old key back, opens it again.
    """

    def __init__(self, public_key: bytes, checkpoints: Iterable[Checkpoint]) -> None:
        """Raises CheckpointDisagrees when a key of the chain was handed on to two others."""
        signed = [one for one in checkpoints if (one.next_key or one.seen) and one.is_signed]
        restored = [one for one in signed if one.seen]
        self._handed = [one for one in signed if one.next_key]
        # Up to which event each key of the chain counts.
        self._until: dict[bytes, float] = {public_key: math.inf}
        for forward in (True, False):
            for one in self._chain(public_key, forward=forward):
                self._until.setdefault(one.next_key, math.inf)
                self._until[one.public_key] = math.inf if one.was_lost(restored) else one.seq

    def covers(self, public_key: bytes, seq: int) -> bool:
        """Whether this key could sign what is said of event `seq`."""
        return seq <= self._until.get(public_key, -1)

    def of(self, checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
        """Those that count."""
        return [one for one in checkpoints if self.covers(one.public_key, one.seq) and one.is_signed]

    def _chain(self, key: bytes, *, forward: bool) -> Iterable[Checkpoint]:
        """The lines by which the key was handed on, or came, one after the other."""
        passed = {key}
        while True:
            steps = [one for one in self._handed if (one.public_key if forward else one.next_key) == key]
            if not steps:
                return
            beside = [one for one in self._handed if one.public_key == steps[0].public_key]
            if len({(one.public_key, one.next_key) for one in (*steps, *beside)}) > 1:
                text = _("The key of the checkpoints was handed on twice ({time}): somebody else has it.")
                raise CheckpointDisagrees(text.format(time=beside[-1].when))
            key = steps[0].next_key if forward else steps[0].public_key
            if key in passed:
                return
            passed.add(key)
            yield steps[0]


def check_signatures(checkpoints: Sequence[Checkpoint], public_key: bytes) -> None:
    """Raises CheckpointDisagrees at the first that neither `public_key` (32 bytes) nor another of its chain signed."""
    trust = Trust(public_key, checkpoints)
    for checkpoint in checkpoints:
        if not trust.covers(checkpoint.public_key, checkpoint.seq) or not checkpoint.is_signed:
            raise CheckpointDisagrees(
                _("The checkpoint of {time} (event {seq}) is not signed by this key.").format(
                    time=checkpoint.when, seq=checkpoint.seq
                )
            )
