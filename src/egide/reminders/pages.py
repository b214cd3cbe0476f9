"""The page on which everybody says how they are reminded: of their own account alone."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.answering import AnswerRefused
from egide.access.models import User
from egide.access.service import ScopedRequest, for_anybody
from egide.alarm.rules import Refused
from egide.boards.waking import devices
from egide.boards.waking.views import not_kept, script, waking_key
from egide.reminders import keeping
from egide.reminders.models import Reminder
from egide.reminders.words import REFUSALS

SHOWN = 20
# Where a reminder leads: to what waits.
START = "/start"


@require_http_methods(["GET", "POST"])
@for_anybody
def index(request: ScopedRequest) -> HttpResponse:
    """How the reader is reminded, and of what they were."""
    user = _owner(request)
    if request.method == "POST":
        try:
            row = keeping.do_keep(user, request.POST.dict())
        except AnswerRefused as refused:
            return _page(request, user, refused)
        messages.success(request, _say_kept(bool(row.pending)))
        return redirect("reminders")
    return _page(request, user)


@require_POST
@for_anybody
def confirm(request: ScopedRequest) -> HttpResponse:
    """The code that was sent to a new address."""
    user = _owner(request)
    try:
        keeping.do_confirm(user, request.POST.get("code", ""))
    except AnswerRefused as refused:
        return _page(request, user, refused)
    messages.success(request, _("Reminders go to this address now."))
    return redirect("reminders")


@require_GET
@for_anybody
def wake_script(request: ScopedRequest) -> HttpResponse:
    """The service worker by which a device reminds."""
    _owner(request)
    response = script(request)
    response["Service-Worker-Allowed"] = START
    return response


@require_POST
@for_anybody
def wake(request: ScopedRequest) -> HttpResponse:
    """Remind on this browser."""
    user = _owner(request)
    try:
        devices.do_keep_for_account(request)
    except Refused as refused:
        return not_kept(refused)
    keeping.do_begin(user)
    return HttpResponse(status=204)


@require_POST
@for_anybody
def forget(request: ScopedRequest) -> HttpResponse:
    """Remind on none of the reader's browsers any more: this one cannot say any longer which it was."""
    devices.do_forget_account(_owner(request).name)
    return HttpResponse(status=204)


def _owner(request: HttpRequest) -> User:
    """Whose page it is. An emergency account is nobody's: Http404."""
    assert isinstance(request.user, User)
    if request.user.is_emergency:
        raise Http404
    return request.user


def _say_kept(is_pending: bool) -> str:
    if is_pending:
        return _("Kept. A code comes to the new address within a few minutes.")
    return _("Kept.")


def _page(request: ScopedRequest, user: User, refused: AnswerRefused | None = None) -> HttpResponse:
    context = {
        "scope": request.scope,
        "reminding": keeping.of(user),
        "typed": request.POST.dict() if refused else None,
        "errors": {refused.field: REFUSALS[refused.why]} if refused else {},
        "hours": keeping.HOURS,
        "list_hours": keeping.LIST_HOURS,
        "has_mail": bool(settings.EGIDE.mail_smtp),
        "told": Reminder.objects.filter(user=user)[:SHOWN],
        "waking_key": waking_key(),
        "waking_script": "/reminders/wake.js",
        "waking_scope": START,
        "waking_post": "/reminders/",
        "waking_lasts": True,
    }
    return render(request, "reminders/reminders.html", context, status=422 if refused else 200)
