"""Who read what: the data-protection officer's page, and what a zone's reference officer must take note of."""

from datetime import date

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.models import Reading
from egide.access.readings import readings
from egide.access.rules import DATA_PROTECTION, REFERENCE_OFFICER
from egide.access.signing_in.guards import ScopedRequest, for_roles


class Filter(forms.Form):
    """By person, file and time."""

    person = forms.CharField(max_length=60, required=False)
    file = forms.CharField(max_length=32, required=False)
    since = forms.DateField(required=False, error_messages={"invalid": _("A day such as 2026-11-25.")})
    until = forms.DateField(required=False, error_messages={"invalid": _("A day such as 2026-11-25.")})
    exceptional = forms.BooleanField(required=False)

    def clean_until(self) -> date | None:
        """A time that ends before it begins finds nothing: say so."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            raise forms.ValidationError(_("This day is before the first one."))
        return until if isinstance(until, date) else None


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
