"""Reads the journal for the builder: only the kinds that are needed, only their needed fields, in order."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from egide.common.sealing import SealingKey
from egide.evaluation.records.gathering.taking import Handler
from egide.evaluation.records.needs import NEEDS, OPENERS, FromPhone
from egide.journal.chain import seal_label
from egide.journal.queries.general import sealed_events
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.journal.service import Journal

_KEYS_KEPT = 50_000


class Opener:
    """Unseals bodies; remembers keys of streams, since an alarm's events come close together."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._known: dict[str, SealingKey | None] = {}
        self._decoders: dict[str, Callable[[bytes], Any]] = {
            kind: msgspec.json.Decoder(NEEDS.get(kind, FromPhone)).decode for kind in {*NEEDS, *OPENERS}
        }

    def open(self, stream: str, version: int, kind: str, key: str, body: bytes) -> Any:
        """What is needed of the event; None where the case was erased. Raises UnsealError, msgspec.MsgspecError."""
        try:
            found = self._known[stream]
        except KeyError:
            found = self._learn(stream, key)
        if found is None:
            return None
        return self._decoders[kind](found.unseal(body, seal_label(stream, version, kind)))

    def _learn(self, stream: str, key: str) -> SealingKey | None:
        if len(self._known) >= _KEYS_KEPT:
            self._known.clear()
        try:
            found = self._keys.stream_key(key, stream)
        except KeyErased:
            found = None
        self._known[stream] = found
        return found


class Fed(NamedTuple):
    """When each kind came first (microseconds), and how many events of these kinds could not be read."""

    first: dict[str, int]
    unread: int


def feed(journal: Journal, handlers: dict[str, Handler], head: int) -> Fed:
    """Show every needed event up to seq `head` to its handler. Raises UnsealError for a damaged one.

    An event that a newer version wrote in another shape is counted and passed over. A kind and its moment stand in
    the clear: they are known also of cases that were erased.
    """
    opener = Opener(journal.keys)
    first: dict[str, int] = {}
    unread = 0
    for _seq, stream, version, kind, at_us, key, body in sealed_events(journal, tuple(NEEDS), OPENERS, head):
        first.setdefault(kind, at_us)
        try:
            event = opener.open(stream, version, kind, key, body)
        except msgspec.MsgspecError:
            unread += 1
            continue
        if event is not None:
            handlers[kind](stream, at_us, kind, event)
    return Fed(first, unread)
