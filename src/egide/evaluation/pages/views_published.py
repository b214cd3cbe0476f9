"""What leaves the service: every year's tables as they would be published or as they are out, and the act itself."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.rules import FIGURE_ROLES
from egide.access.service import ScopedRequest, for_roles
from egide.evaluation.pages.published_showing import as_csv, sheets
from egide.evaluation.published import editions
from egide.evaluation.published.editions import WHY_LENGTH, Draft, NotPublishable, Out
from egide.evaluation.service import NoRecords

REFUSALS: dict[str, str | Promise] = {
    "not-over": gettext_lazy("This year is not over in the records: it can be looked at, not published."),
    "unread": gettext_lazy(
        "Events that a newer version wrote are missing from these tables. Update this installation first: they can be"
        " looked at, not published."
    ),
    "betrayed": gettext_lazy(
        "What was published before already tells of a few people. Nothing more of this year can be published; tell the"
        " data protection officer."
    ),
    "changed": gettext_lazy(
        "The records were built anew since you looked. Look at the tables again, then publish."
    ),
    "same": gettext_lazy("Nothing in these tables differs from the edition that is out."),
    "reason": gettext_lazy("Say in a few words what is corrected. Everybody reads it."),
}


@require_GET
@for_roles(*FIGURE_ROLES)
def index(request: ScopedRequest) -> HttpResponse:
    """All years: which are out, which can be published."""
    out: dict[int, list[Out]] = {}
    for one in editions.editions():
        out.setdefault(one.edition.year, []).append(one)
    try:
        years = editions.years()
    except NoRecords:
        years = []
    rows = [(year, out.get(year, [])) for year in sorted({*years, *out}, reverse=True)]
    return render(request, "evaluation/published.html", {"scope": request.scope, "rows": rows})


@require_http_methods(["GET", "POST"])
@for_roles(*FIGURE_ROLES)
def year(request: ScopedRequest, year: int) -> HttpResponse:
    """What would be published of a year, beside what is out; the evaluator publishes."""
    error: str | Promise = ""
    if request.method == "POST":
        if not request.scope.is_evaluator:
            raise Http404
        try:
            done = _publish(request, year)
        except NotPublishable as refused:
            error = REFUSALS.get(refused.why, "")
        else:
            text = _("Edition %(number)s of %(year)s is out.")
            messages.success(request, text % {"number": done.edition.number, "year": year})
            return redirect("figures-published-year", year)
    return _show(request, year, error)


def _publish(request: ScopedRequest, year: int) -> Out:
    try:
        return editions.do_publish(
            year, request.scope.user, request.POST.get("seen", ""), request.POST.get("why", "")
        )
    except NoRecords as error:
        raise Http404 from error


def _show(request: ScopedRequest, year: int, error: str | Promise) -> HttpResponse:
    out = editions.editions(year)
    draft, refusal = _draft(year)
    if draft is None and not out and refusal != "betrayed":
        raise Http404
    is_same = bool(draft and out and draft.edition.cells == out[0].edition.cells)
    # What is out first; what would be published where it differs.
    shown = [("out", sheets(out[0].edition))] if out else []
    if draft and not is_same:
        shown.append(("draft", sheets(draft.edition)))
    may_publish = bool(draft and not draft.why_not and not is_same and request.scope.is_evaluator)
    context = {
        "scope": request.scope,
        "year": year,
        "out": out,
        "draft": draft,
        "may_publish": may_publish,
        "not_yet": REFUSALS[draft.why_not] if draft and draft.why_not else "",
        "refusal": REFUSALS.get(refusal, "") if refusal == "betrayed" else "",
        # The field is that of a correction.
        "errors": {"why" if out and may_publish else "": error} if error else {},
        "why": request.POST.get("why", "")[:WHY_LENGTH],
        "why_length": WHY_LENGTH,
        "is_same": is_same,
        "shown": shown,
    }
    return render(request, "evaluation/published_year.html", context, status=422 if error else 200)


def _draft(year: int) -> tuple[Draft | None, str]:
    try:
        return editions.draft(year), ""
    except NotPublishable as refused:
        return None, refused.why
    except NoRecords:
        return None, ""


@require_GET
@for_roles(*FIGURE_ROLES)
def table(request: ScopedRequest, year: int, number: int) -> HttpResponse:
    """An edition that is out, as CSV."""
    found = [one for one in editions.editions(year) if one.edition.number == number]
    if not found:
        raise Http404
    reply = HttpResponse(as_csv(found[0].edition), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="egide-{year}-edition-{number}.csv"'
    return reply
