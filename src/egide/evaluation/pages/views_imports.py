"""Numbers beside the journal: what was imported so far, and a page with preview for each of the three files."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import COORDINATOR, EVALUATOR, FIGURE_ROLES
from egide.access.service import ScopedRequest, for_roles
from egide.evaluation import service
from egide.evaluation.pages.presenting import compared_rows
from egide.evaluation.records.imports import CALLS, INHABITANTS, REPORTS, calls_with, example_of
from egide.evaluation.service import NoRecords, store
from egide.imports.reading import CsvLine
from egide.imports.views import ImportPage, import_page
from egide.rollout.service import zone_names

EXAMPLE = "figures-import-example"


def _compared_with(lines: Sequence[CsvLine]) -> Sequence[tuple[str, str]]:
    """What would be compared once these calls were imported; nothing before the first records."""
    try:
        alarms = service.records()["alarms"]
    except NoRecords:
        return ()
    return compared_rows(service.compare(alarms, calls_with(lines)))


PAGES = {
    "calls": ImportPage(
        CALLS,
        gettext_lazy("Import ordinary urgent calls"),
        gettext_lazy(
            "Each line is one urgent call that was no alarm: zone, day, hour in which it began (0 to 23) and seconds"
            " until people were on the spot. A zone’s month that is in the file replaces what was there for it; the"
            " rest stays. At most 20,000 lines a file: import one after the other, and never split a zone’s month."
        ),
        "zone;day;hour;seconds\n5324;2023-05-04;14;845",
        "figures-imports",
        example=EXAMPLE,
        rules=(
            gettext_lazy(
                "Only what is alike is compared: an alarm with the calls of the same zone and hour of day, in the same"
                " period."
            ),
            gettext_lazy(
                "Put in the calls for help against violence between partners, former partners or in a family that were"
                " sent out with the highest urgency, and on which a team arrived."
            ),
            gettext_lazy(
                "Leave out calls on which nobody went or that another service took, and the alarms themselves: those"
                " are known already."
            ),
            gettext_lazy(
                "Count the seconds from the beginning of the call, as those of an alarm are counted from the press."
            ),
        ),
        effect_title=gettext_lazy("What would be compared then, over all years"),
        effect=_compared_with,
    ),
    "inhabitants": ImportPage(
        INHABITANTS,
        gettext_lazy("Import inhabitants"),
        gettext_lazy(
            "Each line is one zone in one year. A province is the sum of its zones, and is known once all of them are."
        ),
        "zone;year;inhabitants\n5324;2023;95642",
        "figures-imports",
        example=EXAMPLE,
    ),
    "reports": ImportPage(
        REPORTS,
        gettext_lazy("Import reports of stalking"),
        gettext_lazy(
            "Each line is one zone in one year. Write 0 only where it is known that there was none; leave out what is"
            " not known."
        ),
        "zone;year;reports\n5324;2023;118",
        "figures-imports",
        example=EXAMPLE,
    ),
}
NAMES: dict[str, str | Promise] = {
    "calls": gettext_lazy("Ordinary urgent calls"),
    "inhabitants": gettext_lazy("Inhabitants"),
    "reports": gettext_lazy("Reports of stalking"),
}


@dataclass(frozen=True)
class Imported:
    """What is there of one file: rows, zones of all zones, years from and to (0 for none)."""

    kind: str
    title: str | Promise
    rows: int
    zones: int
    first: int
    last: int


@require_GET
@for_roles(*FIGURE_ROLES)
def index(request: ScopedRequest) -> HttpResponse:
    """What was imported so far."""
    context = {
        "scope": request.scope,
        "files": [_imported(kind) for kind in PAGES],
        "zones": len(zone_names()),
        "may_import": request.scope.is_evaluator or request.scope.is_coordinator,
    }
    return render(request, "evaluation/imports.html", context)


def _imported(kind: str) -> Imported:
    rows = store().imported(kind)
    years = rows["day"].dt.year() if "day" in rows.columns else rows["year"].cast(pl.Int32)
    spans = (int(str(years.min())), int(str(years.max()))) if rows.height else (0, 0)
    return Imported(kind, NAMES[kind], rows.height, rows["zone"].n_unique(), *spans)


@require_http_methods(["GET", "POST"])
@for_roles(EVALUATOR, COORDINATOR)
def one(request: ScopedRequest, kind: str) -> HttpResponse:
    """Choose a file, see every fault or what it would do, say yes."""
    if kind not in PAGES:
        raise Http404
    return import_page(request, PAGES[kind])


@require_GET
@for_roles(EVALUATOR, COORDINATOR)
def example(request: ScopedRequest, kind: str) -> HttpResponse:
    """A file to begin with: invented, and good to be imported as it is."""
    if kind not in PAGES:
        raise Http404
    name = f"example-{kind}.csv"
    return HttpResponse(
        example_of(PAGES[kind].importer),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
