"""Silent text, sound, and what becomes of the sound once it was received (safety rule 23)."""

from egide.alarm.events.press import FromPhone
from egide.events.base import Event


class TextReceived(FromPhone, frozen=True):
    """A silent answer from the phone."""

    body: bytes = b""


class AudioReceived(FromPhone, frozen=True):
    """A piece of sound from the phone: the `number`-th (from 0) of its recording, -1 when the phone did not say.

    `digest` is the SHA-256 (hex) of the signed message, which is kept as a blob (journal.blobs); `envelope` is empty.
    """

    digest: str = ""
    number: int = -1
    size_bytes: int = 0


class TextAsked(Event, frozen=True):
    """An operator asks the person silently; `question` is a word of events.silent."""

    user: str
    question: str


class ListenStopped(Event, frozen=True):
    """Nobody listens in any more; `why` is "operator"."""

    user: str
    why: str


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
