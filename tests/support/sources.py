"""Sources that are no phones, enrolled as an officer enrols them, and the broadcasting button that speaks for one."""

import secrets
from dataclasses import dataclass, field
from itertools import count

from egide.button.broadcaster import LONG_S
from egide.events.register import KitIssued
from egide.events.sources import SourceEnrolled
from egide.protocol import bthome
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import BTHOME, PURPOSE, source_id
from tests.support.installation import Installation, Phone

ADDRESS = "0C:EF:F6:01:02:03"
# A house in Mons, with the radius that holds its garden.
PLACE = Position(504_550_000, 39_520_000, 30, 0, Source.MANUAL)
__all__ = ["ADDRESS", "LONG_S", "PLACE", "Button", "enrol_button"]


@dataclass
class Button:
    """A broadcasting button that belongs to a kit: what it says when it is held, touched, or left alone."""

    source: str
    kit: str
    case: str
    address: str = ADDRESS
    key: bytes = field(default_factory=lambda: secrets.token_bytes(bthome.KEY_BYTES))
    _counters: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def frame(self, *events: bthome.Event, counter: int | None = None, key: bytes = b"") -> bytes:
        """The next frame with these events, or one with any counter and key."""
        number = next(self._counters) if counter is None else counter
        said = bthome.Advertised(number, tuple(events), 88, number & 0xFF)
        return bthome.encode(said, bthome.address_bytes(self.address), key or self.key)

    def held(self) -> bytes:
        """It is held."""
        return self.frame(bthome.Event.LONG_PRESS)


def enrol_button(
    installation: Installation, kit: KitIssued | Phone | None = None, place: Position | None = PLACE
) -> Button:
    """A button of this kit, or of a new one, registered at `place`."""
    kit = kit or installation.issue_kit()
    key = secrets.token_bytes(bthome.KEY_BYTES)
    ours = installation.keys.purpose_key(PURPOSE).raw
    source = source_id(ours, BTHOME, ADDRESS, key)
    event = SourceEnrolled(
        source=source, kit=kit.kit, road=BTHOME, name=ADDRESS, user="officer", key=key, place=place
    )
    installation.append(f"source:{source}", event, case=kit.case)
    return Button(source, kit.kit, kit.case, key=key)
