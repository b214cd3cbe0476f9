"""The list of files, a new one, the page of one file, and its history."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from egide.access.readings.page_views import view_mark
from egide.access.readings.readings import readers_of
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER, Scope
from egide.access.service import ScopedRequest, for_files, for_roles, titles
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file import files, rules_life
from egide.casework.file import steps as s
from egide.casework.file import words as w
from egide.casework.file.reading import File, NoSuchFile
from egide.casework.file.store import CONTEXT
from egide.casework.file.store import history as history_of
from egide.casework.forms.parts import NewFileForm
from egide.casework.forms.steps import STEP_FORMS, STEP_TITLES
from egide.casework.life.findings import findings_of
from egide.casework.life.living import roles_at
from egide.casework.life.questionnaire import ShownAnswer, questions_answered
from egide.casework.life.sound import may_keep, recorded_of
from egide.casework.life.tasks import NEXT, THEN
from egide.casework.pages.ground import ground_of
from egide.casework.pages.presenting import call_back_links, manages, marks_of, missing_links, sections_of
from egide.casework.pages.task_list import after, lines_of
from egide.casework.papers.documents import AGREEMENT, DECISION, REQUEST, authentic_language
from egide.casework.papers.keeping import papers_of
from egide.casework.papers.legal import read_legal
from egide.casework.service import do_create_case
from egide.casework.sharing.telling import told_of
from egide.journal.sealing.keys import KeyErased
from egide.outbox.days import today
from egide.rollout.models import Zone
from egide.rollout.service import office_names, zone_names

CLOSED = "closed"
DOCUMENT_WORDS: dict[str, Promise] = {
    REQUEST: _("Request"),
    DECISION: _("Decision"),
    AGREEMENT: _("Agreement"),
}
# Steps with a page, in the order in which they are offered.
OFFERED = tuple(name for name in STEP_FORMS if name not in ("decision",))


@require_GET
@for_files
def index(request: ScopedRequest) -> HttpResponse:
    """The reader's files: open ones, or those at one stage. No name ever stands in an address."""
    stage = request.GET.get("stage", "")
    cases = files.visible(request.scope)
    if stage == CLOSED:
        cases = cases.filter(stage__in=rules_life.CLOSED)
    elif stage in w.STAGES:
        cases = cases.filter(stage=stage)
    else:
        stage, cases = "", cases.filter(stage__in=files.OPEN_STAGES)
    page = Paginator(files.in_order(cases), files.PAGE).get_page(request.GET.get("page"))
    context = {
        "scope": request.scope,
        "page": page,
        "lines": files.listed(page.object_list),
        "stage": stage,
        "stages": [(code, words) for code, words in w.STAGES.items() if code not in rules_life.CLOSED],
        "words": w.STAGES,
        "zones": zone_names() if request.scope.offices else {},
        "may_open_new": bool(request.scope.places(ZONE_OFFICER, REFERENCE_OFFICER)),
    }
    return render(request, "casework/index.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def new(request: ScopedRequest) -> HttpResponse:
    """Open a file with as little as possible."""
    mine = request.scope.places(ZONE_OFFICER, REFERENCE_OFFICER)
    names = zone_names(*sorted(mine))
    initial = {"zone": min(mine), "consent_on": today(), "language": _language_at(min(mine))}
    form = NewFileForm(
        request.POST or None, zones={zone: names[zone] for zone in sorted(mine)}, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        return after(request, _open_new(form, request.scope).id, "person")
    context = {"scope": request.scope, "form": form, "title": gettext("New file"), "back": "/files/"}
    context[THEN] = NEXT
    return render(request, "casework/form.html", context, status=422 if form.errors else 200)


def _language_at(zone: str) -> str:
    """The language of documents there; where there are two, the reader's."""
    row = Zone.objects.filter(id=zone).first()
    return read_legal().authentic_language((row.office_id or "") if row else "", (get_language() or "")[:2])


def _open_new(form: NewFileForm, scope: Scope) -> m.Case:
    given = form.cleaned_data
    zone = Zone.objects.filter(id=given["zone"]).first()
    return do_create_case(
        managing_zone=given["zone"],
        managing_centre=(zone.centre_id or "") if zone else "",
        office=(zone.office_id or "") if zone else "",
        facts=f.CaseFacts(context=given["context"]),
        beneficiary=form.beneficiary(),
        by=scope.user,
    )


def file_for(request: ScopedRequest, case: str) -> File:
    """The file for this reader, its opening recorded. Raises Http404 for a reader who may not see it."""
    try:
        return files.read_for(request.scope, case)
    except (NoSuchFile, KeyErased) as error:
        raise Http404 from error


def case_for(request: ScopedRequest, case: str) -> m.Case:
    """The file's row for this reader. Raises Http404."""
    try:
        return files.check_open(request.scope, case)
    except NoSuchFile as error:
        raise Http404 from error


def own_file(request: ScopedRequest, case: str) -> File:
    """The file of this officer's own zone, its opening recorded. Raises Http404 for every other."""
    file = file_for(request, case)
    if not manages(request.scope, file.case):
        raise Http404
    return file


def own_case(request: ScopedRequest, case: str) -> m.Case:
    """The row of a file of this officer's own zone. Raises Http404 for every other."""
    row = case_for(request, case)
    if not manages(request.scope, row):
        raise Http404
    return row


def seen_version(request: ScopedRequest) -> int:
    """The version that the form showed; 0, which is never in force, for anything else."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0


@require_GET
@for_files
def show(request: ScopedRequest, case: str) -> HttpResponse:
    """One file by sections, with the step that comes next and what is missing."""
    file = file_for(request, case)
    return render(request, "casework/file.html", page_of(request, file))


def page_of(request: ScopedRequest, file: File) -> dict[str, Any]:
    """What the page of a file shows."""
    case, scope = file.case, request.scope
    analysed = file.last(s.Analysed)
    roles = roles_at(scope, case)
    writes = manages(scope, case)
    possible = [name for name in OFFERED if rules_life.may_take(STEP_FORMS[name].step, file.life, roles)]
    lines, papers = lines_of(file, scope), papers_of(case.id)
    listed = {line.name for line in lines}
    return {
        "scope": scope,
        "d": file,
        "case": case,
        "writes": writes,
        "lines": lines,
        "near_change": case.stage in rules_life.GRANTED
        and case.change_on is not None
        and case.change_on <= today() + timedelta(days=rules_life.AHEAD_DAYS),
        "readers": readers_of(case.id) if writes else [],
        "sections": sections_of(file, scope),
        "ground": ground_of(file, scope),
        "stage": w.STAGES[case.stage],
        "next": w.NEXT[case.stage],
        "missing": missing_links(file, possible) + call_back_links(file)
        if writes
        else [(word, "") for word in w.missing_words(file.missing)],
        "steps": [(name, STEP_TITLES[name]) for name in possible if name not in listed],
        "decides": rules_life.may_take(s.Decided, file.life, roles),
        "analysed": analysed,
        "analysis": answers_of(request, analysed.step) if analysed else [],
        "timeline": [(w.STEPS[_tag(one.step)], one) for one in reversed(file.steps)],
        "papers": papers,
        "marks": marks_of(case.id, papers),
        "view_mark": view_mark(scope.user, case.id),
        "recorded": recorded_of(case),
        "told": [(w.SUPPORT_WORDS[one.kind], one) for one in told_of(case.id)] if writes else [],
        "findings": findings_of(case, file.measures),
        "keeps_sound": may_keep(scope, case),
        "documents": DOCUMENT_WORDS,
        "possible": _possible_documents(file),
        "languages": w.LANGUAGES,
        "authentic": authentic_language(file),
        "decisions": w.DECISIONS,
        "death_words": w.DEATHS,
        "violence_words": w.VIOLENCE,
        "enters_deaths": bool(rules_life.DEATH_ROLES & roles),
        "raised": file.last(s.Raised),
        "same": files.same_perpetrators(scope, case.id),
        "zone": zone_names(case.managing_zone)[case.managing_zone],
        "office_name": office_names(case.office)[case.office] if case.office else "",
    }


def _possible_documents(file: File) -> list[tuple[str, Promise]]:
    """What can be made of the file as it stands."""
    life = file.life
    there = {REQUEST: True, DECISION: bool(life.decision), AGREEMENT: life.decision == "granted"}
    return [(code, words) for code, words in DOCUMENT_WORDS.items() if there[code]]


def answers_of(request: HttpRequest, step: s.AnyStep) -> list[ShownAnswer]:
    """The answers beside the questions as they were asked then."""
    if not isinstance(step, s.Analysed):
        return []
    return questions_answered(step.questionnaire, step.answers, getattr(request, "LANGUAGE_CODE", "en")[:2])


def _tag(step: s.AnyStep) -> str:
    return str(step.__struct_config__.tag)


@require_GET
@for_files
def history(request: ScopedRequest, case: str) -> HttpResponse:
    """What stood in the file before, who changed it, when. For the managing zone alone: it may hold an address."""
    file = own_file(request, case)
    changes = history_of(case)
    names = titles(one.by for one in changes)
    told = [
        (w.PARTS[one.part], one, names.get(one.by, one.by), _flat(one.facts), one.part == CONTEXT)
        for one in changes
    ]
    context = {"scope": request.scope, "case": file.case, "d": file, "changes": told}
    return render(request, "casework/history.html", context)


def _flat(facts: f.Facts) -> str:
    told = (getattr(facts, name) for name in facts.__struct_fields__)
    return " · ".join(str(value) for value in told if isinstance(value, str) and value)
