"""What a reader can say of an alarm now, in their words: the rows of the table (alarm.table) as buttons and forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.rows import BY_ITSELF, Asked, Command, Speaker
from egide.alarm.state import AlarmState
from egide.alarm.table import commands_of, is_shown

NOBODY: Mapping[str, str] = {"centre": ""}


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

    `address` is the name of its address on the page; a team's page has one for all. `key` is the key as a browser names
    it, `key_word` as people read it, `listed` what the list of keys says. `has_form`: more than a button; `asks` is
    what is laid out here of it, and not by a dialog of its own.
    """

    name: str
    word: str
    short: str
    listed: str
    key: str
    lane: str
    step: str
    address: str
    has_form: bool
    asks: tuple[Question, ...]

    @property
    def key_word(self) -> str:
        return gettext(self.key) if len(self.key) > 1 else self.key

    @property
    def is_typed(self) -> bool:
        """Whether its form came back."""
        return any(question.typed for question in self.asks)


def acts_of(
    state: AlarmState,
    who: Speaker,
    typed: Mapping[str, str] | None = None,
    names: Mapping[str, str] = NOBODY,
) -> list[Act]:
    """What this reader can say as the alarm stands; `names` are those of the centre that leads."""
    return [
        _act(row, who.page, typed or {}, names)
        for row in _by_hand(who.page)
        if is_shown(row, state, who) and row.offered(state, who)
    ]


def every_act(page: str) -> list[Act]:
    """All that can ever be said on a page, for one that shows and hides by itself."""
    return [_act(row, page, {}, NOBODY) for row in _by_hand(page)]


def _by_hand(page: str) -> list[Command]:
    return [row for row in commands_of(page) if row.lane != BY_ITSELF]


def _act(row: Command, page: str, typed: Mapping[str, str], names: Mapping[str, str]) -> Act:
    word = gettext(row.word)
    return Act(
        name=row.name,
        word=word % names if "%(" in word else word,
        short=gettext(row.short or row.word),
        listed=gettext(row.listed or row.word),
        key=row.key,
        lane=row.lane,
        step=row.step,
        address=f"{page}-{row.name}",
        has_form=bool(row.asks),
        asks=tuple(_question(asked, typed.get(asked.name, "")) for asked in row.asks if asked.word),
    )


def _question(asked: Asked, typed: str) -> Question:
    choices = tuple((value, gettext(word)) for value, word in asked.choices)
    return Question(asked.name, gettext(asked.word), asked.kind, choices, typed)
