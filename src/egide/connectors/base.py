"""What every road to the outside is: it takes an alert and either delivers it or says why not."""

from typing import Protocol

import msgspec


class Alert(msgspec.Struct, frozen=True):
    """A few words for somebody who is not looking at a board. No name, no address, no position.

    `id` is the same when the same alert is sent again.
    """

    id: str
    subject: str
    text: str


class RoadError(Exception):
    """The alert did not get through on this road; it will be tried again."""


class Road(Protocol):
    """One way to reach people."""

    name: str

    def send(self, alert: Alert) -> None:
        """Deliver, or raise RoadError. Blocks for at most some seconds."""
        ...
