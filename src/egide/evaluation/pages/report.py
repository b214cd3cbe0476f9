"""The yearly report: the published tables of a year as a document, and nothing else (rule 34).

Of an edition that is out; before that as a draft that says so on every page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from egide.access.templatetags.units import day
from egide.common import plots
from egide.common.clock import utc
from egide.evaluation import service
from egide.evaluation.measures import REGISTRY
from egide.evaluation.pages import printing
from egide.evaluation.pages.published_showing import Figure, Sheet, SheetRow, figure_text, sheets
from egide.evaluation.published import editions
from egide.evaluation.published.editions import Edition
from egide.evaluation.published.tables import WHOLE

LAYOUT = "report.typ"
OUT, DRAFT, NOT_OVER = "out", "draft", "not-over"
# What a table counts in, and the measures whose source is its own.
_ABOUT: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "people": (gettext_lazy("people"), ("protected-ever",)),
    "decisions": (gettext_lazy("files"), ("decisions",)),
    "kits": (gettext_lazy("kits"), ("kits-in-use",)),
    "country": (gettext_lazy("kits and zones"), ("kits-usable", "zones-available")),
    "alarms": (gettext_lazy("alarms"), ("alarms",)),
    "outcomes": (gettext_lazy("alarms"), ("outcomes",)),
    "steps": (gettext_lazy("alarms; minutes and seconds"), ("steps",)),
    "arrival": (gettext_lazy("alarms"), ("on-site-10",)),
    "durations": (gettext_lazy("files; days"), ("decision-days", "protection-days")),
    "again": (gettext_lazy("files"), ("victim-again-12",)),
    "deaths": (gettext_lazy("people"), ("deaths",)),
    "survey": (gettext_lazy("invitations and answers"), ("survey-response",)),
    "safer": (gettext_lazy("answers"), ("felt-safer",)),
}
# What a plot draws of a table: these columns, side by side.
_DRAWN = {
    "people": ("new", "now", "ever"),
    "decisions": ("granted", "refused"),
    "kits": ("in-use",),
    "alarms": ("all", "went", "nuisance"),
    "outcomes": ("alarms",),
    "steps": ("p50", "p90"),
    "arrival": ("share-in10", "share-in15"),
    "durations": ("p50", "p90"),
    "again": ("share-in6", "share-in12"),
    "deaths": ("violent", "other", "unclear"),
    "survey": ("share-response",),
    "safer": ("clearly", "other"),
}
# The first page: table, row, column.
_GLANCE = (
    ("people", WHOLE, "ever"),
    ("people", WHOLE, "now"),
    ("people", WHOLE, "new"),
    ("decisions", WHOLE, "decided"),
    ("country", WHOLE, "usable"),
    ("kits", WHOLE, "in-use"),
    ("country", WHOLE, "available"),
    ("alarms", WHOLE, "all"),
    ("alarms", WHOLE, "share-nuisance"),
    ("alarms", WHOLE, "went"),
    ("alarms", WHOLE, "arrest"),
    ("steps", "on-site", "p50"),
    ("arrival", WHOLE, "share-in10"),
    ("again", "all", "share-in12"),
    ("safer", WHOLE, "share-safer"),
)


@dataclass(frozen=True)
class Issue:
    """An edition and how it stands: "out", "draft" or "not-over"; `on` is the day of publishing, or of the records."""

    edition: Edition
    state: str
    on: date
    why: str = ""


def issue_of(year: int) -> Issue:
    """The newest edition that is out, else what would be published. Raises NoRecords, NotPublishable."""
    out = editions.editions(year)
    if out:
        return Issue(out[0].edition, OUT, out[0].published_on, out[0].why)
    draft = editions.draft(year)
    built = timezone.localtime(utc(service.records().about.built_at_us)).date()
    return Issue(draft.edition, DRAFT if draft.is_over else NOT_OVER, built)


def make_report(year: int, language: str) -> bytes:
    """The PDF. Raises NoRecords, NotPublishable."""
    issue = issue_of(year)
    with override(language):
        return printing.pdf(LAYOUT, report_data(issue, language), issue.on)


def report_data(issue: Issue, language: str) -> dict[str, Any]:
    """What the report says, in the language that is active."""
    year = issue.edition.year
    found = sheets(issue.edition)
    numbers = {sheet.table.id: number for number, sheet in enumerate(found, start=1)}
    title = _("Silent alarm: figures of %(year)s") % {"year": year}
    return {
        "title": title,
        "author": "Egide",
        "authority": "Egide",
        "language": language,
        "lead": _("The yearly tables for the country and its provinces"),
        "marks": list(_marks(issue)),
        "words": {
            "glance": _("At a glance"),
            "contents": _("Tables"),
            "unit": _("Unit"),
            "population": _("Population"),
            "source": _("Source"),
        },
        "glance": {
            "columns": [_("The country"), str(year), _("95 % interval, or bounds"), _("Table")],
            "rows": list(_glance(found, numbers)),
        },
        "reading": _reading(),
        "sections": [_section(sheet, numbers[sheet.table.id]) for sheet in found],
        "footer": " · ".join(["Egide", title, *_marks_of_page(issue)]),
    }


def _marks(issue: Issue) -> Iterator[str]:
    if issue.edition.is_invented:
        yield _("Invented people and invented figures.")
    words = {"number": issue.edition.number, "day": day(issue.on), "why": issue.why}
    if issue.state == OUT:
        yield _("Edition %(number)s, published on %(day)s.") % words
        if issue.why:
            yield _("Corrected: %(why)s") % words
    else:
        yield _("Draft, not published: do not pass it on.")
        if issue.state == NOT_OVER:
            yield _("The year is not over in the records.")


def _marks_of_page(issue: Issue) -> Iterator[str]:
    if issue.edition.is_invented:
        yield _("invented")
    if issue.state != OUT:
        yield _("draft")


def _reading() -> list[str]:
    return [
        _(
            "“Not shown” protects people: a number under 5, a zero too, or one from which such a number could be"
            " computed. Which of the two it is, is not said."
        ),
        _(
            "A province is the area of a dispatch centre. No figure of a zone, an hour or a month is published."
        ),
        _(
            "Beside a share stands of how many it is, and its 95 % interval (Wilson); for “victim again” what it would"
            " be if everybody whose file was closed early had become one."
        ),
        _("How fast help came is shown for the whole country alone: by place it would show where to strike."),
        _(
            "No effect of the alarm can be read from these figures: that would need a comparison with people who had"
            " none."
        ),
        _(
            "Every figure is counted from the journal of what happened. “Unknown” and “too few” are never a 0. Tests"
            " and control presses are no alarms."
        ),
    ]


def _glance(found: Sequence[Sheet], numbers: dict[str, int]) -> Iterator[list[dict[str, Any]]]:
    by_id = {sheet.table.id: sheet for sheet in found}
    for table, row_id, column in _GLANCE:
        sheet = by_id[table]
        row = next((row for row in sheet.rows if row.id == row_id), None)
        figure = next((one for one in row.figures if one.column == column), None) if row else None
        if row is None or figure is None:
            continue
        part = "" if row_id == WHOLE else f"{row.title}, "
        yield [
            _plain(f"{sheet.title} · {part}{figure.title}"),
            _cell(figure, with_interval=False),
            _plain(figure.interval or "–"),
            _plain(str(numbers[table])),
        ]


def _section(sheet: Sheet, number: int) -> dict[str, Any]:
    unit, measures = _ABOUT[sheet.table.id]
    shown = [row for row in sheet.rows if not _says_nothing(row)]
    hidden = [row.title for row in sheet.rows if _says_nothing(row)]
    notes = [_("Not shown: %(rows)s.") % {"rows": ", ".join(hidden)}] if hidden else []
    if not shown:
        notes = [_("Nothing of this table can be shown.")]
    svg = _drawn(sheet)
    return {
        "title": _("Table %(number)s. %(title)s") % {"number": number, "title": sheet.title},
        "unit": str(unit),
        "population": sheet.population,
        "source": " ".join(dict.fromkeys(REGISTRY[one].source for one in measures)),
        "svg": svg or None,
        "alt": _("%(title)s; the table below says the same") % {"title": sheet.title},
        "columns": [capfirst(sheet.row_head) or " ", *sheet.heads],
        "rows": [[_plain(row.title), *map(_cell, row.figures)] for row in shown],
        "notes": notes,
    }


def _says_nothing(row: SheetRow) -> bool:
    return all(one.value is None for one in row.figures)


def _cell(figure: Figure, with_interval: bool = True) -> dict[str, Any]:
    interval = figure.interval if with_interval else ""
    return {"text": figure.text, "beside": interval, "quiet": figure.value is None}


def _plain(text: str) -> dict[str, Any]:
    return {"text": text, "beside": "", "quiet": False}


# Plots


def _drawn(sheet: Sheet) -> str:
    """Bars of what is shown; nothing where fewer than two figures are, or all are 0."""
    columns = _DRAWN.get(sheet.table.id, ())
    rows = [row for row in sheet.rows if any(one.value is not None for one in _picked(row, columns))]
    picked = [_picked(row, columns) for row in rows]
    known = [one.value for figures in picked for one in figures if one.value is not None]
    if len(known) < 2 or not any(known):
        return ""
    unit = picked[0][0].unit
    if len(sheet.rows) == 1:
        labels = [one.title for one in picked[0]]
        series = [plots.Series("", [_point(one) for one in picked[0]])]
    else:
        labels = [row.title for row in rows]
        series = [
            plots.Series(picked[0][at].title, [_point(figures[at]) for figures in picked])
            for at in range(len(columns))
        ]
    plot = plots.Plot(
        title=_("%(title)s; the table below says the same") % {"title": sheet.title},
        labels=labels,
        series=series,
        show=lambda value: figure_text(unit, value),
        unknown=_("not shown"),
        highest=1.0 if unit == "share" else None,
    )
    return plots.bars(plot)


def _picked(row: SheetRow, columns: Sequence[str]) -> list[Figure]:
    return [one for column in columns for one in row.figures if one.column == column]


def _point(figure: Figure) -> plots.Point:
    return plots.Point(figure.value, figure.low, figure.high)
