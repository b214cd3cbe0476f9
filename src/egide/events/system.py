"""What the chain says of itself: canaries, which go the way of a press and are nobody's alarm."""

from egide.events.base import Event
from egide.protocol.envelope import Position


class CanaryEnrolled(Event, frozen=True):
    """The key (32 bytes) of a watch became known: what it signs is a canary, whatever it says."""

    device: str
    public_key: bytes


class CanaryReceived(Event, frozen=True):
    """Intake verified and kept a canary; `digest` is the SHA-256 (hex) of its envelope."""

    device: str
    counter: int
    sent_at_s: int
    digest: str
    position: Position | None = None


class CanaryRouted(Event, frozen=True):
    """The canary was placed like a press. It names no centre in the clear: it is for every board.

    `zone` and `centre` are empty where the position lies in none.
    """

    device: str
    counter: int
    zone: str = ""
    centre: str = ""
