"""What is known of a death that stands in a file: put right as facts become known, or taken back as a mistake."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from egide.access.service import ScopedRequest, for_files
from egide.casework.file import rules_life
from egide.casework.file import steps as s
from egide.casework.file.rules_life import StepRefused
from egide.casework.file.store import Stale
from egide.casework.forms.steps import DeathTakenBackForm, DiedForm
from egide.casework.life.living import do_take_step, roles_at
from egide.casework.pages.views import file_for, seen_version
from egide.casework.pages.views_steps import concern, refusal, stale_words

MISTAKE = "mistake"


@require_http_methods(["GET", "POST"])
@for_files
def correct(request: ScopedRequest, case: str, death: str) -> HttpResponse:
    """For those who may enter a death; for everybody else the page does not exist, nor for an entry that is none."""
    file = file_for(request, case)
    entry = next((one for one in file.life.deaths if one.death == death), None)
    if entry is None or not rules_life.DEATH_ROLES & roles_at(request.scope, file.case):
        raise Http404
    is_mistake, posted = MISTAKE in request.POST, request.method == "POST"
    known = DiedForm(request.POST if posted and not is_mistake else None, initial=_initial(entry))
    concern(request, file, known, death)
    back = DeathTakenBackForm(request.POST if is_mistake else None)
    given = back if is_mistake else known
    context: dict[str, Any] = {"version": file.case.version}
    status = 200
    if posted and given.is_valid():
        try:
            do_take_step(request.scope, case, seen_version(request), _step(request, given, death))
            return redirect(f"{reverse('file', args=[case])}#deaths")
        except StepRefused as refused:
            context, status = context | refusal(request, file, refused), 409
        except Stale as stale:
            context, status = context | stale_words(stale), 409
    elif posted:
        status = 422
    about = {"scope": request.scope, "case": file.case, "d": file, "form": given, "known": known}
    more = {"mistake": back, "back": reverse("file", args=[case])}
    return render(request, "casework/death.html", context | about | more, status=status)


def _step(request: ScopedRequest, given: DiedForm | DeathTakenBackForm, death: str) -> s.AnyStep:
    if isinstance(given, DeathTakenBackForm):
        given.cleaned_data["death"] = death
    return given.build(request.scope)


def _initial(entry: s.Died) -> dict[str, Any]:
    """Facts to put right. Of violence it is answered anew: that is what has changed, or the magistrate's word."""
    return {"who": entry.who, "on": entry.on, "source": entry.source}
