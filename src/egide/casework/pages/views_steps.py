"""Taking a step in the life of a file: one page for each, and the magistrate's decision on one page of its own."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from egide.access.rules import MAGISTRATE
from egide.access.service import ScopedRequest, for_files, for_roles, titles
from egide.casework.file import rules_life
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.file.reading import File
from egide.casework.file.rules_life import Stage, StepRefused
from egide.casework.file.store import Stale
from egide.casework.forms.fields import YES_NO_UNCLEAR
from egide.casework.forms.steps import (
    STEP_FORMS,
    STEP_TITLES,
    ConditionsForm,
    DecidedForm,
    DiedForm,
    MovedForm,
    SignedForm,
    StepForm,
)
from egide.casework.life.alarms import was_killed_in
from egide.casework.life.living import do_take_step, roles_at
from egide.casework.life.tasks import THEN
from egide.casework.pages.presenting import manages, missing_links, sections_of
from egide.casework.pages.task_list import after, goes_on, is_ready_to_ask
from egide.casework.pages.views import answers_of, file_for, seen_version
from egide.casework.papers import documents
from egide.casework.papers import keeping as p
from egide.casework.papers.scans import clean_scan
from egide.casework.papers.uploads import BadUpload, too_big
from egide.outbox.days import today
from egide.rollout.models import Zone
from egide.rollout.service import office_names, zone_names

# Steps that write something down; the others are acts, and their button says which.
KEPT = ("conditions", "analysis", "consultation", "agreement", "life-event", "proposal", "death")


def _may(request: ScopedRequest, file: File, name: str) -> bool:
    roles = roles_at(request.scope, file.case)
    return bool(rules_life.MAY[STEP_FORMS[name].step][0] & roles)


@require_http_methods(["GET", "POST"])
@for_files
def step(request: ScopedRequest, case: str, name: str) -> HttpResponse:
    """One step, for people who may take it; for everybody else the page does not exist."""
    if name not in STEP_FORMS or name == "decision":
        raise Http404
    file = file_for(request, case)
    if not _may(request, file, name):
        raise Http404
    form = _form(request, name, file)
    asks = isinstance(form, ConditionsForm) and is_ready_to_ask(file)
    title = STEP_TITLES[name]
    context = {"name": name, "title": title, "version": file.case.version, "asks": asks}
    context["save_word"] = "" if name in KEPT else title
    context[THEN] = goes_on(request)
    if request.method != "POST":
        return _page(request, file, form, context)
    if not form.is_valid():
        return _page(request, file, form, context | {"version": seen_version(request)}, 422)
    try:
        _do_step(request, file, form)
    except StepRefused as refused:
        return _page(request, file, form, context | refusal(request, file, refused), 409)
    except BadUpload as bad:
        form.add_error("scan", str(bad))
        return _page(request, file, form, context | {"version": seen_version(request)}, 422)
    except Stale as stale:
        return _page(request, file, form, context | stale_words(stale), 409)
    return after(request, case, "request" if "ask" in request.POST else name)


def refusal(request: ScopedRequest, file: File, refused: StepRefused) -> dict[str, Any]:
    """Why it cannot be, and what is missing: each a link for somebody who can mend it."""
    links = missing_links(file, ("conditions", "analysis"), refused.missing)
    writes = manages(request.scope, file.case)
    lacking = [(word, url if writes else "") for word, url in links]
    return {"refused": w.REFUSALS[refused.code], "lacking": lacking}


def stale_words(stale: Stale) -> dict[str, Any]:
    """The page is shown again on the file as it is now; saving once more is the reader's own choice."""
    by = titles([stale.by]).get(stale.by, stale.by)
    return {"version": stale.version, "stale": stale, "stale_by": by}


def _form(request: ScopedRequest, name: str, file: File) -> StepForm:
    form_class = STEP_FORMS[name]
    initial = _initial(request, name, file)
    form = form_class(request.POST or None, request.FILES or None, initial=initial)
    if isinstance(form, ConditionsForm) and is_ready_to_ask(file):
        form.offer_request()
    if isinstance(form, MovedForm):
        here = file.case.managing_zone
        others = sorted((words, zone) for zone, words in zone_names().items() if zone != here)
        form.fields["to_zone"].choices = [("", "—"), *((zone, words) for words, zone in others)]  # type: ignore[attr-defined]
    if isinstance(form, DiedForm):
        concern(request, file, form)
    if isinstance(form, SignedForm) and request.META.get("egide.upload_too_big"):
        form.is_valid()
        form.add_error("scan", str(too_big()))
    return form


def concern(request: ScopedRequest, file: File, form: DiedForm, death: str = "") -> None:
    """Tell the form of a death what it is about: a new entry, or one that is there."""
    form.concern(
        death,
        by_magistrate=MAGISTRATE in roles_at(request.scope, file.case),
        runs=file.life.stage in rules_life.GRANTED,
        killed_in_alarm=was_killed_in(file.case.id),
    )


def _initial(request: ScopedRequest, name: str, file: File) -> dict[str, Any]:
    """What is known already: facts to correct, never a judgement. A magistrate's own form begins empty (rule 15)."""
    if name == "conditions":
        return _conditions(file)
    if name == "agreement":
        return {"on": today()}
    if name != "consultation":
        return {}
    analysed, office = file.last(s.Analysed), office_names(file.case.office).get(file.case.office, "")
    known: dict[str, Any] = {"on": today()}
    if manages(request.scope, file.case) and analysed and isinstance(analysed.step, s.Analysed):
        said = (analysed.step.danger_reasons, analysed.step.urgent_reasons)
        known |= {"who": ", ".join(filter(None, (request.scope.title, office)))}
        known |= {"police_view": "\n".join(dict.fromkeys(said))}
    return known


