"""What an exchange of UCRI2 keeps for each address until somebody takes it off."""

import threading
import uuid
from collections.abc import Iterable
from typing import Any


class Queues:
    """A queue for each address; numbers rise for ever."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._queues: dict[str, list[dict[str, Any]]] = {oid: [] for oid in addresses}
        self._changed = threading.Condition()
        self._sequence = 0

    def put(self, oid: str, entry: Any) -> None:
        with self._changed:
            self._sequence += 1
            if isinstance(entry, dict) and "sequenceId" not in entry:
                entry = {"messageId": str(uuid.uuid4()), "sentDate": "2027-01-01T00:00:00Z", **entry}
                entry |= {"destination": oid, "sequenceId": self._sequence, "timeout": 300}
            self._queues[oid].append(entry)
            self._changed.notify_all()

    def first(self, oid: str, most: int, wait_s: float) -> list[dict[str, Any]]:
        with self._changed:
            self._changed.wait_for(lambda: self._queues[oid], wait_s)
            return self._queues[oid][:most]

    def commit(self, oid: str, sequence: int) -> None:
        with self._changed:
            taken = [
                number
                for number, one in enumerate(self._queues[oid])
                if isinstance(one, dict)
                and isinstance(one.get("sequenceId"), int)
                and one["sequenceId"] <= sequence
            ]
            if taken:
                del self._queues[oid][: taken[-1] + 1]

    def empty(self) -> None:
        with self._changed:
            for queue in self._queues.values():
                queue.clear()

    def count(self, oid: str) -> int:
        with self._changed:
            return len(self._queues[oid])
