"""The model's people undo what they have just said (decision 0045)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from egide.alarm.state import AlarmState, value_of
from egide.alarm.undoing import UNDO_S, decide_undo
from egide.events.base import Event


class Model(Protocol):
    """What it needs of the machine."""

    state: AlarmState
    now_us: int

    def attempt(self, pause_s: int, decide: Callable[[AlarmState], Sequence[Event]]) -> None: ...


class Undoing:
    """The rule for a state machine."""

    @precondition(lambda self: self.state.undoable)
    @rule(pause_s=st.integers(0, 12), which=st.integers(0, 3))
    def undo(self: Model, pause_s: int, which: int) -> None:
        """What is undone stands as before; nothing of the phone, of a team in danger or of the ladder goes."""
        before = self.state
        one = before.undoable[which % len(before.undoable)]
        self.attempt(pause_s, lambda s: decide_undo(s, one.by, str(one.version), self.now_us))
        if self.state is before:
            return
        assert pause_s <= UNDO_S
        assert all(value_of(self.state, name) == value for name, value in one.before)
        assert self.state.press == before.press and (self.state.help is None) == (before.help is None)
        # What a second offer had cleared away is as before it too; nothing else counts as missed.
        assert self.state.missed == dict(one.before).get("missed", before.missed)
