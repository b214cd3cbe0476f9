"""What went out because of an alarm, and what came of it: wake-ups, answers by SMS, messages to dispatch systems."""

import msgspec


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


class Told(msgspec.Struct, frozen=True):
    """What the dispatch system `receiver`, or a team on it, was told last `about` the alarm: sent since `sent_at_us`,
    and taken by a machine there at `taken_at_us`; 0 and a word of `why` while it was not. `raised_at_us` and
    `ended_at_us`: of which moments it was told last. What it answered, once it did."""

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
