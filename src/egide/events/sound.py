"""What becomes of the sound of an alarm once it was received (safety rule 23)."""

from egide.events.base import Event


class SoundHeard(Event, frozen=True):
    """Somebody has listened to the sound of this alarm: it is evidence from now on, and does not expire."""

    user: str


class SoundExported(Event, frozen=True):
    """The sound of this alarm was given out as a file with its hashes."""

    user: str


class SoundKept(Event, frozen=True):
    """A magistrate keeps the sound of this alarm, which nobody has heard: it does not expire."""

    user: str
    reason: str


class SoundExpired(Event, frozen=True):
    """The sound of this alarm, which nobody heard or kept, was discarded: `pieces` of it. Their hashes stay."""

    pieces: int
