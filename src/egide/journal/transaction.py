"""One transaction of the journal: the lock is held, heads are read inside it, all of it is durable or none."""

from collections.abc import Mapping, Sequence

import msgspec

from egide.alarm.events import FromPhone, SourcePressed
from egide.common.sealing import SealingKey
from egide.events import base
from egide.events.base import Event
from egide.journal import tables
from egide.journal.chain import GENESIS, Stored, link_hash, seal_label
from egide.journal.engines.base import Step
from egide.journal.errors import AlreadyDone, VersionConflict
from egide.journal.sealing.keys import SYSTEM, KeyErased, KeyStore, stream_key

# The last version of each stream is found before anything else is asked: in PostgreSQL a part of one question else
# goes through all that a stream holds.
_ENDS = """
WITH asked (stream) AS (VALUES {marks}), ends AS MATERIALIZED (
  SELECT stream, (SELECT max(version) FROM event WHERE stream = asked.stream) AS version FROM asked)
SELECT e.stream, e.version, e.hash FROM ends
CROSS JOIN event AS e WHERE e.stream = ends.stream AND e.version = ends.version
"""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An event to append. `expected` is the version that a decision saw; None appends at any version.

    `cause` is the seq of the event acted upon: the same kind for the same cause is refused. `case` names the key.
    """

    stream: str
    event: Event
    case: str = SYSTEM
    expected: int | None = None
    cause: int | None = None
    centres: Sequence[str] = ()
    zones: Sequence[str] = ()


class Transaction:
    """Appends events while the journal's lock is held."""

    def __init__(self, step: Step, keys: KeyStore, now_us: int) -> None:
        self.execute = step.execute
        self._write = step.write
        self._insert = step.insert
        self.now_us = now_us
        self._keys = keys
        # Keys are destroyed under the journal's lock (journal.ending), so one look serves the whole transaction.
        keys.forget_erased(exact=True)
        self._seq = step.last_seq
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._places: dict[str, tuple[str, str]] = {}
        self._stream_keys: dict[str, SealingKey] = {}

    def append(self, entry: Entry) -> Stored:
        """Append one event. Raises AlreadyDone, or VersionConflict, which may also come when the transaction ends."""
        stream, event, kind = entry.stream, entry.event, entry.event.kind
        # A new stream needs no look at it: the table refuses an existing version by itself.
        version, prev = (0, GENESIS) if entry.expected == 0 else self._head(stream)
        if entry.expected is not None and entry.expected != version:
            raise VersionConflict(f"{stream} is at version {version}, the decision saw {entry.expected}")
        self._check_cause(entry, kind)
        centre, zone = self._concerned(entry, version)
        version += 1
        key = self._stream_key(entry.case, stream)
        body = key.seal(base.encode(event), seal_label(stream, version, kind))
        seq = self._seq + 1
        fields = (seq, stream, version, kind, self.now_us, centre, zone, entry.case, entry.cause, body)
        digest = link_hash(prev, *fields)
        self._insert((*fields, prev, digest))
        row = Stored(*fields, prev, digest)
        tables.apply(event, row, self._write)
        self._seq = seq
        self._heads[stream] = (version, digest)
        if self._places and not isinstance(event, (FromPhone, SourcePressed)):
            # Whom an alarm concerns is for desks and routing to say.
            self._places.pop(stream, None)
        return row

    def foresee(self, alarms: Mapping[str, tuple[str, str]]) -> None:
        """Events of these streams will probably follow: their ends are asked for at once. Each with the centres and
        zones that its alarm concerns, as they stand in this transaction."""
        self._places.update(alarms)
        if len(alarms) > 1:
            sql = _ENDS.format(marks=",".join(["(?)"] * len(alarms)))
            rows = self.execute(sql, tuple(alarms))
            self._heads.update({stream: (version, digest) for stream, version, digest in rows})

    def has_key(self, case: str) -> bool:
        """Whether there is a key of `case`: else nothing may be appended for it."""
        try:
            self._keys.remembered_key(case)
        except KeyErased:
            return False
        return True

    def version(self, stream: str) -> int:
        """How many events the stream holds."""
        return self._head(stream)[0]

    def _head(self, stream: str) -> tuple[int, bytes]:
        head = self._heads.get(stream)
        if head is None:
            sql = "SELECT version, hash FROM event WHERE stream = ? ORDER BY version DESC LIMIT 1"
            head = self.execute(sql, (stream,)).fetchone() or (0, GENESIS)
            self._heads[stream] = head
        return head

    def _stream_key(self, case: str, stream: str) -> SealingKey:
        key = self._stream_keys.get(stream)
        if key is None:
            key = self._stream_keys[stream] = stream_key(self._keys.remembered_key(case), stream)
        return key

    def _check_cause(self, entry: Entry, kind: str) -> None:
        if entry.cause is None:
            return
        sql = "SELECT seq FROM event WHERE stream = ? AND cause = ? AND kind = ?"
        if self.execute(sql, (entry.stream, entry.cause, kind)).fetchone():
            raise AlreadyDone(f"{kind} for event {entry.cause} on {entry.stream}")

    def _concerned(self, entry: Entry, version: int) -> tuple[str, str]:
        if version == 0 or not entry.stream.startswith("alarm:"):
            return " ".join(entry.centres), " ".join(entry.zones)
        return tables.concerned(self.execute, entry.stream, entry.event, self._places.get(entry.stream))


def opened(row: Stored, stream_key: SealingKey) -> Event:
    """The event in the row. Raises UnsealError; KeyError, msgspec.MsgspecError for one of a newer version."""
    return base.decode(row.kind, stream_key.unseal(row.body, seal_label(row.stream, row.version, row.kind)))
