"""Pages of the surveys: an officer hands over a link; with link and number a person answers, and leaves no trace."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.rules import REFERENCE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.evaluation.surveys import service as surveys
from egide.evaluation.surveys.links import Link
from egide.evaluation.surveys.questions import Survey
from egide.evaluation.surveys.service import ROLES, NoSuchLink, NotDue, NothingAnswered, WrongCode
from egide.fleet.service import NoSuchKit
from egide.journal.sealing.keys import KeyErased

LANGUAGES = ("fr", "nl", "de", "en")
_ANSWER = "a-"


@require_GET
@for_roles(*ROLES)
def index(request: ScopedRequest) -> HttpResponse:
    """Who may be asked now, and the officer's own questions."""
    scope = request.scope
    context = {
        "scope": scope,
        "due": surveys.due_files(scope),
        "officers": surveys.officers_to_ask(scope),
        "may_ask": scope.is_reference_officer,
        "may_answer": surveys.may_answer(scope),
    }
    return render(request, "evaluation/surveys.html", context)


@require_POST
@for_roles(*ROLES)
def hand_link(request: ScopedRequest, case: str) -> HttpResponse:
    """A fresh link for the person of one file, shown once."""
    try:
        handed = surveys.do_hand_link(request.scope, case)
    except (NotDue, NoSuchKit, KeyErased) as error:
        raise Http404 from error
    return render(request, "evaluation/survey_link.html", {"scope": request.scope, "handed": handed})


@require_POST
@for_roles(REFERENCE_OFFICER)
def ask_officers(request: ScopedRequest) -> HttpResponse:
    """Ask the officers of the zone; each finds it on their start page."""
    number = surveys.do_ask_officers(request.scope)
    said = ngettext("%(number)s officer was asked.", "%(number)s officers were asked.", number)
    messages.success(request, said % {"number": number})
    return redirect("surveys")


@require_POST
@for_roles(*ROLES)
def own_link(request: ScopedRequest) -> HttpResponse:
    """The officer's own link, once."""
    try:
        url, code = surveys.do_take_link(request.scope)
    except NotDue as error:
        raise Http404 from error
    return render(
        request,
        "evaluation/survey_own.html",
        {"scope": request.scope, "url": url, "path": urlsplit(url).path, "code": code},
    )


@csrf_exempt  # the link itself is the right to answer; a cookie would be a trace
@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link: first only a field for the number, then the questions, then thanks."""
    language = request.POST.get("language") or request.GET.get("l", "")
    if language not in LANGUAGES:
        language = translation.get_language()[:2]
    with translation.override(language):
        try:
            link, survey = surveys.check_link(token)
            return _answer(request, link, survey, language)
        except NoSuchLink:
            return _page(request, "gone", language, status=410)


def _answer(request: HttpRequest, link: Link, survey: Survey, language: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, "code", language)
    code = request.POST.get("code", "")
    try:
        surveys.check_code(link, code)
    except WrongCode:
        surveys.check_link(link.token)
        error = _("This number does not belong to this page. Look at it again.")
        return _page(request, "code", language, status=422, error=error)
    given = {one.id: request.POST.get(_ANSWER + one.id, "") for one in survey.question}
    if "send" not in request.POST:
        return _page(request, "questions", language, code=code, questions=_shown(survey, language, given))
    try:
        surveys.do_answer(link, given)
    except NothingAnswered:
        shown = _shown(survey, language, given)
        error = _("Choose at least one answer, or close the page.")
        return _page(request, "questions", language, status=422, code=code, questions=shown, error=error)
    return _page(request, "thanks", language)


def _shown(survey: Survey, language: str, given: dict[str, str]) -> list[dict[str, Any]]:
    """The questions in a language, with what was chosen so far."""
    return [
        {
            "name": _ANSWER + one.id,
            "text": one.text[language],
            "options": [
                {"id": option.id, "text": option.text[language], "chosen": given[one.id] == option.id}
                for option in one.option
            ],
        }
        for one in survey.question
    ]


def _page(request: HttpRequest, state: str, language: str, status: int = 200, **more: Any) -> HttpResponse:
    context = {"state": state, "language": language, "languages": LANGUAGES} | more
    return render(request, "evaluation/questions.html", context, status=status)
