"""What every road to the outside is: it takes an alert, or a wake-up, and either delivers it or says why not."""

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

    def check(self) -> None:
        """Raise RoadError when nothing could be delivered now, as far as that shows without sending anything."""
        ...


class Subscription(msgspec.Struct, frozen=True):
    """Where one browser can be woken, as it said itself (Push API): an address and its keys, in base64url."""

    endpoint: str
    p256dh: str
    auth: str


# A push service took it, and would have taken it for any address.
UNPROVEN = "unproven"


class WakeError(RoadError):
    """A device was not woken. `why` is one word; when `is_gone`, it never will be at this address. `wait_s` is for how
    many seconds the push service wants to be left alone."""

    def __init__(self, why: str, is_gone: bool = False, is_final: bool = False, wait_s: int = 0) -> None:
        super().__init__(why)
        self.wait_s = wait_s
        self.why = why
        self.is_gone = is_gone
        self.is_final = is_final or is_gone


class Waker(Protocol):
    """One way to wake a device without telling it anything."""

    name: str

    def wake(self, device: Subscription, wake: str, kept_s: int = ...) -> None:
        """Wake it, or raise WakeError. `wake` (32 signs at most) is the same when it is repeated; a device that is not
        reached now is woken within `kept_s` seconds or not at all. Blocks for at most some seconds."""
        ...

    def probe(self, endpoint: str) -> None:
        """Ask whether this address still leads to a browser, without anything to be seen there. Raises WakeError, with
        UNPROVEN where the answer does not say so."""
        ...
