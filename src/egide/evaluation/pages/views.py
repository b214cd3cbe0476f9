"""The dashboard: every measure of a period and place with population, unit and source; inside the service only."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from egide.access.rules import FIGURE_ROLES, REFERENCE_OFFICER, SUPERVISOR, Scope
from egide.access.service import ScopedRequest, for_roles
from egide.evaluation import service
from egide.evaluation.pages import figures, filters, presenting
from egide.evaluation.pages.filters import AskedFigures
from egide.evaluation.service import COUNTRY, GROUPS, SPLITS, Measure, NoRecords, Period, Places, Result
from egide.outbox.days import today
from egide.rollout import service as rollout

GROUP_WORDS = {
    "people": gettext_lazy("People"),
    "files": gettext_lazy("Files"),
    "kits": gettext_lazy("Kits"),
    "alarms": gettext_lazy("Alarms"),
    "times": gettext_lazy("Times"),
    "reach": gettext_lazy("Reach"),
    "surveys": gettext_lazy("Surveys"),
    "training": gettext_lazy("Training"),
}
# A plot by month for up to two years, by year beyond.
_MONTHS_SHOWN = 24
# What people ask for first: people protected, alarms, alarms that needed nobody, arrests, kits that are out.
FIRST = ("protected-now", "alarms", "nuisance-share", "arrests", "kits-in-use")
# Who answers for which kind of place.
KEEPERS = {SUPERVISOR: "centre", REFERENCE_OFFICER: "zone"}
# The measure that says what was held against what.
GAINED = "time-gained"
# Beside the times of a house; a zone does not answer presses, and what needs imports is the evaluator's.
OF_A_HOUSE = ("alarms", "nuisance-share", "outcomes")
NOT_OF_A_HOUSE = {"centre": {GAINED}, "zone": {GAINED, "answered"}}


@dataclass(frozen=True)
class Group:
    """A chapter of the dashboard."""

    id: str
    title: str
    shown: tuple[presenting.ShownMeasure, ...] = ()


@require_GET
@for_roles(*FIGURE_ROLES)
def index(request: ScopedRequest) -> HttpResponse:
    """Every figure of the period at one glance; first the five that people ask for, with their plots."""
    asked = ask(request)
    context = frame(request, asked)
    if context["about"]:
        measures = service.measures()
        context["first"] = [_shown(asked, measures[id], _usual_split(asked, measures[id])) for id in FIRST]
        context["groups"] = [
            Group(group, str(GROUP_WORDS[group]), shown_of(asked, group, with_parts=False))
            for group in GROUPS
        ]
    return render(request, "evaluation/index.html", context, status=422 if asked.errors else 200)


@require_GET
@for_roles(*FIGURE_ROLES)
def group(request: ScopedRequest, group: str) -> HttpResponse:
    """One chapter with its plots and tables."""
    if group not in GROUPS:
        raise Http404
    asked = ask(request)
    context = frame(request, asked) | {"group": Group(group, str(GROUP_WORDS[group]))}
    if context["about"]:
        context["group"] = Group(group, str(GROUP_WORDS[group]), shown_of(asked, group))
    return render(request, "evaluation/group.html", context, status=422 if asked.errors else 200)


@require_GET
@for_roles(*FIGURE_ROLES)
def measure(request: ScopedRequest, name: str) -> HttpResponse:
    """One measure, split as the reader likes."""
    found = service.measures().get(name)
    if found is None:
        raise Http404
    asked = ask(request)
    by = asked.by if asked.by in found.splits else ""
    context = frame(request, asked) | {
        "measure": found,
        "by": by,
        "splits": [(split, _(SPLITS[split])) for split in found.splits],
    }
    if context["about"]:
        context["shown"] = _shown(asked, found, by)
    return render(request, "evaluation/measure.html", context, status=422 if asked.errors else 200)


def ask(request: ScopedRequest) -> AskedFigures:
    """What the reader asks for."""
    about = about_records()
    until = about.until if about else today()
    return filters.read(request.POST if request.method == "POST" else request.GET, until)


def about_records() -> service.About | None:
    """What the records were built from; None before the first time."""
    try:
        return service.records().about
    except NoRecords:
        return None


def frame(request: ScopedRequest, asked: AskedFigures) -> dict[str, Any]:
    """What every page of the dashboard shows around its figures."""
    return {
        "scope": request.scope,
        "asked": asked,
        "about": about_records(),
        "place_name": filters.name_of(asked.places),
        "choices": filters.choices(),
        "group_words": [(group, GROUP_WORDS[group]) for group in GROUPS],
        "ends_early": _ends_early(asked.period),
    }


def _ends_early(period: Period) -> date | None:
    """The last day of the records, where the period goes on beyond it."""
    about = about_records()
    return about.until if about and period.last > about.until >= period.first else None


def shown_of(
    asked: AskedFigures, group: str, *, with_parts: bool = True
) -> tuple[presenting.ShownMeasure, ...]:
    """The measures of a chapter, each with its plot over time where it has one."""
    chosen = [one for one in service.measures().values() if one.group == group]
    if not with_parts:
        ids = tuple(one.id for one in chosen)
        found = figures.results(asked.period, asked.places, ids)
        other = figures.results(asked.other, asked.places, ids) if asked.other else {}
        return tuple(
            presenting.shown(one, found[one.id], other.get(one.id), with_parts=False) for one in chosen
        )
    return tuple(_shown(asked, one, _usual_split(asked, one)) for one in chosen)


def _usual_split(asked: AskedFigures, measure: Measure) -> str:
    """Over time, when the measure and the period have more than one point of it; its own kinds otherwise."""
    if asked.other or measure.dims:
        return ""
    months = len(asked.period.months())
    wanted = "month" if 1 < months <= _MONTHS_SHOWN and "month" in measure.splits else "year"
    return wanted if months > 1 and wanted in measure.splits else ""


def _shown(asked: AskedFigures, measure: Measure, by: str) -> presenting.ShownMeasure:
    ids = (measure.id,)
    found: Result = figures.results(asked.period, asked.places, ids, by)[measure.id]
    other = figures.results(asked.other, asked.places, ids, by)[measure.id] if asked.other else None
    shown = presenting.shown(measure, found, other)
    if measure.id != GAINED:
        return shown
    return replace(shown, compared=presenting.compared_rows(service.compared(asked.period, asked.places)))


@require_GET
@for_roles(*KEEPERS)
def own(request: ScopedRequest) -> HttpResponse:
    """Percentiles and shares of one of the reader's own places, for nobody else's, and of no person."""
    asked, own = ask(request), _own_places(request.scope)
    # Another's place is no place at all here.
    asked.errors.pop("place", None)
    asked.places = asked.places if _value(asked.places) in own else _first(own)
    context = {
        "scope": request.scope,
        "asked": asked,
        "about": about_records(),
        "place_name": own.get(_value(asked.places), ""),
        "choices": list(own.items()),
        "chosen": _value(asked.places),
    }
    if context["about"] and asked.places != COUNTRY:
        context["shown"] = _own_figures(request.scope, asked)
    return render(request, "evaluation/own.html", context, status=422 if asked.errors else 200)


def _own_places(scope: Scope) -> dict[str, str]:
    """The reader's places by value, as "centre:HAI", with their names."""
    return {
        f"{kind}:{code}": name
        for role, kind in KEEPERS.items()
        for code, name in rollout.places_of(kind).items()
        if code in scope.places(role)
    }


