"""A file that is not the reader's: asking for it, the answer of somebody who may read it, and reading it once."""

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MinLengthValidator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from egide.access.rules import FILE_ROLES, REASON_LENGTH
from egide.access.service import ScopedRequest, for_files, for_roles
from egide.casework.file.reading import File, NoSuchFile
from egide.casework.forms.fields import day, line, text
from egide.casework.forms.parts import check_past
from egide.casework.pages.views import page_of
from egide.casework.sharing import asking
from egide.casework.sharing.asking import TooOften
from egide.journal.errors import JournalError
from egide.journal.sealing.keys import KeyErased

log = logging.getLogger("egide.web")
_REFUSED = (NoSuchFile, KeyErased)


class AskForm(forms.Form):
    """Whom somebody asks for, and why. What is typed stands in no address and is kept nowhere but the reason."""

    use_required_attribute = False

    name = line(
        gettext_lazy("Name of the person"),
        required=True,
        length=120,
        help_text=gettext_lazy("First name and family name, as in the file."),
    )
    born = day(gettext_lazy("Born on"), required=True, validators=[check_past])
    why = text(
        gettext_lazy("Why you must read it now"),
        required=True,
        length=1000,
        validators=[MinLengthValidator(REASON_LENGTH, gettext_lazy("Write in a sentence why."))],
    )


@require_http_methods(["GET", "POST"])
@for_roles(*FILE_ROLES)
def by_reason(request: ScopedRequest) -> HttpResponse:
    """Ask for a file by the person's name and birth date, or open one to which a second person said yes: once."""
    if request.POST.get("do") == "open":
        return _open(request)
    form = AskForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, 422)
    given = form.cleaned_data
    try:
        file = asking.do_ask(request.scope, given["name"], given["born"], given["why"])
    except TooOften:
        return _page(request, form, 429)
    except KeyErased:
        file = None
    except JournalError as error:
        log.warning("a file was not asked for: %s", type(error).__name__)
        form.add_error(None, _("The journal takes nothing now, so nothing is opened. Try again."))
        return _page(request, form, 503)
    if file is None:
        messages.success(
            request,
            _(
                "Asked. If there is such a file, somebody who may read it is notified now, and says whether you may."
            ),
        )
        return redirect("file-by-reason")
    return _show(request, file)


def _open(request: ScopedRequest) -> HttpResponse:
    try:
        return _show(request, asking.do_open(request.scope, request.POST.get("asking", "")[:16]))
    except _REFUSED:
        form = AskForm()
        return _page(request, form, 422, _("This can no longer be opened. Nothing was opened."))


def _show(request: ScopedRequest, file: File) -> HttpResponse:
    return render(request, "casework/file.html", page_of(request, file) | {"by_reason": True})


def _page(request: ScopedRequest, form: AskForm, status: int = 200, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "scope": request.scope,
        "form": form,
        "error": error,
        "own": asking.own(request.scope),
        "left": asking.asks_left(request.scope),
        "hours": asking.SHIFT_S // 3600,
    }
    return render(request, "casework/by_reason.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_files
def asked(request: ScopedRequest) -> HttpResponse:
    """Who asks for files that this reader may read: yes or no, with equal buttons (safety rule 15)."""
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        try:
            if answer not in ("yes", "no"):
                raise NoSuchFile(answer)
            asking.do_answer(request.scope, request.POST.get("asking", "")[:16], agreed=answer == "yes")
        except NoSuchFile as error:
            raise Http404 from error
        return redirect("files-asked")
    context = {"scope": request.scope, "waiting": asking.waiting_for(request.scope)}
    return render(request, "casework/asked.html", context)
