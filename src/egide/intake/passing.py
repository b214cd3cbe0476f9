"""What passes between the door, which reads and verifies, and the writer, which makes durable and answers."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from egide.protocol.enrolment import EnrolmentRequest
from egide.protocol.envelope import Message


class Arrival(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A message that its key has signed, with the id of the key, and the message's SHA-256.

    `was_kept`: it came while the journal was away (`keeping`).
    """

    number: int
    kid: str
    digest: bytes
    data: bytes
    message: Message
    by_sms: bool = False
    was_kept: bool = False


# A signature that the key which it names did not make.
FORGED = "bad-signature"
# Half of a message, whose other half has not come.
HALF = "half-message"
# A press of a phone that somebody blocked.
BLOCKED = "blocked-phone"


class Failure(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What came in the name of a key and is no message of its kit; `digest`: its SHA-256.

    `reason`: FORGED, HALF or BLOCKED.
    """

    number: int
    kid: str
    digest: bytes
    reason: str


class Enrolment(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A request to enrol; possession of the key was proven."""

    number: int
    request: EnrolmentRequest
    public_key: bytes


class Opening(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A phone asks for the server's half of the key to what a code opens; its key has signed `tag` (32 bytes)."""

    number: int
    kid: str
    tag: bytes


class AnswerTried(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A phone was to learn by SMS of its press, the event number `press`; `why`: empty when the gateway took it."""

    number: int
    kid: str
    press: int
    attempt: int
    why: str


class Report(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What a device reports that is no phone, by one of `protocol.sources.ROADS`, and who carried it.

    `source` is its id, "" where only its `name` there is known. `data` is what came, as it came.
    """

    number: int
    road: str
    source: str
    name: str
    data: bytes
    carrier: str = ""


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """The answer to the item with this number. `reason` is for the counters: empty for a receipt."""

    number: int
    status: int
    reason: str
    body: bytes


Item = Arrival | Failure | Enrolment | Opening | AnswerTried | Report
Deliver = Callable[[Sequence[Answered]], None]


class Store(Protocol):
    """Where items become durable."""

    def start(self, deliver: Deliver, lost: Callable[[], None]) -> None:
        """Begin; answers go to `deliver` in groups. `lost` is called when no more will come."""
        ...

    def put(self, item: Item) -> None:
        """Take one item."""
        ...

    def stop(self) -> None:
        """Finish what waits, then end."""
        ...
