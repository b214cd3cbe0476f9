"""What leaves the service: these yearly tables of the country and its provinces, and nothing else (safety rule 34).

No zone, no hour, no month, no operator, no free question. A province is the area of a dispatch centre. How fast help
came stands for the country alone. Every figure comes from the ordinary measures; which cells are shown: suppression.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from egide.evaluation.measures.alarms import NUISANCE, OUTCOME_WORDS
from egide.evaluation.records.schemas import FOUNDED

WHOLE, ELSEWHERE = "country", "elsewhere"
# Cells that no table lists, but that anybody can compute by taking one from another.
REST = "rest"
UNCLEAR = "unclear"
UNCLEAR_OUTCOMES = tuple(word for word in OUTCOME_WORDS if word not in (*NUISANCE, *FOUNDED))


class Key(NamedTuple):
    """One cell of the tables of a year."""

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class ShareColumn:
    """A figure that follows from two shown cells of a row: `of` one or more columns by `n`, times `scale`."""

    id: str
    title_en: str
    of: tuple[str, ...]
    n: str
    # Up to what the share could be, when these columns counted too; else an interval of Wilson.
    at_most: tuple[str, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True)
class Table:
    """One yearly table. `rows` is empty for the country with its provinces."""

    id: str
    title_en: str
    population_en: str
    columns: dict[str, str]
    rows: dict[str, str] = field(default_factory=dict)
    row_head_en: str = ""
    shares: tuple[ShareColumn, ...] = ()

    @property
    def by_province(self) -> bool:
        return not self.rows


_COUNTRY_ROW = {WHOLE: _("the country")}
STEPS = {
    "seen": _("seen on a board"),
    "confirmed": _("zone informed"),
    "under-way": _("team under way"),
    "on-site": _("team on the spot"),
}
TABLES = (
    Table(
        "people",
        _("People under protection"),
        _(
            "Files with a kit. Newly: the first kit left the house in the year. So far and now: on the last day of the"
            " year. Province: that of the zone that manages the file."
        ),
        {"new": _("newly in the year"), "now": _("on the last day"), "ever": _("so far")},
    ),
    Table(
        "decisions",
        _("Decisions on requests"),
        _("Requests that a prosecutor’s office decided in the year; a request that was taken back is none."),
        {"granted": _("granted"), "refused": _("refused"), "decided": _("decided")},
    ),
    Table(
        "kits",
        _("Kits in use"),
        _("Kits that are out with somebody on the last day of the year."),
        {"in-use": _("in use")},
    ),
    Table(
        "country",
        _("Kits and zones of the country"),
        _("On the last day of the year. Usable kits are those in stock, in a zone, being made ready or out."),
        {
            "usable": _("usable kits"),
            "zones": _("police zones"),
            "trained": _("zones with trained officers"),
            "available": _("zones in which the alarm is available"),
        },
        rows=_COUNTRY_ROW,
    ),
    Table(
        "alarms",
        _("Alarms"),
        _(
            "Alarms that were received in the year, without tests. Needed nobody: handling error, test, technical"
            " fault. Province: that of the dispatch centre that led. Needing nobody is never counted against anybody."
        ),
        {
            "all": _("alarms"),
            "went": _("with an intervention"),
            "arrest": _("with an arrest"),
            "nuisance": _("needed nobody"),
            "founded": _("founded"),
            UNCLEAR: _("person not found, or not closed"),
        },
        shares=(
            ShareColumn("nuisance", _("share that needed nobody"), ("nuisance",), "all", is_sample=True),
        ),
    ),
    Table(
        "outcomes",
        _("How alarms ended"),
        _("Alarms of the year in the whole country, by the outcome with which they were closed last."),
        {"alarms": _("alarms")},
        rows=OUTCOME_WORDS,
        row_head_en=_("outcome"),
    ),
    Table(
        "steps",
        _("From reception to people on the spot"),
        _(
            "Alarms of the year in the whole country for which the moment is known; half of them were faster than the"
            " median. Never by province: a table of slow help would show where to strike."
        ),
        {"known": _("alarms")},
        rows=STEPS,
        row_head_en=_("step"),
    ),
    Table(
        "arrival",
        _("On the spot within 10 and 15 minutes"),
        _("Alarms of the year in the whole country for which a team went and its arrival is known."),
        {
            "within10": _("within 10 minutes"),
            "within15": _("after 10 to 15 minutes"),
            "later": _("later"),
            "known": _("arrival known"),
        },
        rows=_COUNTRY_ROW,
        shares=(
            ShareColumn("in10", _("share within 10 minutes"), ("within10",), "known", is_sample=True),
            ShareColumn(
                "in15", _("share within 15 minutes"), ("within10", "within15"), "known", is_sample=True
            ),
        ),
    ),
    Table(
        "durations",
        _("Days to decide and days of protection"),
        _(
            "Requests that were decided in the year; files whose protection ended in the year. Protections that still"
            " run are not among them, so that long ones appear late."
        ),
        {"known": _("files")},
        rows={"decision": _("days to decide"), "protection": _("days of protection")},
        row_head_en=_("what"),
    ),
    Table(
        "again",
        _("Victim again"),
        _(
            "Every file with a first decision in the year before, so that twelve months are over for all. Files that"
            " were refused, withdrawn or dropped stay in, and so do people who were killed, before a decision too. No"
            " effect can be read from this: that would need a comparison with people who had no alarm."
        ),
        {
            "decided": _("files"),
            "in6": _("new incident within 6 months"),
            "in12": _("new incident within months 7 to 12"),
            "left": _("none on record, file closed before 12 months"),
            "none": _("none on record, followed for 12 months"),
        },
        rows={
            "all": _("all files"),
            "granted": _("granted"),
            "refused": _("refused"),
            "dropped": _("request withdrawn, or died before"),
        },
        row_head_en=_("decision"),
        shares=(
            ShareColumn("in6", _("share within 6 months"), ("in6",), "decided"),
            ShareColumn("in12", _("share within 12 months"), ("in6", "in12"), "decided", at_most=("left",)),
        ),
    ),
    Table(
        "deaths",
        _("Deaths outside of an alarm"),
        _(
            "Deaths of the year in the whole country that were entered in files; those of an alarm are counted with its"
            " outcome. Violence by the perpetrator as it is known by now: no judgement, and no count of feminicides"
            " (law of 13 July 2023)."
        ),
        {
            "all": _("deaths"),
            "violent": _("violence known or suspected"),
            "other": _("violence excluded"),
            "unclear": _("not known yet"),
        },
        rows={"protected": _("protected people"), "close": _("their children and relatives")},
        row_head_en=_("who died"),
    ),
    Table(
        "survey",
        _("Response to surveys"),
        _("Invitations that were handed over in the year, and answers that came in it."),
        {"asked": _("invitations"), "answered": _("answers")},
        rows={"beneficiary": _("beneficiaries"), "officer": _("officers")},
        row_head_en=_("asked"),
        shares=(ShareColumn("response", _("response"), ("answered",), "asked", is_sample=True),),
    ),
    Table(
        "safer",
        _("Feel clearly safer"),
        _(
            "Beneficiaries who answered this question of the survey in the year. Whoever did not answer is not among"
            " them: read it with the response."
        ),
        {"clearly": _("clearly safer"), "other": _("another answer"), "answered": _("answered")},
        rows=_COUNTRY_ROW,
        shares=(
            ShareColumn(
                "safer", _("share that feels clearly safer"), ("clearly",), "answered", is_sample=True
            ),
        ),
    ),
)
BY_ID = {table.id: table for table in TABLES}
# Percentiles beside a row of a table: (measure, its step or "", the row that counts its population).
MEDIANS = {Key("steps", step, "known"): ("steps", step) for step in STEPS} | {
    Key("durations", "decision", "known"): ("decision-days", ""),
    Key("durations", "protection", "known"): ("protection-days", ""),
}
PERCENTILES = {"p50": 0.5, "p90": 0.9}


class Sums(NamedTuple):
    """`total` is the sum of `parts`; where `rest` is set, of them and of a rest that no table lists.

    `protects`: a small rest would reveal something about a few people, and is protected like a cell that is listed.
    `mostly_nobody`: a reader would guess that there is no rest; where that is true it counts as known.
    """

    total: Key
    parts: tuple[Key, ...]
    rest: bool = False
    protects: bool = False
    mostly_nobody: bool = False


def sums_of(rows: list[str]) -> Iterator[Sums]:
    """Every sum within the tables of one year. `rows` are those of a table by province."""
    for table in TABLES:
        for column in table.columns if table.by_province else ():
            parts = tuple(Key(table.id, row, column) for row in rows if row != WHOLE)
            yield Sums(Key(table.id, WHOLE, column), parts)
    for row in rows:
        alarms = {column: Key("alarms", row, column) for column in BY_ID["alarms"].columns}
        people = {column: Key("people", row, column) for column in BY_ID["people"].columns}
        yield _within("decisions", row, "decided", "granted", "refused")
        yield _within("alarms", row, "all", "nuisance", "founded", UNCLEAR)
        yield Sums(alarms["all"], (alarms["went"],), rest=True, protects=True)
        yield Sums(alarms["went"], (alarms["arrest"],), rest=True, protects=True)
        yield Sums(people["ever"], (people["now"],), rest=True, protects=True)
        yield Sums(people["ever"], (people["new"],), rest=True)
        yield Sums(Key("kits", row, "in-use"), (people["now"],), rest=True, mostly_nobody=True)
    yield from _country_sums()
    yield from _again_sums()
    for row in BY_ID["deaths"].rows:
        yield _within("deaths", row, "all", "violent", "other", "unclear")


def _within(table: str, row: str, total: str, *parts: str) -> Sums:
    return Sums(Key(table, row, total), tuple(Key(table, row, part) for part in parts))


def _country_sums() -> Iterator[Sums]:
    def outcomes(words: Sequence[str]) -> tuple[Key, ...]:
        return tuple(Key("outcomes", word, "alarms") for word in words)

    alarms = {column: Key("alarms", WHOLE, column) for column in BY_ID["alarms"].columns}
    known = {step: Key("steps", step, "known") for step in STEPS}
    yield Sums(alarms["nuisance"], outcomes(NUISANCE))
    yield Sums(alarms["founded"], outcomes(FOUNDED))
    yield Sums(alarms[UNCLEAR], outcomes(UNCLEAR_OUTCOMES))
    for step, of in (("seen", "all"), ("confirmed", "all"), ("under-way", "went"), ("on-site", "went")):
        yield Sums(alarms[of], (known[step],), rest=True, mostly_nobody=True)
    yield Sums(known["on-site"], (Key("arrival", WHOLE, "known"),))
    yield _within("arrival", WHOLE, "known", "within10", "within15", "later")
    yield Sums(Key("decisions", WHOLE, "decided"), (Key("durations", "decision", "known"),))
    yield Sums(
        Key("survey", "beneficiary", "answered"),
        (Key("safer", WHOLE, "answered"),),
        rest=True,
        mostly_nobody=True,
    )
    yield _within("safer", WHOLE, "answered", "clearly", "other")


def _again_sums() -> Iterator[Sums]:
    rows, columns = BY_ID["again"].rows, BY_ID["again"].columns
    for row in rows:
        yield _within("again", row, "decided", "in6", "in12", "left", "none")
    for column in columns:
        parts = tuple(Key("again", row, column) for row in rows if row != "all")
        yield Sums(Key("again", "all", column), parts)
