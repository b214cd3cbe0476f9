"""What is handed out: the export for science with its dictionary, and who took one; the dictionary as a page."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import EVALUATOR, FIGURE_ROLES
from egide.access.service import ScopedRequest, for_roles, titles
from egide.evaluation.exports import dictionary, outputs
from egide.evaluation.pages import printing, report, rollout_map, sheet, views
from egide.evaluation.pages.filters import AskedFigures
from egide.evaluation.published import editions
from egide.evaluation.published.editions import NotPublishable
from egide.evaluation.service import NoRecords
from egide.rollout import service as rollout


@require_GET
@for_roles(*FIGURE_ROLES)
def index(request: ScopedRequest) -> HttpResponse:
    """Everything that can be taken from here."""
    asked = views.ask(request)
    return _page(request, asked, status=422 if asked.errors else 200)


@require_POST
@for_roles(EVALUATOR)
def export(request: ScopedRequest) -> HttpResponseBase:
    """Records and measures as one zip, sent while it is made."""
    asked = views.ask(request)
    form = request.POST.get("format", "")
    if form not in outputs.FORMATS:
        asked.errors["format"] = _("Choose CSV or Parquet.")
    if asked.errors:
        return _page(request, asked, status=422)
    wanted = outputs.WantedExport(asked.period, asked.places, form)
    language = get_language() or "en"
    try:
        pieces = outputs.do_export(wanted, request.scope, language)
    except NoRecords:
        return _page(request, asked, status=422)
    except outputs.TooFine:
        asked.errors["place"] = _("An export is for the country or for dispatch centres.")
        return _page(request, asked, status=422)
    except outputs.NotNoted:
        asked.errors["export"] = _("The journal takes nothing now, so nothing may leave. Try again later.")
        return _page(request, asked, status=503)
    reply = StreamingHttpResponse(pieces, content_type="application/zip")
    reply["Content-Disposition"] = f'attachment; filename="egide-{wanted.period}-{form}.zip"'
    return reply


@require_GET
@for_roles(*FIGURE_ROLES)
def committee_sheet(request: ScopedRequest) -> HttpResponse:
    """Two periods side by side on one page, as PDF."""
    asked = views.ask(request)
    if asked.other is None and not asked.errors:
        asked.errors["from2"] = _("Choose the period to compare with.")
    language = _language_of(request, asked)
    if asked.errors or asked.other is None:
        return _page(request, asked, status=422)
    wanted = sheet.WantedSheet(asked.period, asked.other, language, asked.places)
    try:
        content = sheet.make_sheet(wanted)
    except NoRecords:
        return _page(request, asked, status=422)
    return _pdf(content, f"egide-{asked.period}-{asked.other}-{language}.pdf")


@require_GET
@for_roles(*FIGURE_ROLES)
def yearly_report(request: ScopedRequest) -> HttpResponse:
    """The published tables of a year as PDF; a draft says that it is one."""
    asked = views.ask(request)
    language = _language_of(request, asked)
    text = request.GET.get("year", "").strip()[:10]
    if asked.errors:
        return _page(request, asked, status=422)
    if not text.isascii() or not text.isdecimal():
        asked.errors["year"] = _("Write a year, such as 2023.")
        return _page(request, asked, status=422)
    try:
        content = report.make_report(int(text), language)
    except (NoRecords, NotPublishable):
        asked.errors["year"] = _("There are no tables of %(year)s.") % {"year": text}
        return _page(request, asked, status=422)
    return _pdf(content, f"egide-{text}-{language}.pdf")


def _language_of(request: ScopedRequest, asked: AskedFigures) -> str:
    """The language that was chosen for a document; the reader's own when none was."""
    language = request.GET.get("lang", "") or get_language() or "en"
    if language not in printing.LANGUAGES:
        asked.errors["lang"] = _("Choose one of the four languages.")
    return language


def _pdf(content: bytes, name: str) -> HttpResponse:
    reply = HttpResponse(content, content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


@require_GET
@for_roles(*FIGURE_ROLES)
def data_dictionary(request: ScopedRequest) -> HttpResponse:
    """What is measured and what the records hold."""
    context = {
        "scope": request.scope,
        "measures": dictionary.measures(),
        "measure_columns": dictionary.measure_columns(),
        "reasons": dictionary.reasons(),
        "tables": dictionary.tables(),
        "coarse": _(dictionary.COARSE),
    }
    return render(request, "evaluation/dictionary.html", context)


@require_GET
@for_roles(*FIGURE_ROLES)
def map_of_rollout(request: ScopedRequest) -> HttpResponse:
    """How far each zone was on the last day of the period."""
    asked = views.ask(request)
    context = views.frame(request, asked) | {"map_page": True}
    about = context["about"]
    if about and asked.period.first <= about.until and asked.period.last >= about.since:
        on = min(asked.period.last, about.until)
        rows = rollout_map.zones_on(on, asked.places)
        context |= {
            "on": on,
            "zones": rows,
            "stages": [(stage, word) for stage, word in rollout_map.STAGES.items()],
            "centres": list(rollout_map.by_centre(rows)),
            "map": rollout.national_map(),
            "width": rollout.WIDTH,
        }
    return render(request, "evaluation/map.html", context, status=422 if asked.errors else 200)


def _page(request: ScopedRequest, asked: AskedFigures, status: int = 200) -> HttpResponse:
    taken = outputs.taken()
    names = titles(one.event.by for one in taken)
    context: dict[str, Any] = views.frame(request, asked) | {
        "outputs_page": True,
        "years": _years(),
        "year": request.GET.get("year", "").strip()[:10],
        "may_export": EVALUATOR in request.scope.roles,
        "languages": printing.LANGUAGES,
        "language": request.GET.get("lang", "") or get_language(),
        "format": request.POST.get("format", outputs.CSV),
        "formats": [(outputs.CSV, "CSV"), (outputs.PARQUET, "Parquet")],
        "taken": [(names[one.event.by], one) for one in taken],
    }
    return render(request, "evaluation/outputs.html", context, status=status)


def _years() -> list[tuple[int, str]]:
    """The years of which there are tables, the last one first, each with how it stands."""
    out = {one.edition.year for one in editions.editions()}
    try:
        found = editions.years()
    except NoRecords:
        found = []
    return [
        (year, _("published") if year in out else _("draft")) for year in sorted({*found, *out}, reverse=True)
    ]
