"""What is handed out: the export for science with its dictionary, and who took one; the dictionary as a page."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.rules import EVALUATOR, FIGURE_ROLES
from egide.access.service import ScopedRequest, for_roles, titles
from egide.evaluation import dictionary, outputs, views
from egide.evaluation.filters import Asked
from egide.evaluation.service import NoRecords


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
    wanted = outputs.Wanted(asked.period, asked.places, form)
    language = get_language() or "en"
    try:
        pieces = outputs.do_export(wanted, request.scope.user, language)
    except NoRecords:
        return _page(request, asked, status=422)
    except outputs.NotNoted:
        asked.errors["export"] = _("The journal takes nothing now, so nothing may leave. Try again later.")
        return _page(request, asked, status=503)
    reply = StreamingHttpResponse(pieces, content_type="application/zip")
    reply["Content-Disposition"] = f'attachment; filename="egide-{wanted.period}-{form}.zip"'
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
    }
    return render(request, "evaluation/dictionary.html", context)


def _page(request: ScopedRequest, asked: Asked, status: int = 200) -> HttpResponse:
    taken = outputs.taken()
    names = titles(one.event.by for one in taken)
    context: dict[str, Any] = views.frame(request, asked) | {
        "outputs_page": True,
        "may_export": EVALUATOR in request.scope.roles,
        "format": request.POST.get("format", outputs.CSV),
        "formats": [(outputs.CSV, "CSV"), (outputs.PARQUET, "Parquet")],
        "taken": [(names[one.event.by], one) for one in taken],
    }
    return render(request, "evaluation/outputs.html", context, status=status)
