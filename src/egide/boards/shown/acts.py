"""What a reader can say of an alarm now, in their words: the rows of the table (alarm.table) as buttons and forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from egide.alarm.rows import BY_ITSELF, AskedField, Command, Speaker
from egide.alarm.state import AlarmState
from egide.alarm.table import STEP, commands_of, is_shown
from egide.alarm.undoing import UNDO_S, undoable_by
from egide.boards.shown.timeline import WORDS

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
    what is laid out here of it, and not by a dialog of its own, and `sends` the word of the button that sends it.
    `leads`: only a reader who leads says it. `again`: what it is called when its step was taken and can be taken again.
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
    leads: bool
    sends: str
    again: str

    @property
    def key_word(self) -> str:
        return gettext(self.key) if len(self.key) > 1 else self.key

    @property
    def is_typed(self) -> bool:
        """Whether its form came back."""
        return any(question.typed for question in self.asks)


@dataclass(frozen=True)
class Undo:
    """What the reader has just said and can take back, in a word, and until when by the server's clock."""

    alarm: str
    version: int
    word: str
    until_ms: int


def undo_of(state: AlarmState, by: str, now_us: int) -> Undo | None:
    """What this reader can take back now."""
    one = undoable_by(state, by)
    if one is None or now_us - one.at_us >= UNDO_S * 1_000_000:
        return None
    return Undo(state.alarm, one.version, str(WORDS[one.kind]), one.at_us // 1000 + UNDO_S * 1000)


def acts_of(
    state: AlarmState,
    who: Speaker,
    typed: Mapping[str, str] | None = None,
    names: Mapping[str, str] = NOBODY,
) -> list[Act]:
    """What this reader can say as the alarm stands; `names` are those of the centre that leads."""
    return [
        _act(row, who.page, typed or {}, names, is_done=bool(row.step and STEP[row.step].done(state)))
        for row in _by_hand(who.page)
        if is_shown(row, state, who) and row.offered(state, who)
    ]


def every_act(page: str) -> list[Act]:
    """All that can ever be said on a page, for one that shows and hides by itself."""
    return [_act(row, page, {}, NOBODY) for row in _by_hand(page)]


def _by_hand(page: str) -> list[Command]:
    return [row for row in commands_of(page) if row.lane != BY_ITSELF]


def _act(
    row: Command, page: str, typed: Mapping[str, str], names: Mapping[str, str], *, is_done: bool = False
) -> Act:
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
        leads=page in row.leads,
        sends=gettext(row.sends) if row.sends else "",
        again=gettext(row.again) if row.again and is_done else "",
    )


def _question(asked: AskedField, typed: str) -> Question:
    choices = tuple((value, gettext(word)) for value, word in asked.choices)
    return Question(asked.name, gettext(asked.word), asked.kind, choices, typed)
