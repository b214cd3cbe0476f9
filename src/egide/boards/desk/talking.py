"""What the panel shows of silent questions, answers and sound."""

from collections.abc import Mapping
from dataclasses import dataclass

from egide.access.rules import Scope
from egide.alarm.leading import leads
from egide.alarm.state import AlarmState
from egide.boards.desk.words import ANSWERS, QUESTIONS
from egide.boards.recordings import recordings_of


@dataclass(frozen=True)
class TalkLine:
    """A question with who asked it, or an answer: then `by` is empty."""

    words: str
    by: str
    at_ms: int


@dataclass(frozen=True)
class Talk:
    """The silent talk of an alarm, and what its reader may do about it."""

    texts: tuple[TalkLine, ...]
    recordings: tuple[int, ...]
    pieces: int
    has_gap: bool
    stopped_ms: int
    may_hear: bool
    may_export: bool


def talk_of(state: AlarmState, reader: Scope, names: Mapping[str, str]) -> Talk:
    """For the panel."""
    recordings = recordings_of(state)
    is_here = leads(state, reader.centres)
    return Talk(
        texts=tuple(
            TalkLine(
                str(QUESTIONS.get(text.word, text.word) if text.user else ANSWERS.get(text.word, text.word)),
                names.get(text.user, text.user),
                text.at_us // 1000,
            )
            for text in reversed(state.talk.texts)
        ),
        recordings=tuple(len(recording.pieces) for recording in recordings),
        pieces=len(state.talk.sounds),
        has_gap=any(recording.waits_for_more for recording in recordings),
        stopped_ms=state.talk.listening_stopped_at_us // 1000,
        may_hear=is_here,
        may_export=is_here and reader.supervisor,
    )
