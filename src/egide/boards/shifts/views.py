"""The handover of a shift at a centre: its sheet, the signatures of both, and the log."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from egide.access.service import ScopedRequest, for_desk
from egide.boards.answers import answers
from egide.boards.geography import atlas
from egide.boards.shifts import service
from egide.boards.shifts.service import REFUSALS, ShiftRefused
from egide.boards.shown.words import language


def _centre(request: ScopedRequest) -> str:
    """The centre that is meant, one of the reader's. Raises Http404."""
    centre = request.GET.get("centre", request.scope.centre)
    if centre not in request.scope.centres:
        raise Http404
    return centre


def _back(centre: str) -> str:
    return f"{reverse('shift')}?centre={centre}"


@require_http_methods(["GET", "POST"])
@for_desk
@answers
def page(request: ScopedRequest) -> HttpResponse:
    """The sheet as it stands now, and what was handed over before; posted, it is signed by whoever hands over."""
    centre, typed, error = _centre(request), request.POST.get("note", ""), ""
    if request.method == "POST":
        try:
            service.do_hand_over(request.scope, centre, typed)
        except ShiftRefused as refused:
            error = str(REFUSALS[refused.why])
        else:
            messages.success(request, _("Handed over. It is complete once somebody else has signed it too."))
            return redirect(_back(centre))
    context = {
        "scope": request.scope,
        "centre": centre,
        "centre_name": atlas().centre_name(centre, language()),
        "others": [
            (code, atlas().centre_name(code, language())) for code in sorted(request.scope.centres - {centre})
        ],
        "sheet": service.sheet_of(request.scope, centre),
        "log": service.log_of(centre),
        "typed": typed if error else "",
        "error": error,
        "errors": {"note": error} if error else {},
    }
    return render(request, "shifts/shift.html", context, status=422 if error else 200)


@require_POST
@for_desk
@answers
def take_over(request: ScopedRequest, version: int) -> HttpResponse:
    """Somebody else has read what was handed over, and signs it."""
    centre = _centre(request)
    try:
        service.do_take_over(request.scope, centre, version)
    except LookupError as error:
        raise Http404 from error
    except ShiftRefused as refused:
        messages.error(request, str(REFUSALS[refused.why]))
    else:
        messages.success(request, _("You have taken the shift over."))
    return redirect(_back(centre))
