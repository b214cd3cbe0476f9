"""Guards of views: who may enter, and whether they are still there. For everybody else the page does not exist."""

from collections.abc import Callable
from functools import partial, wraps
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from egide.access.rules import Scope
from egide.access.scope import scope_of
from egide.access.signing_in import sessions

View = Callable[..., HttpResponseBase]


class ScopedRequest(HttpRequest):
    """A request that passed one of the guards below."""

    scope: Scope


def for_desk(view: View) -> View:
    """Let operators and supervisors pass, as `request.scope`; for every other role the page does not exist.

    A fragment asked for without a session answers 401, so that the page can go to the sign-in page by itself.
    Open for a whole shift, like `for_zone`; behind the other guards somebody idle is asked who they are.
    """
    return _guarded(lambda scope: scope.has_desk, view, for_a_shift=True)


def for_zone(view: View) -> View:
    """The same for the officers of a police zone."""
    return _guarded(lambda scope: scope.has_zone_page, view, for_a_shift=True)


def for_files(view: View) -> View:
    """The same for those whose work is files: a zone's officers, magistrates, clerks."""
    return _guarded(lambda scope: scope.has_files, view)


def for_roles(*roles: str) -> Callable[[View], View]:
    """The same for people with one of `roles` (names in `access.rules`). The view asks the scope for which place."""
    wanted = frozenset(roles)
    return partial(_guarded, lambda scope: bool(scope.roles & wanted))


def for_anybody(view: View) -> View:
    """The same for everybody who is signed in."""
    return _guarded(lambda scope: True, view)


def for_a_shift(view: View) -> View:
    """The same for everybody, idle or not: for what shows nothing of a file."""
    return _guarded(lambda scope: True, view, for_a_shift=True)


def with_own_way_in(view: View) -> View:
    """Let everybody pass but emergency accounts: two people open one each time, and nothing may be added to it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if getattr(request.user, "is_emergency", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _guarded(may_enter: Callable[[Scope], bool], view: View, for_a_shift: bool = False) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if is_fragment(request):
                return HttpResponse(status=401)
            return redirect_to_login(request.get_full_path())
        scope = scope_of(request.user)
        if not may_enter(scope):
            raise Http404
        if not for_a_shift and sessions.is_idle(request):
            return ask_again(request)
        if request.method == "POST" or not is_fragment(request):
            sessions.note_use(request)
        request.scope = scope  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a part of a page."""
    return bool(request.headers.get("X-Egide-Fragment") or request.headers.get("HX-Request"))


def ask_again(request: HttpRequest) -> HttpResponseBase:
    """Ask somebody who was idle for their password, passkey or code, then lead back."""
    if is_fragment(request):
        return HttpResponse(status=401)
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")
