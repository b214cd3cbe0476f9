"""What a reader can say of an alarm now, in their words: the rows of the table (alarm.table) as buttons and forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.rows import Asked, Command
from egide.alarm.state import AlarmState
from egide.alarm.table import commands_of


@dataclass(frozen=True)
class Question:
    """A field of a form, with what was typed into it before it was refused."""

    name: str
    word: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    typed: str


@dataclass(frozen=True)
class Act:
    """One command: a button, and a form where something is asked.

    `address` is the name of its address on the page; a team's page has one for all.
    """

    name: str
    word: str
    short: str
    key: str
    lane: str
    step: str
    address: str
    asks: tuple[Question, ...]

    @property
    def is_typed(self) -> bool:
        """Whether its form came back."""
        return any(question.typed for question in self.asks)


def acts_of(
    state: AlarmState,
    who: str,
    call_sign: str = "",
    typed: Mapping[str, str] | None = None,
) -> list[Act]:
    """What can be said on the page `who` as the alarm stands."""
    return [
        _act(row, who, typed or {})
        for row in commands_of(who)
        if row.lane != "page" and row.offered(state, who, call_sign)
    ]


def every_act(who: str) -> list[Act]:
    """All that can ever be said on the page `who`, for a page that shows and hides by itself."""
    return [_act(row, who, {}) for row in commands_of(who)]


def _act(row: Command, who: str, typed: Mapping[str, str]) -> Act:
    return Act(
        name=row.name,
        word=gettext(row.word),
        short=gettext(row.short or row.word),
        key=row.key,
        lane=row.lane,
        step=row.step,
        address=f"{who}-{row.name}",
        asks=tuple(_question(asked, typed.get(asked.name, "")) for asked in row.asks),
    )


def _question(asked: Asked, typed: str) -> Question:
    choices = tuple((value, gettext(word)) for value, word in asked.choices)
    return Question(asked.name, gettext(asked.word), asked.kind, choices, typed)
