"""What a measure is, what is asked of it, and what it answers: the shapes that pages, exports and reports read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import msgspec
import polars as pl
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from egide.evaluation.records.period import Period

# The units of figures. A share lies between 0 and 1.
UNITS = {
    "people": _("people"),
    "kits": _("kits"),
    "files": _("files"),
    "alarms": _("alarms"),
    "zones": _("zones"),
    "answers": _("answers"),
    "share": _("share"),
    "days": _("days"),
    "seconds": _("seconds"),
    "hours per kit and 30 days": _("hours per kit and 30 days"),
    "grants per 100,000 inhabitants": _("grants per 100,000 inhabitants"),
    "grants per 100 reports": _("grants per 100 reports of stalking"),
}
# Units of things that are counted: none of them is a 0 that is known.
COUNTED = ("people", "kits", "files", "alarms")

# Why there is no figure. Never a 0 instead.
UNKNOWN = {
    "nobody": _("Nobody and nothing belongs to this population in this period and place."),
    "no-records": _("The records hold nothing of this period."),
    "not-imported": _("The file with these numbers was not imported for this period and place."),
    "not-recorded": _("The journal does not record this yet."),
    "too-few": _("Too few for an interval that says anything."),
    "whole-years": _("Ask for whole calendar years: the other side of this ratio is only known by year."),
    "no-place": _("Surveys carry no place, so that nobody can be found in them: ask for the whole country."),
    "few": _("Fewer than five: what was measured of them is not handed out."),
    "not-yet": _("Not enough time has passed to know."),
}

# What a reader must know about one answer; "count" and "n" are those of its whole.
ASSUMED = "assumed"
NOTES = {
    ASSUMED: _("The share was published without its number of answers: {count} of {n} is an assumption."),
}

# What a result can be split by. "hour" is the hour of day in the authority's time.
SPLITS = {
    "centre": _("dispatch centre"),
    "zone": _("police zone"),
    "office": _("prosecutor’s office"),
    "hour": _("hour of day"),
    "month": _("month"),
    "year": _("year"),
}
# The kinds of parts that measures have of their own.
DIMS = {
    "trigger": _("set off by"),
    "outcome": _("outcome"),
    "cause": _("cause"),
    "decision": _("decision"),
    "percentile": _("percentile"),
    "step": _("step"),
    "role": _("asked"),
    "died": _("who died"),
    "violence": _("violence by the perpetrator"),
}
# By what most measures can be split.
BY_PLACE_AND_TIME = ("centre", "zone", "office", "month", "year")
PLACES = ("centre", "zone", "office")


def dim_word(dim: str) -> str:
    """The name of a kind of parts."""
    known = DIMS | SPLITS
    return gettext(known[dim]) if dim in known else dim


@dataclass(frozen=True)
class Places:
    """Where: the whole country, or all of `codes` of one kind ("centre", "zone", "office")."""

    kind: str = ""
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """ "zone:5415,5416", empty for the country."""
        return f"{self.kind}:{','.join(self.codes)}" if self.kind else ""


COUNTRY = Places()


@dataclass(frozen=True)
class Query:
    """What is asked: a period, a place, and by what the answer is split ("" for not at all)."""

    period: Period
    places: Places = COUNTRY
    by: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a result. `keys` stand in the order of `Result.dims`.

    `count` of `n` where the figure is a share; `n` is the population otherwise. `low` and `high` are a 95 % interval,
    or the bounds between which it lies when some are not known. `unknown` is a word of UNKNOWN; then `value` is None.
    `left_out` are members of the population of which it is not known.
    """

    keys: tuple[str, ...] = ()
    value: float | None = None
    count: int | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    left_out: int = 0
    unknown: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of one measure: the whole first, then its parts.

    `dims` names the keys of the cells: the split that was asked for, then the measure's own. `on` is the day of a
    figure that holds on a day. `notes` are words of NOTES.
    """

    measure: str
    whole: Cell
    dims: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    on: date | None = None
    notes: tuple[str, ...] = ()

    def note_texts(self) -> tuple[str, ...]:
        """The notes in the reader's language."""
        return tuple(
            gettext(NOTES[note]).format(count=self.whole.count, n=self.whole.n) for note in self.notes
        )


Compute = Callable[["Records", Query], pl.DataFrame | str]


@dataclass(frozen=True)
class Measure:
    """One measure, defined here and nowhere else. Texts are English and translated by the methods below.

    `compute` returns a row for each cell: "split", the measure's own `dims`, and of Cell's fields those that it knows;
    or a word of UNKNOWN. The row whose keys are `headline` (default: all empty) is the whole.
    """

    id: str
    group: str
    title_en: str
    population_en: str
    source_en: str
    unit: str
    compute: Compute
    dims: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    is_stock: bool = False
    words: dict[str, str] = field(default_factory=dict)
    interval_en: str = ""
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return gettext(self.title_en)

    @property
    def population(self) -> str:
        text = gettext(self.population_en)
        return text.format(**self.numbers) if self.numbers else text

    @property
    def source(self) -> str:
        return gettext(self.source_en)

    @property
    def interval(self) -> str:
        return gettext(self.interval_en) if self.interval_en else ""

    @property
    def unit_text(self) -> str:
        return gettext(UNITS[self.unit])

    def word(self, key: str) -> str:
        """What a key of this measure's own dimensions means; codes of places, hours and months stand for themselves."""
        return gettext(self.words[key]) if key in self.words else key


@dataclass(frozen=True)
class About:
    """What the records were built from. `until` is the last day of which they can tell.

    `assumed` are the measures of an invented past for which something had to be assumed.
    `silence_since` is the day from which supervision tells when a kit is silent; None when it never has.
    `unread` events were written by a newer version, in a shape that this one cannot read: the records lack them.
    """

    seq: int
    since: date
    until: date
    built_at_us: int
    is_invented: bool = False
    assumed: tuple[str, ...] = ()
    silence_since: date | None = None
    unread: int = 0

    def unread_text(self) -> str:
        """What a reader must know of events that are missing; empty when none is."""
        if not self.unread:
            return ""
        text = ngettext(
            "%(n)s event was written by a newer version and cannot be read: these figures lack it.",
            "%(n)s events were written by a newer version and cannot be read: these figures lack them.",
            self.unread,
        )
        return text % {"n": self.unread}


@dataclass(frozen=True)
class Records:
    """All record tables in memory, and what was imported beside them."""

    about: About
    tables: dict[str, pl.DataFrame]
    # The rows that were asked for last, by the question.
    taken: dict[object, pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]
