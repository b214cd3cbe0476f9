"""The page on which an officer of the managing zone says who must never see a file (safety rule 27)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.casework.file import words as w
from egide.casework.pages.views import own_file
from egide.casework.sharing import bars
from egide.casework.sharing.bars import BarRefused

LONGEST = 80


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def barred(request: ScopedRequest, case: str) -> HttpResponse:
    """Look for an account or unit, and pick it; or take one off the list. No address tells for whom somebody looks."""
    row, error = own_file(request, case).case, None
    text = request.POST.get("text", "").strip()[:LONGEST]
    mark, action = request.POST.get("mark", "")[:LONGEST], request.POST.get("do", "")
    found: list[bars.BarCandidate] = []
    try:
        if action == "find":
            found = bars.find_readers(request.scope, text)
        elif action == "bar":
            bars.do_bar(request.scope, row, mark)
            return redirect("file-barred", case)
        elif action == "let-in":
            bars.do_let_in(request.scope, row, mark)
            return redirect("file-barred", case)
    except BarRefused as refused:
        error = w.BAR_FAULTS[refused.why]
    now = bars.barred_of(row)
    context = {
        "scope": request.scope,
        "case": row,
        "barred": now,
        "marks": {reader.mark for reader in now},
        "found": found,
        "text": text,
        "error": error,
        "errors": {"text": error} if error else {},
    }
    return render(request, "casework/barred.html", context, status=422 if error else 200)
