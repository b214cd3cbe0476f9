"""The page on which a zone keeps its patrols, and says which are on duty."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.rollout import patrols, words
from egide.rollout.patrols import PatrolRefused
from egide.rollout.service import zone_names

READERS = (ZONE_OFFICER, REFERENCE_OFFICER)


@require_http_methods(["GET", "POST"])
@for_roles(*READERS)
def index(request: ScopedRequest) -> HttpResponse:
    """The patrols of the reader's zones: any of its officers says who is on duty."""
    errors: dict[str, object] = {}
    if request.method == "POST":
        try:
            _write(request)
            return redirect("patrols")
        except PatrolRefused as refused:
            errors = {refused.field: words.REFUSALS[refused.why]}
    names = zone_names(*sorted(request.scope.zones))
    kept = patrols.patrols_of(names)
    context = {
        "scope": request.scope,
        "zones": [(zone, names[zone], kept[zone]) for zone in names],
        "errors": errors,
        "typed": request.POST.dict() if errors else {"zone": request.scope.zone},
    }
    return render(request, "rollout/patrols.html", context, status=422 if errors else 200)


def _write(request: ScopedRequest) -> None:
    """What the form says. Raises PatrolRefused; Http404 for a zone that is not this officer's."""
    typed, by = request.POST, request.scope.user
    zone, number = typed.get("zone", ""), typed.get("id", "")
    patrol = int(number) if number.isdecimal() and len(number) < 19 else 0
    if zone not in request.scope.zones:
        raise Http404
    if "on" in typed or "off" in typed:
        patrols.do_say_duty(zone, patrol, by, on_duty="on" in typed)
    elif "out" in typed:
        patrols.do_take_out(zone, patrol, by)
        messages.success(request, _("The patrol is taken out."))
    else:
        patrols.do_keep(zone, typed.get("call_sign", ""), typed.get("telephone", ""), by)
        messages.success(request, _("The patrol is kept, and on duty."))
