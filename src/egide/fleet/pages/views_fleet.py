"""The whole fleet in numbers and plots, and the limits of supervision: inside the service, without any person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import ADMINISTRATOR, COORDINATOR, REFERENCE_OFFICER, STEERING, Scope
from egide.access.service import ScopedRequest, for_roles, titles
from egide.common import plots
from egide.fleet import service
from egide.fleet.pages import limits_form
from egide.fleet.supervision import numbers
from egide.fleet.supervision.limits import installed_limits, limits_now
from egide.fleet.supervision.numbers import (
    DUE,
    FAILED,
    FAULTY,
    OTHER,
    SILENT,
    STOCK,
    USED,
    Chosen,
    FleetLine,
    Moment,
)
from egide.fleet.supervision.watch_limits import do_set_limits
from egide.outbox.days import end_of_us, today
from egide.outbox.service import clock, journal
from egide.rollout.service import zone_names

COLUMN_WORDS = {
    STOCK: gettext_lazy("in stock"),
    USED: gettext_lazy("in use"),
    SILENT: gettext_lazy("silent"),
    DUE: gettext_lazy("test due"),
    FAILED: gettext_lazy("test too late"),
    OTHER: gettext_lazy("something else wrong"),
    FAULTY: gettext_lazy("in repair"),
}
OVER_TIME = (STOCK, USED, SILENT, FAULTY)
DAYS, MONTHS = 30, 12
MOST_BARS = 12
_EVERYBODY = (COORDINATOR, STEERING, ADMINISTRATOR)


@dataclass(frozen=True)
class Section:
    """A plot with its table; `empty` says why there is none."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    svg: SafeString
    empty: str = ""


@require_GET
@for_roles(*_EVERYBODY, REFERENCE_OFFICER)
def fleet(request: ScopedRequest) -> HttpResponse:
    """In stock, in use, silent, faulty: by zone, by model, over time."""
    chosen, asked, errors = _chosen(request)
    whole, zones, models = numbers.fleet_now(chosen)
    names = zone_names(*{line.key for line in zones if line.key}) if zones else {}
    days = asked["over"] == "days"
    moments = numbers.fleet_over(chosen, [min(end_of_us(day), clock().now_us()) for day in _days(days)])
    context = {
        "scope": request.scope,
        "whole": [(COLUMN_WORDS[name], _cell(whole, name)) for name in numbers.COLUMNS],
        "has_any": any(whole.numbers.values()),
        "unwatched": whole.numbers[USED] - whole.watched,
        "sections": [
            _over_time(moments, _days(days), days),
            _side_by_side(
                _("By zone"), _("zone"), [(names.get(line.key, _("Central stock")), line) for line in zones]
            ),
            _side_by_side(_("By model of button"), _("model"), [(line.key, line) for line in models]),
        ],
        "asked": asked,
        "errors": errors,
        "zones": _zones_to_choose(request.scope),
        "models": numbers.models_known(chosen),
        "may_set": request.scope.is_coordinator,
        "is_country": chosen.zones is None,
    }
    return render(request, "fleet/fleet.html", context, status=422 if errors else 200)


def _chosen(request: ScopedRequest) -> tuple[Chosen, dict[str, str], dict[str, str]]:
    """What is counted for this reader, what was asked, and what is wrong with it."""
    asked = {name: request.GET.get(name, "")[:60] for name in ("zone", "model", "over")}
    errors: dict[str, str] = {}
    mine = _zones_of(request.scope)
    if asked["zone"] and asked["zone"] not in _zones_to_choose(request.scope):
        errors["zone"] = _("There is no such zone.")
    elif asked["zone"]:
        mine = frozenset({asked["zone"]})
    # What bars this reader does not exist in their numbers either (safety rule 27).
    hidden = service.hidden_kits(request.scope)
    if asked["model"] and asked["model"] not in numbers.models_known(Chosen(mine, hidden=hidden)):
        errors["model"] = _("There is no such model here.")
    model = "" if "model" in errors else asked["model"]
    return Chosen(mine, model, hidden), asked, errors


def _zones_of(scope: Scope) -> frozenset[str] | None:
    """The zones whose kits this reader may count: all (None), or those that a reference officer keeps."""
    if scope.roles & set(_EVERYBODY):
        return None
    return scope.places(REFERENCE_OFFICER)


def _zones_to_choose(scope: Scope) -> dict[str, str]:
    mine = _zones_of(scope)
    return zone_names() if mine is None else zone_names(*mine)