def _first(own: dict[str, str]) -> Places:
    """The first of them; the country, of which nothing is shown, where there is none."""
    if not own:
        return COUNTRY
    kind, _colon, code = next(iter(own)).partition(":")
    return Places(kind, (code,))


def _value(places: Places) -> str:
    return f"{places.kind}:{places.codes[0]}" if places.codes else ""


def _own_figures(scope: Scope, asked: AskedFigures) -> list[presenting.ShownMeasure]:
    left_out = NOT_OF_A_HOUSE[asked.places.kind]
    chosen = (
        one
        for one in service.measures().values()
        if one.id in OF_A_HOUSE or (one.group == "times" and one.id not in left_out)
    )
    return [_own_figure(scope, asked, one) for one in sorted(chosen, key=lambda one: one.group != "times")]


def _own_figure(scope: Scope, asked: AskedFigures, measure: Measure) -> presenting.ShownMeasure:
    """Without the files that bar the reader: a number that is one too high tells of them (safety rule 27)."""
    ids, by = (measure.id,), _usual_split(asked, measure)
    found = service.compute_for(scope, asked.period, asked.places, ids, by)[measure.id]
    other = (
        service.compute_for(scope, asked.other, asked.places, ids, by)[measure.id] if asked.other else None
    )
    return presenting.shown(measure, found, other)
