"""Who read what: the data-protection officer's page, and what a zone's reference officer must take note of."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.models import Reading
from egide.access.pages.period import Period
from egide.access.readings import readings
from egide.access.rules import DATA_PROTECTION, REFERENCE_OFFICER
from egide.access.signing_in.guards import ScopedRequest, for_roles


class Filter(Period):
    """By person, file and time."""

    person = forms.CharField(max_length=60, required=False)
    file = forms.CharField(max_length=32, required=False)
    exceptional = forms.BooleanField(required=False)


@require_http_methods(["GET", "POST"])
@for_roles(DATA_PROTECTION)
def log(request: ScopedRequest) -> HttpResponse:
    """All readings, newest first. Filters come by POST: whom somebody looks into stands in no address."""
    readings.catch_up()
    form = Filter(request.POST if request.method == "POST" else {})
    page = _page(request)
    found, has_more = (
        readings.find(request.scope, readings.WantedReadings(**form.cleaned_data), page)
        if form.is_valid()
        else ([], False)
    )
    context = {"scope": request.scope, "form": form, "found": found, "page": page, "has_more": has_more}
    return render(request, "access/readings.html", context, status=200 if form.is_valid() else 422)


def _page(request: HttpRequest) -> int:
    text = request.POST.get("page", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


@require_GET
@for_roles(DATA_PROTECTION, REFERENCE_OFFICER)
def exceptional(request: ScopedRequest) -> HttpResponse:
    """Files that were opened for a stated reason, by somebody who had no other right to them."""
    readings.catch_up()
    context = {"scope": request.scope, "found": readings.shown_for(request.scope)}
    return render(request, "access/exceptional.html", context)


@require_POST
@for_roles(DATA_PROTECTION, REFERENCE_OFFICER)
def note(request: ScopedRequest, seq: int) -> HttpResponse:
    """Take note of one of them."""
    try:
        readings.do_note(request.scope, seq)
    except Reading.DoesNotExist as error:
        raise Http404 from error
    return redirect("exceptional-readings")