def _conditions(file: File) -> dict[str, Any]:
    """The answers that were given before: these are facts to correct, not a decision to suggest."""
    taken = file.last(s.Conditions)
    return {name: getattr(taken.step, name) for name in taken.step.__struct_fields__} if taken else {}


@transaction.atomic
def _do_step(request: ScopedRequest, file: File, form: StepForm) -> None:
    """Raises StepRefused, Stale, BadUpload."""
    step = form.build(request.scope) if not isinstance(form, SignedForm | MovedForm) else None
    if isinstance(form, SignedForm):
        step = _signed(request, file, form)
    if isinstance(form, MovedForm):
        step = _moved(request, file, form)
    assert step is not None
    case = do_take_step(request.scope, file.case.id, seen_version(request), step)
    if isinstance(form, ConditionsForm) and "ask" in request.POST:
        asked = s.Requested(
            by=request.scope.user, title=request.scope.title, remark=form.cleaned_data.get("remark", "")
        )
        do_take_step(request.scope, case.id, case.version, asked)


def _signed(request: ScopedRequest, file: File, form: SignedForm) -> s.Signed:
    """Keep the scan; it goes with the step, and neither stays without the other."""
    given = form.cleaned_data["scan"]
    assert isinstance(given, UploadedFile)
    media, content = clean_scan(given.read())
    sha256, by = p.sha256_of(content), request.scope.user
    facts = p.PaperFacts(media=media, sha256=sha256, by=by, document=documents.AGREEMENT)
    paper = p.do_add_paper(file.case.id, p.SCAN, content, facts)
    on = form.cleaned_data["on"]
    return s.Signed(by=by, title=request.scope.title, on=on, paper=paper.id, sha256=sha256)


def _moved(request: ScopedRequest, file: File, form: MovedForm) -> s.Moved:
    zone = Zone.objects.filter(id=form.cleaned_data["to_zone"]).first()
    office = (zone.office_id or "") if zone else ""
    return s.Moved(
        by=request.scope.user,
        title=request.scope.title,
        from_zone=file.case.managing_zone,
        to_zone=form.cleaned_data["to_zone"],
        from_office=file.case.office,
        to_office=office or file.case.office,
        to_centre=(zone.centre_id or "") if zone else "",
        reasons=form.cleaned_data["reasons"],
    )


def _page(
    request: ScopedRequest, file: File, form: StepForm, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    about = {"scope": request.scope, "form": form, "d": file, "case": file.case}
    back = reverse("file", args=[file.case.id])
    return render(request, "casework/step.html", about | context | {"back": back}, status=status)


@require_http_methods(["GET", "POST"])
@for_roles(MAGISTRATE)
def decision(request: ScopedRequest, case: str) -> HttpResponse:
    """Everything that the magistrate needs on one page; a decision is read again and signed on a second one."""
    file = file_for(request, case)
    if not _may(request, file, "decision"):
        raise Http404
    context: dict[str, Any] = {"version": file.case.version}
    if request.method != "POST":
        return _decision_page(request, file, DecidedForm(), context)
    form = DecidedForm(request.POST)
    context["version"] = seen_version(request)
    if not form.is_valid() or "change" in request.POST:
        status = 200 if "change" in request.POST else 422
        return _decision_page(request, file, form, context, status)
    step = form.build(request.scope)
    assert isinstance(step, s.Decided)
    try:
        if "sign" not in request.POST:
            return _confirm_page(request, file, form, step, context)
        do_take_step(request.scope, case, seen_version(request), step)
    except StepRefused as refused:
        return _decision_page(request, file, form, context | refusal(request, file, refused), 409)
    except Stale as stale:
        return _decision_page(request, file, form, context | stale_words(stale), 409)
    return redirect("file", case)


def _confirm_page(
    request: ScopedRequest, file: File, form: DecidedForm, step: s.Decided, context: dict[str, Any]
) -> HttpResponse:
    """Raises StepRefused: what cannot be signed is said before it is read again."""
    rules_life.check_decision(step, today())
    about = {"scope": request.scope, "form": form, "d": file, "case": file.case, "step": step}
    words = w.DECISIONS[step.decision]
    return render(request, "casework/confirm.html", about | context | {"decision": words})


def _decision_page(
    request: ScopedRequest, file: File, form: DecidedForm, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    case = file.case
    analysed, consulted = file.last(s.Analysed), file.last(s.Consulted)
    # The decision is three buttons and no field; a file at another step has no form.
    targets = {"decision": "decide"} if case.stage == Stage.DECISION else dict.fromkeys(form.fields, "")
    about = {
        "scope": request.scope,
        "form": form,
        "error_targets": targets,
        "d": file,
        "case": case,
        "zone": zone_names(case.managing_zone)[case.managing_zone],
        "office_name": office_names(case.office).get(case.office, ""),
        "sections": sections_of(file, request.scope),
        "analysed": analysed,
        "raised": file.last(s.Raised),
        "conditions": file.last(s.Conditions),
        "consulted": consulted,
        "answered": file.last(s.Answered),
        "asked": file.last(s.Decided),
        "answers": dict(YES_NO_UNCLEAR),
        "requested": file.last(s.Requested),
        "analysis": answers_of(request, analysed.step) if analysed else [],
        "missing": w.missing_words(file.missing),
        "back": reverse("file", args=[case.id]),
    }
    return render(request, "casework/decision.html", about | context, status=status)
