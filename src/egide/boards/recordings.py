"""Sound of an alarm as evidence: its recordings, and what goes out of the house (safety rule 23)."""

import io
import zipfile
from dataclasses import dataclass
from itertools import pairwise

import msgspec
from django.conf import settings

from egide.alarm.events import SoundExported, SoundHeard
from egide.alarm.state import AlarmState, Sound
from egide.common.clock import utc
from egide.events.base import Event
from egide.journal.sealing.blobs import Blobs
from egide.outbox.service import keys
from egide.protocol import cbor
from egide.protocol.envelope import decode


@dataclass(frozen=True)
class Recording:
    """One recording of the phone: its pieces by number, the first gap cutting off what comes behind it."""

    pieces: tuple[Sound, ...]
    waits_for_more: bool

    @property
    def size_bytes(self) -> int:
        return sum(piece.size_bytes for piece in self.pieces)


def recordings_of(state: AlarmState) -> list[Recording]:
    """The recordings of an alarm in the order in which the phone made them: each begins at number 0."""
    recordings: list[list[Sound]] = []
    for piece in sorted(state.talk.sounds, key=lambda piece: piece.counter):
        if piece.number == 0 or not recordings:
            recordings.append([])
        recordings[-1].append(piece)
    return [_without_gap(pieces) for pieces in recordings]


def _without_gap(pieces: list[Sound]) -> Recording:
    ordered = sorted(pieces, key=lambda piece: piece.number)
    if not ordered or ordered[0].number != 0:
        return Recording((), waits_for_more=True)
    for before, after in pairwise(ordered):
        if after.number > before.number + 1:
            return Recording(tuple(ordered[: ordered.index(after)]), waits_for_more=True)
    return Recording(tuple(ordered), waits_for_more=False)


def decide_heard(state: AlarmState, user: str) -> list[Event]:
    """Somebody listens: from now on the sound is evidence, and does not expire."""
    return [] if state.talk.sound_heard_at_us or not state.talk.sounds else [SoundHeard(user=user)]


def decide_exported(state: AlarmState, user: str) -> list[Event]:
    """Somebody takes it out of the house: each time is an event."""
    return [SoundExported(user=user)] if state.talk.sounds else []


def sound_after(state: AlarmState, recording: int, after: int) -> tuple[bytes, int]:
    """The sound of a recording (WebM) from piece `after` on, and the number behind its last piece. Raises NoSuchBlob,
    KeyErased, UnsealError."""
    recordings = recordings_of(state)
    if recording >= len(recordings):
        return b"", after
    pieces = recordings[recording].pieces[after:]
    return b"".join(_sound(state, piece) for piece in pieces), after + len(pieces)


def packed(state: AlarmState) -> bytes:
    """A ZIP file: each recording, each signed message as it arrived, and a list of their hashes (SHA-256). Raises as
    `sound_after`."""
    blobs, file = Blobs(settings.EGIDE, keys()), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, recording in enumerate(recordings_of(state), start=1):
            whole = b"".join(_sound(state, piece) for piece in recording.pieces)
            archive.writestr(f"recording-{number}.webm", whole)
        for piece in state.talk.sounds:
            archive.writestr(f"messages/{piece.digest}.cose", blobs.get(state.case, piece.digest))
        listed = [
            {
                "sha256": piece.digest,
                "counter": piece.counter,
                "number": piece.number,
                "received_at": utc(piece.at_us).isoformat(),
            }
            for piece in state.talk.sounds
        ]
        archive.writestr("messages.json", msgspec.json.format(msgspec.json.encode(listed), indent=1))
    return file.getvalue()


def _sound(state: AlarmState, piece: Sound) -> bytes:
    """The bytes as the phone's recorder gave them, out of the signed message."""
    message = decode(Blobs(settings.EGIDE, keys()).get(state.case, piece.digest)).message
    content = cbor.decode(message.body or b"")
    assert isinstance(content, list) and isinstance(content[1], bytes), "checked when it was received"
    return content[1]
