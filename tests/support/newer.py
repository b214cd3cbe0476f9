"""Events as a newer version writes them: of a kind that this one does not know, or of a shape that it cannot read."""

from egide.events.base import REGISTRY, Event


def unknown() -> Event:
    """An event of a made-up kind."""

    class DroneSent(Event, frozen=True):
        user: str
        height_m: int

    REGISTRY.pop("DroneSent")
    return DroneSent(user="a newer version", height_m=40)


def reshaped() -> Event:
    """A note whose text became a number."""
    known = REGISTRY["NoteAdded"]

    class NoteAdded(Event, frozen=True):
        user: str
        text: int

    REGISTRY["NoteAdded"] = known
    return NoteAdded(user="a newer version", text=3)
