"""The limits of supervision as a form: durations as people write them, and what is wrong beside each field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import pgettext

from egide.fleet.supervision import limit_words as words
from egide.fleet.supervision.limit_faults import faults_in
from egide.fleet.supervision.rules import (
    APP,
    AWAY,
    BUTTON_BATTERY,
    CLEARED,
    CLOCK,
    DAY_S,
    HELD_BACK,
    HOUR_S,
    LEFT,
    LEVELS,
    LIMITED,
    MICROPHONE,
    MINUTE_S,
    PHONE_BATTERY,
    POSITION,
    RADIO,
    SAVER,
    SILENT,
    SILENT_PAGE,
    STORE,
    TEST_DUE,
    TEST_FAILED,
    TEXTS,
    UNPAIRED,
    WHOM,
    Settings,
)
from egide.fleet.supervision.words import LEVELS as LEVEL_WORDS
from egide.fleet.supervision.words import SILENT_PAGE as SILENT_PAGE_WORDS
from egide.fleet.supervision.words import TROUBLES as TROUBLE_WORDS

LONGEST_S = 90 * DAY_S
# Troubles that share their fields; the first gives its name.
GROUPS = (
    (SILENT,),
    (SILENT_PAGE,),
    (CLEARED,),
    (UNPAIRED,),
    (LEFT,),
    (AWAY,),
    (RADIO,),
    (HELD_BACK, STORE),
    (PHONE_BATTERY, BUTTON_BATTERY, POSITION, MICROPHONE),
    (TEST_FAILED, TEST_DUE, CLOCK, APP, SAVER, TEXTS),
)
_WORDS = {**TROUBLE_WORDS, SILENT_PAGE: SILENT_PAGE_WORDS}
_FIRST = {what: group[0] for group in GROUPS for what in group}
_DURATION = re.compile(r"(\d{1,5})\s*([^\W\d]{0,8})\.?")
# As they are written in the four languages.
_UNITS = {
    1: ("s", "sec", "sek"),
    MINUTE_S: ("min", "m", "minuten", "minutes"),
    HOUR_S: ("h", "u", "uur", "std", "heures", "hours", "stunden"),
    DAY_S: ("d", "j", "t", "day", "days", "jour", "jours", "dag", "dagen", "tag", "tage"),
}
_SECONDS = {word: seconds for seconds, unit in _UNITS.items() for word in unit}


@dataclass(frozen=True)
class Field:
    """One field: what was typed, and what is wrong with it."""

    name: str
    label: object
    text: str
    error: object = ""


@dataclass(frozen=True)
class LevelRow:
    """The fields of one level, for one trouble."""

    level: str
    word: object
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Part:
    """Troubles that share their fields, for every level; `is_open` shows them without a click."""

    what: str
    words: tuple[object, ...]
    rows: tuple[LevelRow, ...]
    is_open: bool


@dataclass(frozen=True)
class LimitsForm:
    """The whole form; `settings` is there when nothing is wrong."""

    parts: tuple[Part, ...]
    days: tuple[Field, ...]
    percents: tuple[Field, ...]
    settings: Settings | None = None

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field, after the words under which the field is found on the page."""
        fields = [
            ((*part.words[:1], row.word), field)
            for part in self.parts
            for row in part.rows
            for field in row.fields
        ]
        fields += [((), field) for field in (*self.days, *self.percents)]
        return {
            field.name: " · ".join(map(str, (*where, field.label, field.error)))
            for where, field in fields
            if field.error
        }


def duration(seconds: int) -> str:
    """ "45 s", "20 min", "4 h", "3 d": as short as it is exact, the day's letter in the reader's language."""
    if not seconds:
        return "0"
    for unit_s, letter in ((DAY_S, pgettext("days, short", "d")), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds % unit_s == 0:
            return f"{seconds // unit_s} {letter}"
    return f"{seconds} s"


def form_of(settings: Settings) -> LimitsForm:
    """The form that shows these settings."""
    return _form(_texts(settings), {}, settings)


def read_form(texts: Mapping[str, str], base: Settings) -> LimitsForm:
    """What was typed, checked field by field; nothing of it is lost. A field that nobody touched changes nothing."""
    shown = _texts(base)
    typed = {name: texts.get(name, "").strip()[:20] for name in shown}
    errors: dict[str, str] = {}
    ladders = {level: dict(base.ladders[level]) for level in LEVELS}
    for name in (name for name in shown if name.count(".") == 2 and typed[name] != shown[name]):
        level, first, whom = name.split(".")
        seconds = _seconds(typed, errors, name)
        for what in (what for what in LIMITED if _FIRST[what] == first):
            ladders[level][what] = replace(ladders[level][what], **{whom: seconds})
    days = {level: _number(typed, errors, f"{level}.test-days", 90, "days") for level in LEVELS}
    low, good = (_number(typed, errors, name, 99, "percent") for name in ("battery-low", "battery-good"))
    settings = replace(base, ladders=ladders, test_days=days, battery_low_pct=low, battery_good_pct=good)
    for fault in faults_in(settings) if not errors else ():
        name = f"{fault.level}.{_FIRST[fault.what]}.{fault.whom}" if fault.level else "battery-good"
        errors.setdefault(name, fault.why)
    return _form(typed, errors, None if errors else settings)


def _seconds(typed: Mapping[str, str], errors: dict[str, str], name: str) -> int:
    found = _DURATION.fullmatch(typed[name].casefold())
    number, unit = (int(found[1]), found[2]) if found else (0, "?")
    if unit not in _SECONDS and (unit or number):
        errors[name] = "duration"
        return 0
    seconds = number * _SECONDS.get(unit, 0)
    if seconds > LONGEST_S:
        errors[name] = "longest"
    return seconds


def _number(typed: Mapping[str, str], errors: dict[str, str], name: str, most: int, why: str) -> int:
    text = typed[name]
    if text.isascii() and text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= most:
        return int(text)
    errors[name] = why
    return 1


def _texts(settings: Settings) -> dict[str, str]:
    texts = {
        f"{level}.{what}.{whom}": duration(settings.ladders[level][what].after(whom))
        for level in LEVELS
        for what, *_others in GROUPS
        for whom in WHOM
    }
    texts |= {f"{level}.test-days": str(settings.test_days[level]) for level in LEVELS}
    return texts | {
        "battery-low": str(settings.battery_low_pct),
        "battery-good": str(settings.battery_good_pct),
    }


def _form(
    texts: Mapping[str, str], errors: Mapping[str, str], settings: Settings | None = None
) -> LimitsForm:
    def field(name: str, label: object) -> Field:
        return Field(name, label, texts[name], words.FAULTS[errors[name]] if name in errors else "")

    parts = []
    for group in GROUPS:
        what = group[0]
        rows = tuple(
            LevelRow(
                level,
                LEVEL_WORDS[level],
                tuple(field(f"{level}.{what}.{whom}", words.WHOM[whom]) for whom in WHOM),
            )
            for level in LEVELS
        )
        is_wrong = any(one.error for row in rows for one in row.fields)
        words_of = tuple(_WORDS[one] for one in group)
        parts.append(Part(what, words_of, rows, is_wrong or what == SILENT))
    return LimitsForm(
        tuple(parts),
        tuple(field(f"{level}.test-days", LEVEL_WORDS[level]) for level in LEVELS),
        (field("battery-low", words.BATTERY_LOW), field("battery-good", words.BATTERY_GOOD)),
        settings,
    )
