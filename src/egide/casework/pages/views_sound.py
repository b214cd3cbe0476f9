"""The page on which a magistrate keeps the sound of an alarm that nobody has heard (safety rules 15 and 23)."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from egide.access.rules import MAGISTRATE
from egide.access.service import ScopedRequest, for_roles
from egide.casework.file import words as w
from egide.casework.life import sound
from egide.casework.pages.views import file_for


@require_http_methods(["GET", "POST"])
@for_roles(MAGISTRATE)
def keep(request: ScopedRequest, case: str, alarm: str) -> HttpResponse:
    """Why it is kept; for a magistrate of the file's office. For everybody else there is no such page."""
    file = file_for(request, case)
    found = [one for one in sound.recorded_of(file.case) if one.alarm == alarm]
    if not found or not sound.may_keep(request.scope, file.case):
        raise Http404
    given, error, status = request.POST.get("reason", "")[:4000], "", 200
    if request.method == "POST":
        try:
            sound.do_keep(request.scope, file.case, alarm, given)
            return redirect("file", case)
        except sound.SoundRefused as refused:
            error, status = str(w.SOUND_REFUSALS[refused.code]), 422
        except LookupError as gone:
            raise Http404 from gone
    context = {
        "scope": request.scope,
        "d": file,
        "case": file.case,
        "one": found[0],
        "given": given,
        "error": error,
        "errors": {"reason": error} if error else {},
    }
    return render(request, "casework/keep_sound.html", context, status=status)
