"""What a person lets a support worker see: where an officer writes it down, and where the support worker reads it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.accounts.colleagues import Colleague
from egide.access.rules import REFERENCE_OFFICER, SUPPORT, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles, titles
from egide.casework.file import words as w
from egide.casework.file.reading import NoSuchFile
from egide.casework.models import Case
from egide.casework.pages.views import own_case, own_file
from egide.casework.sharing import telling
from egide.casework.sharing import workers as sharing
from egide.casework.sharing.telling import TellRefused
from egide.casework.sharing.workers import ShareRefused
from egide.journal.sealing.keys import KeyErased

LONGEST_NAME = 60


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def shared(request: ScopedRequest, case: str) -> HttpResponse:
    """Who may see which parts of the file because the person wants it, and taking it back."""
    row, errors = own_file(request, case).case, {}
    found: list[Colleague] = []
    if request.method == "POST":
        reader = request.POST.get("reader", "").strip()[:LONGEST_NAME]
        if request.POST.get("do") == "end":
            sharing.do_unshare(request.scope, row, reader)
            messages.success(request, _("Taken back. This account sees nothing of the file any more."))
            return redirect("file-shared", case)
        parts, agreed = request.POST.getlist("parts"), request.POST.get("agreed") == "on"
        try:
            sharing.do_share(request.scope, row, reader, parts, she_agrees=agreed)
        except ShareRefused as refused:
            why = refused.why
            if why == "no-such-worker":
                why, found = _look_for(request, row, reader)
            errors = {refused.field: w.SHARE_FAULTS[why]}
        else:
            return redirect("file-shared", case)
    shares = sharing.shares_of(row)
    names = titles(share.reader for share in shares)
    context = {
        "scope": request.scope,
        "case": row,
        "shares": [
            (share, names[share.reader], [w.SHARED_PARTS[part] for part in share.parts.split()])
            for share in shares
        ],
        "parts": w.SHARED_PARTS.items(),
        "errors": errors,
        "found": found,
        "typed": request.POST,
        "chosen": request.POST.getlist("parts"),
    }
    return render(request, "casework/shared.html", context, status=422 if errors else 200)


def _look_for(request: ScopedRequest, case: Case, name: str) -> tuple[str, list[Colleague]]:
    """What was typed is no account: the fault, and who fits the name instead."""
    try:
        found = sharing.find_workers(request.scope, case, name)
    except ShareRefused as refused:
        return refused.why, []
    return ("choose" if found else "no-such-worker"), found


@require_GET
@for_roles(SUPPORT)
def allowed(request: ScopedRequest) -> HttpResponse:
    """The people who let this support worker see something."""
    context = {"scope": request.scope, "lines": sharing.allowed_files(request.scope)}
    return render(request, "casework/allowed.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(SUPPORT)
def allowed_file(request: ScopedRequest, case: str) -> HttpResponse:
    """What one person lets this support worker see, and nothing else; what the worker tells her zone."""
    errors: dict[str, object] = {}
    try:
        if request.method == "POST":
            telling.do_tell(request.scope, case, request.POST.get("kind", ""), request.POST.get("text", ""))
            messages.success(request, _("The zone has it as a task."))
            return redirect("allowed-file", case)
    except TellRefused as refused:
        errors = {refused.field: w.SUPPORT_FAULTS[refused.why]}
    except (NoSuchFile, KeyErased) as error:
        raise Http404 from error
    try:
        found = sharing.read_allowed(request.scope, case)
        told = telling.told_of(case, by=request.scope.user)
    except (NoSuchFile, KeyErased) as error:
        raise Http404 from error
    context = {
        "scope": request.scope,
        "case": case,
        "found": found,
        "measures": [(w.MEASURES.get(one.kind, one.kind), one) for one in found.measures or ()],
        "stage": w.STAGES[found.stage] if found.stage else "",
        "kinds": w.SUPPORT_WORDS.items(),
        "told": [(w.SUPPORT_WORDS[one.kind], one) for one in told],
        "errors": errors,
        "typed": request.POST if errors else {},
    }
    return render(request, "casework/allowed_file.html", context, status=422 if errors else 200)


@require_POST
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def seen_to(request: ScopedRequest, case: str, word: str) -> HttpResponse:
    """Somebody of the managing zone has seen to what a support worker told."""
    row = own_case(request, case)
    telling.do_answer(request.scope, row.id, word)
    return redirect(f"{reverse('file', args=[case])}#support")
