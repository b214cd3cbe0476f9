"""Emergency accounts: two people open one by their halves; a half is taken; an opening is seen, ended and noted."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from egide.access.accounts import emergency_uses
from egide.access.accounts.emergency import TOGETHER_S, counts, do_open, do_take, do_try_half, halves_for
from egide.access.models import EmergencyHalf, EmergencyUse, User
from egide.access.pages import errors
from egide.access.signing_in import guessing, sessions
from egide.access.signing_in.guards import ScopedRequest, for_anybody
from egide.outbox.service import clock

# In a browser between the two halves: which one was given, and when.
_FIRST = "egide.emergency"


@contextmanager
def _existing() -> Iterator[None]:
    """Whatever is somebody else's is not there (404)."""
    try:
        yield
    except (EmergencyHalf.DoesNotExist, EmergencyUse.DoesNotExist) as error:
        raise Http404 from error


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first half, then within minutes and in the same browser the other one: the account is open for a shift."""
    first, is_late = _first(request)
    name, error = first.user.name if first else request.POST.get("name", "").strip()[:60], ""
    if "anew" in request.POST:
        request.session.pop(_FIRST, None)
        return redirect("emergency-sign-in")
    if request.method == "POST":
        if not guessing.may_try(request):
            return errors.too_many(request)
        given = None if is_late else do_try_half(name, request.POST.get("half", "")[:200])
        if is_late:
            error = _("More than five minutes passed since the first half. Begin again.")
            request.session.pop(_FIRST, None)
        elif given is None:
            guessing.note_failure(request)
            error = _("This opens nothing. Look at the name and at each sign.")
        elif first is None:
            request.session[_FIRST] = [given.pk, clock().now_us()]
            return redirect(f"{reverse('emergency-sign-in')}?{request.GET.urlencode()}")
        elif given.pk == first.pk:
            error = _("This is the first half again. The second person types theirs.")
        else:
            return _open(request, first, given)
    context = {
        "name": name,
        "error": error,
        "first": first,
        "other": _other(first),
    }
    return render(request, "access/emergency_sign_in.html", context, status=422 if error else 200)


def _first(request: HttpRequest) -> tuple[EmergencyHalf | None, bool]:
    """The half that was given in this browser, while it waits for the other; and whether it waited too long."""
    number, at_us = request.session.get(_FIRST, (None, 0))
    found = EmergencyHalf.objects.filter(pk=number).select_related("user").first() if number else None
    if found is None or not counts(found):
        return None, False
    is_late = clock().now_us() - at_us > TOGETHER_S * 1_000_000
    return (None, True) if is_late else (found, False)


def _other(first: EmergencyHalf | None) -> str:
    """Whose half is missing: told to somebody who had the first."""
    if first is None:
        return ""
    names = first.user.halves.exclude(pk=first.pk).values("holder")
    return User.objects.filter(name__in=names).values_list("title", flat=True).first() or ""


def _open(request: HttpRequest, first: EmergencyHalf, second: EmergencyHalf) -> HttpResponse:
    with _existing():
        use = do_open(first, second)
    if request.user.is_authenticated and request.user != first.user:
        # Another person's session ends here with all that it holds.
        logout(request)
    request.session.pop(_FIRST, None)
    record_authentication(request, first.user, sessions.EMERGENCY)
    target = request.GET.get("next", "")
    is_ours = bool(target) and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    answer: HttpResponse = perform_login(
        request, first.user, redirect_url=target if is_ours else reverse("home")
    )
    sessions.end_at(request, use.until_us)
    return answer


@require_GET
@for_anybody
def page(request: ScopedRequest) -> HttpResponse:
    """What was opened and concerns this reader, and the halves that they are to take."""
    context = {
        "scope": request.scope,
        "halves": halves_for(request.scope.user),
        "found": emergency_uses.uses_for(request.scope),
    }
    return render(request, "access/emergencies.html", context)


@require_POST
@for_anybody
def take(request: ScopedRequest, number: int) -> HttpResponse:
    """The reader's half, shown this once, to be written down or printed, and sealed."""
    assert isinstance(request.user, User)
    with _existing():
        account, half = do_take(request.user, number)
    context = {"scope": request.scope, "account": account, "half": half}
    return render(request, "access/emergency_half.html", context)


@require_POST
@for_anybody
def end(request: ScopedRequest, number: int) -> HttpResponse:
    """The account is closed at once, in every browser."""
    with _existing():
        emergency_uses.do_end(request.scope, number)
    messages.success(request, _("The emergency account is closed. Its halves open nothing any more."))
    return redirect("emergencies")


@require_POST
@for_anybody
def note(request: ScopedRequest, number: int) -> HttpResponse:
    """Take note of an opening."""
    with _existing():
        emergency_uses.do_note(request.scope, number)
    return redirect("emergencies")
