"""What the panel shows of chats with people at control rooms: their words, as theirs, and whether ours get there."""

from dataclasses import dataclass

from egide.alarm.sent import TheirWord, Told
from egide.alarm.state import AlarmState
from egide.boards.shown.told import CHAT


@dataclass(frozen=True)
class ChatLine:
    """What they did ("begins a chat", empty where they only wrote), and wrote."""

    does: str
    words: str
    at_ms: int


@dataclass(frozen=True)
class Chat:
    """The chat with one of them, the last line first. `waiting`: how many silent questions and answers are not there
    yet; `is_held`: after a code under threat none go there any more."""

    receiver: str
    is_running: bool
    lines: tuple[ChatLine, ...]
    waiting: int
    is_held: bool


def chats_of(state: AlarmState) -> tuple[Chat, ...]:
    """In the order of their names."""
    return tuple(_chat(state, one) for one in sorted(state.told, key=lambda one: one.receiver) if one.words)


def _chat(state: AlarmState, one: Told) -> Chat:
    is_running = state.is_open and one.is_talking
    is_held = is_running and bool(state.press.duress)
    waiting = max(0, len(state.talk.texts) - one.passed) if is_running and not is_held else 0
    return Chat(one.receiver, is_running, tuple(map(_line, reversed(one.words))), waiting, is_held)


def _line(word: TheirWord) -> ChatLine:
    return ChatLine(str(CHAT.get(word.word, "")), word.text, word.at_us // 1000)
