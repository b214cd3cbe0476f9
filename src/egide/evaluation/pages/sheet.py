"""The steering committee's sheet: two periods side by side on one page, for inside the service."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from egide.access.templatetags.units import day
from egide.common.clock import utc
from egide.evaluation import service
from egide.evaluation.pages import figures, filters, presenting, printing
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, Measure, Places

LAYOUT = "sheet.typ"
# What a committee asks first.
MEASURES = (
    "protected-ever",
    "protected-now",
    "deaths",
    "requests-waiting",
    "decision-days",
    "reviews-overdue",
    "kits-usable",
    "kits-in-use",
    "alarms",
    "nuisance-share",
    "interventions",
    "arrests",
    "steps",
    "on-site-10",
    "felt-safer",
    "zones-available",
)


@dataclass(frozen=True)
class WantedSheet:
    """Which two periods, of which place, in which language."""

    period: Period
    other: Period
    language: str
    places: Places = COUNTRY


def make_sheet(wanted: WantedSheet) -> bytes:
    """The PDF. Raises NoRecords, UnknownPlace."""
    built = timezone.localtime(utc(service.records().about.built_at_us)).date()
    with override(wanted.language):
        return printing.pdf(LAYOUT, sheet_data(wanted), built)


def sheet_data(wanted: WantedSheet) -> dict[str, Any]:
    """What the sheet says, in the language that is active. Raises NoRecords, UnknownPlace."""
    about = service.records().about
    now = figures.results(wanted.period, wanted.places, MEASURES)
    then = figures.results(wanted.other, wanted.places, MEASURES)
    known = service.measures()
    shown = [presenting.shown(known[one], now[one], then[one], with_parts=False) for one in MEASURES]
    marks = [_("For the service only: exact figures, not for publication.")]
    if about.is_invented:
        marks.insert(0, _("Invented people and invented figures."))
    if about.unread:
        marks.append(about.unread_text())
    title = _("Silent alarm: two periods side by side")
    return {
        "title": title,
        "author": "Egide",
        "authority": "Egide",
        "language": wanted.language,
        "lead": f"{filters.name_of(wanted.places)} · {span(wanted.period)} · {_('compared with')} {span(wanted.other)}",
        "marks": marks,
        "columns": [
            _("What is measured, of whom, from which source"),
            span(wanted.period),
            span(wanted.other),
        ],
        "rows": [
            {
                "title": one.measure.title,
                "unit": _unit(one.measure, one.on),
                "population": one.measure.population,
                "source": one.measure.source,
                "number": _number(one.number),
                "other": _number(one.other or one.number),
            }
            for one in shown
        ],
        "notes": [
            _("Two periods differ in more than the alarm: a difference is no effect."),
            _("Intervals are 95 % intervals of Wilson. “Unknown” is never a 0."),
            _("Built from the journal up to event %(seq)s; the records tell until %(until)s.")
            % {"seq": about.seq, "until": day(about.until)},
        ],
        "footer": f"Egide · {title} · {_('for the service only')}",
    }


def span(period: Period) -> str:
    """ "1 January 2022 – 31 December 2022"; a whole year by its number."""
    if period == Period.of_year(period.first.year):
        return str(period.first.year)
    return f"{day(period.first)} – {day(period.last)}"


def _unit(measure: Measure, on: str) -> str:
    """The unit, and which part the figure is where a measure has several."""
    words = [measure.word(key) for key in measure.headline]
    return ", ".join([measure.unit_text, *words, *([_("on the last day")] if on else [])])


def _number(number: presenting.Number) -> dict[str, str]:
    return {"text": number.text, "beside": printing.beside(number)}
