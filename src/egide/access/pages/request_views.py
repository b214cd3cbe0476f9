"""What a second person decides about accounts: yes with a link on paper, no, and taking note (safety rule 41)."""

from collections.abc import Iterator
from contextlib import contextmanager

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from egide.access.accounts import agreeing
from egide.access.accounts.invitations import INVITED_S
from egide.access.models import AccountRequest, User
from egide.access.rules import ANSWERS_FOR, DATA_PROTECTION
from egide.access.signing_in.guards import ScopedRequest, for_anybody, for_roles

SECOND_PERSONS = (DATA_PROTECTION, *ANSWERS_FOR.values())


@contextmanager
def _existing() -> Iterator[None]:
    """Whatever waits for somebody else is not there (404)."""
    try:
        yield
    except AccountRequest.DoesNotExist as error:
        raise Http404 from error


@require_GET
@for_roles(*SECOND_PERSONS)
def requests(request: ScopedRequest) -> HttpResponse:
    """What waits for this reader, and what was decided."""
    found = [(agreeing.title_of(one.request), one) for one in agreeing.requests_for(request.scope)]
    return render(request, "access/account_requests.html", {"scope": request.scope, "found": found})


@require_POST
@for_roles(*SECOND_PERSONS)
def agree(request: ScopedRequest, number: int) -> HttpResponse:
    """Yes. A new way in is shown this once, to be printed."""
    with _existing():
        asked, token = agreeing.do_agree(request.scope, number)
    if asked.kind == AccountRequest.EMERGENCY:
        messages.success(request, _("Agreed. Each of the two people is now asked to take their half."))
        return redirect("account-requests")
    if not token:
        messages.success(request, _("The post is given."))
        return redirect("account-requests")
    return _paper(request, asked.user, token)


def _paper(request: ScopedRequest, user: User, token: str) -> HttpResponse:
    link = settings.EGIDE.page(reverse("invitation", args=[token]))
    picture = segno.make(link, error="m", micro=False)
    context = {
        "scope": request.scope,
        "account": user,
        "link": link,
        "hours": INVITED_S // 3600,
        "qr": picture.svg_inline(border=4, omitsize=True, dark="#000", light="#fff"),
    }
    return render(request, "access/link.html", context)


@require_POST
@for_roles(*SECOND_PERSONS)
def refuse(request: ScopedRequest, number: int) -> HttpResponse:
    """No."""
    with _existing():
        agreeing.do_refuse(request.scope, number)
    messages.success(request, _("Refused. Nothing changes."))
    return redirect("account-requests")


@require_POST
@for_roles(*SECOND_PERSONS)
def note(request: ScopedRequest, number: int) -> HttpResponse:
    """Take note of what somebody else decided."""
    with _existing():
        agreeing.do_note(request.scope, number)
    return redirect("account-requests")


@require_POST
@for_anybody
def refuse_own(request: ScopedRequest) -> HttpResponse:
    """The person of an account refuses a new start that somebody else asked for it."""
    with _existing():
        agreeing.do_refuse_own(request.scope)
    messages.success(request, _("Refused. Nothing changes."))
    return redirect("account")
