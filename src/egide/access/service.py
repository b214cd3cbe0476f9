"""The face of this package: from a user to a scope, guards of views, tickets, and accounts for the demo."""

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import partial, wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from egide.access.demo import DemoAccount, create_demo_users
from egide.access.models import FailedSignIn, User
from egide.access.rules import FAILURE_WINDOW_S, MAGISTRATE, Scope, is_barred, must_wait, scope_for
from egide.common import ticket
from egide.common.clock import Clock
from egide.common.files import secret_file

View = Callable[..., HttpResponseBase]

TICKET_KEY_BYTES = 32
_HOST_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}")


class ScopedRequest(HttpRequest):
    """A request that passed one of the guards below."""

    scope: Scope


DeskRequest = ScopedRequest


def scope_of(user: object) -> Scope:
    """What `user` may see: the only way from an account to a filter. Raises TypeError for a stranger."""
    if not isinstance(user, User):
        raise TypeError(f"no scope for somebody who is not signed in: {type(user).__name__}")
    return scope_for(user.name, user.title, user.posts())


def for_desk(view: View) -> View:
    """Let operators and supervisors pass, as `request.scope`; for every other role the page does not exist.

    A fragment asked for without a session answers 401, so that the page can go to the sign-in page by itself.
    """
    return _for(lambda scope: scope.has_desk, view)


def for_zone(view: View) -> View:
    """The same for the officers of a police zone."""
    return _for(lambda scope: scope.has_zone_page, view)


def for_files(view: View) -> View:
    """The same for those whose work is files: a zone's officers, magistrates, clerks."""
    return _for(lambda scope: scope.has_files, view)


def for_roles(*roles: str) -> Callable[[View], View]:
    """The same for whoever has one of `roles` (the names in `access.rules`). Whose, the view asks the scope."""
    wanted = frozenset(roles)
    return partial(_for, lambda scope: bool(scope.roles & wanted))


def for_anybody(view: View) -> View:
    """The same for everybody who is signed in."""
    return _for(lambda scope: True, view)


def _for(may_enter: Callable[[Scope], bool], view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.headers.get("X-Egide-Fragment") or request.headers.get("HX-Request"):
                return HttpResponse(status=401)
            return redirect_to_login(request.get_full_path())
        scope = scope_of(request.user)
        if not may_enter(scope):
            raise Http404
        request.scope = scope  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def live_ticket(scope: Scope, clock: Clock) -> str:
    """The text of the cookie that lets this scope listen to live events for five minutes."""
    expires_at_s = clock.now_us() // 1_000_000 + ticket.LIFETIME_S
    content = ticket.Ticket(
        user=scope.user,
        expires_at_s=expires_at_s,
        centres=tuple(sorted(scope.centres)),
        zones=tuple(sorted(scope.zones)),
        supervisor=scope.supervisor,
    )
    return ticket.issue(content, secret_file(settings.EGIDE.data_dir / "live.key", TICKET_KEY_BYTES))


def live_url_for(host: str) -> str:
    """Where `host`'s pages find the live stream.

    Cookies belong to a host name, whatever the port: in the demo, where each role has a `….localhost` name, the
    stream is reached under the page's own name.
    """
    url = settings.EGIDE.live_url
    parts = urlsplit(url)
    name = host.rsplit(":", 1)[0]
    # The name comes from the browser and goes into a header: only what is plainly a name is repeated.
    if settings.EGIDE.demo and parts.hostname in ("localhost", "127.0.0.1") and _HOST_NAME.fullmatch(name):
        return f"{parts.scheme}://{name}:{parts.port}"
    return url


def check_password(request: HttpRequest, name: str, password: str, clock: Clock) -> User | None:
    """The account that name and password open, or None; every failure looks the same from outside."""
    key = hashlib.sha256(f"{name.lower()}\0{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
    now_us = clock.now_us()
    failures = FailedSignIn.objects.filter(key=key)
    if must_wait(list(failures.values_list("at_us", flat=True)), now_us):
        return None
    user = authenticate(request, username=name, password=password)
    if isinstance(user, User):
        failures.delete()
        return user
    FailedSignIn.objects.filter(at_us__lt=now_us - FAILURE_WINDOW_S * 1_000_000).delete()
    FailedSignIn.objects.create(key=key, at_us=now_us)
    return None


def may_erase(user: User, office: str, barred: frozenset[str] = frozenset()) -> bool:
    """Whether this person may be one of the two who have a file of `office` erased (safety rule 29).

    A data-protection officer, or a magistrate of that office; never a reader who is barred from the file (rule 27).
    """
    scope = scope_of(user)
    if is_barred(scope, barred):
        return False
    return scope.is_data_protection_officer or scope.holds(MAGISTRATE, office)


def titles(names: Iterable[str]) -> dict[str, str]:
    """What colleagues see for each account name; a name that is gone stands for itself."""
    wanted = {name for name in names if name}
    if not wanted:
        return {}
    known = dict(User.objects.filter(name__in=wanted).values_list("name", "title"))
    return {name: known.get(name, name) for name in wanted}


__all__ = [
    "DemoAccount",
    "DeskRequest",
    "ScopedRequest",
    "check_password",
    "create_demo_users",
    "for_anybody",
    "for_desk",
    "for_files",
    "for_roles",
    "for_zone",
    "live_ticket",
    "live_url_for",
    "scope_of",
    "titles",
]