def _days(in_days: bool) -> list[date]:
    """The last days, or the last day of each of the last months and today."""
    now = today()
    if in_days:
        return [now - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    first, found = now.replace(day=1), [now]
    for _number in range(MONTHS - 1):
        found.append(first - timedelta(days=1))
        first = found[-1].replace(day=1)
    return found[::-1]


def _shown(number: int | None) -> str:
    return _("unknown") if number is None else number_format(number, force_grouping=True)


def _cell(line: FleetLine, column: str) -> str:
    """A number; a dash where no kit in use could have one."""
    return "–" if line.is_empty(column) else _shown(line.known(column))


def _over_time(moments: Sequence[Moment], days: Sequence[date], in_days: bool) -> Section:
    title = _("Over the last 30 days") if in_days else _("Over the last 12 months")
    names = [format_date(day, "j M Y" if in_days else "M Y") for day in days]
    # The year only where it begins: twelve labels stand side by side.
    labels = [format_date(day, "j M" if in_days else "M y" if day.month == 1 else "M") for day in days]
    series = [
        plots.Series(str(COLUMN_WORDS[name]), [_point(one.numbers[name]) for one in moments])
        for name in OVER_TIME
    ]
    rows = tuple(
        (label, tuple(_shown(one.numbers[name]) for name in OVER_TIME))
        for label, one in reversed(list(zip(names, moments, strict=True)))
    )
    heads = (_("end of"), *(str(COLUMN_WORDS[name]) for name in OVER_TIME))
    is_empty = all(number is None for one in moments for number in one.numbers.values())
    empty = _("Nothing was recorded yet: what was before is unknown.") if is_empty else ""
    svg = mark_safe("") if is_empty else mark_safe(plots.for_page(plots.lines, _plot(title, labels, series)))
    return Section(title, heads, rows, svg, empty)


def _side_by_side(title: str, head: str, named: list[tuple[str, FleetLine]]) -> Section:
    order = {id(line): number for number, line in enumerate(numbers.shares(line for _name, line in named))}
    kept = sorted(
        ((name, line) for name, line in named if id(line) in order), key=lambda one: order[id(one[1])]
    )
    rows = tuple((name, tuple(_cell(line, each) for each in numbers.COLUMNS)) for name, line in kept)
    heads = (head, *(str(COLUMN_WORDS[name]) for name in numbers.COLUMNS))
    if not kept:
        return Section(title, heads, (), mark_safe(""), _("There is no kit and no button here."))
    drawn = kept[:MOST_BARS]
    series = [
        plots.Series(
            str(COLUMN_WORDS[name]),
            [_point(None if line.is_empty(name) else line.known(name)) for _name, line in drawn],
        )
        for name in (STOCK, USED, SILENT)
    ]
    return Section(
        title,
        heads,
        rows,
        mark_safe(plots.for_page(plots.bars, _plot(title, [name for name, _line in drawn], series))),
    )


def _point(number: int | None) -> plots.Point:
    return plots.Point(None if number is None else float(number))


def _plot(title: str, labels: list[str], series: list[plots.Series]) -> plots.Plot:
    highest = max((p.value for one in series for p in one.points if p.value is not None), default=0)
    return plots.Plot(
        title=_("%(title)s; the table below says the same") % {"title": title},
        labels=labels,
        series=series,
        show=lambda value: number_format(round(value), force_grouping=True),
        # The table says whether it is unknown or of nobody.
        unknown="–",
        # Four steps of whole numbers: there is no half a kit.
        highest=None if highest > 4 else 4.0,
    )


@require_http_methods(["GET", "POST"])
@for_roles(COORDINATOR)
def limits(request: ScopedRequest) -> HttpResponse:
    """How long each fault of a kit may last before a person is notified, by level of danger (safety rule 35)."""
    base = installed_limits()
    if request.method == "GET":
        return _limits(request, limits_form.form_of(limits_now().settings))
    if request.POST.get("reset"):
        form = limits_form.form_of(base)
    else:
        form = limits_form.read_form(request.POST, limits_now().settings)
    if form.settings is None:
        return _limits(request, form, 422)
    do_set_limits(journal(), request.scope.user, form.settings)
    messages.success(request, _("The limits are set, for every kit from now on."))
    return redirect("watch-limits")


def _limits(request: ScopedRequest, form: limits_form.LimitsForm, status: int = 200) -> HttpResponse:
    current = limits_now()
    context = {
        "scope": request.scope,
        "form": form,
        "errors": form.errors,
        "by": titles([current.by]).get(current.by, "") if current.by else "",
        "at_us": current.at_us,
        "is_own": bool(current.at_us),
    }
    return render(request, "fleet/limits.html", context, status=status)
