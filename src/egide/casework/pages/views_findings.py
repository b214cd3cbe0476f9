"""The page on which a zone takes the facts of an alarm into the file, or leaves them."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles, titles
from egide.access.templatetags.units import clock_time, metres, moment
from egide.casework.file import facts as f
from egide.casework.file import words as w
from egide.casework.file.store import Stale
from egide.casework.forms.parts import SourcedForm
from egide.casework.life import findings
from egide.casework.life.findings import Finding, InBan, NoSuchFinding
from egide.casework.pages.views import own_file
from egide.outbox.days import day_of


class FindingForm(SourcedForm):
    """The statement, and which measures were breached: nothing is ticked before an officer does it."""

    facts = f.AntecedentFacts
    breached = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, given: Any, finding: Finding, **more: Any) -> None:
        super().__init__(given, **more)
        # The words of a report, to be read before they are put right.
        self.fields["text"].widget.attrs["rows"] = 6
        field = self.fields["breached"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label = _("Breached, as you found")
        field.choices = [(ban.row, _ban_text(ban)) for ban in finding.bans]
        if not finding.bans:
            del self.fields["breached"]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "breached"}


def _ban_text(ban: InBan) -> str:
    told = {
        "measure": w.MEASURES.get(ban.facts.kind, ban.facts.kind),
        "issuer": ban.facts.issuer,
        "at": clock_time(ban.at_us),
        "accuracy": metres(ban.accuracy_m),
    }
    if ban.is_sure:
        return _("%(measure)s, %(issuer)s: her position lay inside at %(at)s (± %(accuracy)s)") % told
    return _("%(measure)s, %(issuer)s: her position may have lain inside at %(at)s (± %(accuracy)s)") % told


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def answer(request: ScopedRequest, case: str, alarm: str) -> HttpResponse:
    """For officers of the managing zone; what was answered already is no page any more."""
    file, stale = own_file(request, case), None
    try:
        finding = findings.finding_of(file.case, alarm, file.measures)
        form = FindingForm(request.POST or None, finding, initial=_initial(finding))
        if request.method == "POST" and "leave" in request.POST:
            findings.do_leave(file.case, finding, request.scope.user)
            return redirect("file", case)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data.get("breached", [])
            breached = [ban for ban in finding.bans if ban.row in chosen]
            content = form.content()
            assert isinstance(content, f.AntecedentFacts), "of its own form"
            findings.do_take(file.case, finding, content, breached, request.scope.user)
            return redirect(f"{reverse('file', args=[case])}#antecedent")
    except NoSuchFinding as error:
        raise Http404 from error
    except Stale as changed:
        # A measure was changed between reading and writing: the officer looks at it, and presses again.
        stale = changed
    context = {
        "scope": request.scope,
        "case": file.case,
        "form": form,
        "title": _("What the alarm found"),
        "back": reverse("file", args=[case]),
        "alarm": alarm,
        "stale": stale,
        "stale_by": titles([stale.by]).get(stale.by, stale.by) if stale else "",
    }
    status = 409 if stale else 422 if form.errors else 200
    return render(request, "casework/finding.html", context, status=status)


def _initial(finding: Finding) -> dict[str, Any]:
    source = _("Alarm of %(at)s") % {"at": moment(finding.at_us)}
    return {"text": finding.text, "source": source, "on": day_of(finding.at_us)}
