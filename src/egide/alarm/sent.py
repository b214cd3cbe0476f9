"""What went out because of an alarm, and what came of it: wake-ups, answers by SMS, messages to dispatch systems."""

import msgspec

from egide.alarm.events.elsewhere import CHAT_OVER


class Push(msgspec.Struct, frozen=True):
    """The last time that the devices of a zone or team were to be woken, and whether any of them was."""

    wake: str
    to: str
    unit: str
    step: str
    rung: int
    was_woken: bool
    at_us: int


class SmsAnswer(msgspec.Struct, frozen=True):
    """The last try to answer the press, event number `press`, by SMS, and whether the gateway took it."""

    press: int
    was_sent: bool
    at_us: int


class TheirUnit(msgspec.Struct, frozen=True):
    """How far a unit of a dispatch system is, by its call sign there and as that system says, since `at_us`."""

    call_sign: str
    word: str
    at_us: int


class TheirWord(msgspec.Struct, frozen=True):
    """What people at a control room did in a chat, and wrote; `number` tells their message from every other."""

    word: str
    text: str
    number: str
    at_us: int


class HandOver(msgspec.Struct, frozen=True):
    """A copy that `by` handed to a control room of others at `asked_at_us`, and what came of it.

    `delivered_at_us`: their system has it; `is_lost`: their exchange says that it did not arrive. `word` is what a
    person there answered, with its `cause`, and `ended` that it is over for them. The times of their own clock stay
    when it is handed over again, so that nothing old counts as an answer to it.
    """

    by: str
    asked_at_us: int
    delivered_at_us: int = 0
    is_lost: bool = False
    word: str = ""
    cause: str = ""
    answered_at_us: int = 0
    ended: str = ""
    ended_cause: str = ""
    ended_at_us: int = 0
    answer_there_us: int = 0
    end_there_us: int = 0


class Told(msgspec.Struct, frozen=True):
    """What the dispatch system `receiver`, or a team on it, was told last `about` the alarm: sent since `sent_at_us`,
    and taken by a machine there at `taken_at_us`; 0 and a word of `why` while it was not. `raised_at_us` and
    `ended_at_us`: of which moments it was told last. What it answered, once it did. `hand`: where it is told by hand
    alone, who did so. `words` are those of its people in a chat, `address` is whom an answer is for there, and `passed`
    counts the silent questions and answers that they were told."""

    receiver: str
    about: str
    message: str
    sent_at_us: int
    taken_at_us: int = 0
    why: str = ""
    raised_at_us: int = 0
    ended_at_us: int = 0
    shown_at_us: int = 0
    answered_at_us: int = 0
    answered_by: str = ""
    reference: str = ""
    units: tuple[TheirUnit, ...] = ()
    hand: HandOver | None = None
    words: tuple[TheirWord, ...] = ()
    address: str = ""
    passed: int = 0

    @property
    def is_talking(self) -> bool:
        """Whether people there have begun a chat that neither they nor the end of the alarm ended."""
        last = self.words[-1] if self.words else None
        return last is not None and last.word != CHAT_OVER and last.at_us > self.ended_at_us
