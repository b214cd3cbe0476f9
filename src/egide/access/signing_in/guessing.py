"""How guessing passwords is held up, and how it keeps nobody else out (safety rule 42).

Wrong tries count by name and address, and by address alone, in allauth's limits. In a browser where somebody signed in
before they count by name and that browser, whatever others try elsewhere (OWASP, "device cookies").
"""

import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import authenticate
from django.core import signing
from django.http import HttpRequest, parse_cookie

from egide.access.models import User
from egide.common.callers import neighbourhood

COOKIE = "egide_browser"
KNOWN_S = 90 * 86_400
_SALT = "egide.browser"
# Limits within the eight threads of a process: strangers who prove who they are, those of one address, and one more
# may check those whose browser is known.
STRANGERS_AT_ONCE, FROM_ONE_ADDRESS, KNOWN_AT_ONCE = 3, 2, 1
# For how long an address beyond its limit is not looked at, and how many addresses are remembered.
HELD_UP_S, _MOST_HELD_UP = 10.0, 10_000
_BY_NAME, _BY_ADDRESS, _BY_BROWSER = "sign_in", "sign_in_address", "sign_in_browser"


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as limits count it; the server has put the caller's own address there."""
    return neighbourhood(str(request.META.get("REMOTE_ADDR", "unknown")))


def browser_of(request: HttpRequest) -> str:
    """The random name of a browser in which somebody signed in before; empty for any other."""
    return _read(request.COOKIES.get(settings.EGIDE.cookie(COOKIE), ""))


def is_known(cookies: str) -> bool:
    """Whether a request with this Cookie header comes from such a browser."""
    name = settings.EGIDE.cookie(COOKIE)
    return name in cookies and bool(_read(parse_cookie(cookies).get(name, "")))


def _read(mark: str) -> str:
    try:
        text: str = signing.loads(mark, salt=_SALT, max_age=KNOWN_S)
    except signing.BadSignature:
        return ""
    return text


def mark_of_browser(request: HttpRequest) -> str:
    """What a browser keeps after somebody signed in: its name of before, or a new one, for ninety days from now."""
    return signing.dumps(browser_of(request) or secrets.token_urlsafe(12), salt=_SALT)


def may_try(request: HttpRequest) -> bool:
    """Whether this address has tries left, or this browser where it is known."""
    return _count(request, dry_run=True)


def check_password(request: HttpRequest, name: str, password: str) -> User | None:
    """The account that name and password open, or None; every failure looks the same from outside."""
    browser = browser_of(request)
    key = f"{name.lower()}\0{browser or address_of(request)}"
    if not ratelimit.consume(request, action=_BY_NAME, key=key, dry_run=True):
        return None
    user = authenticate(request, username=name, password=password)
    if isinstance(user, User):
        ratelimit.clear(request, action=_BY_NAME, key=key)
        return user
    ratelimit.consume(request, action=_BY_NAME, key=key)
    _count(request, dry_run=False)
    return None


def _count(request: HttpRequest, *, dry_run: bool) -> bool:
    browser = browser_of(request)
    action = _BY_BROWSER if browser else _BY_ADDRESS
    return bool(ratelimit.consume(request, action=action, key=browser, dry_run=dry_run))


def note_failure(request: HttpRequest) -> None:
    """One more wrong try of this address, or this browser where it is known."""
    _count(request, dry_run=False)


class ProvingThreads:
    """The threads that may check who somebody is. For several threads."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._strangers: Counter[str] = Counter()
        self._known = 0
        self._held_up: OrderedDict[str, float] = OrderedDict()

    def take(self, address: str, *, is_known: bool) -> Callable[[], None] | None:
        """A place, as the function that gives it back; None when there is none for this address."""
        with self._lock:
            if is_known and self._known < KNOWN_AT_ONCE:
                self._known += 1
                return self._leave_known
            if self._strangers.total() >= STRANGERS_AT_ONCE or self._strangers[address] >= FROM_ONE_ADDRESS:
                return None
            self._strangers[address] += 1
        return lambda: self._leave(address)

    def hold_up(self, address: str) -> None:
        """It is beyond its limit: do not look again at once."""
        with self._lock:
            self._held_up[address] = self._now_s() + HELD_UP_S
            self._held_up.move_to_end(address)
            while len(self._held_up) > _MOST_HELD_UP:
                self._held_up.popitem(last=False)

    def is_held_up(self, address: str) -> bool:
        """Whether it was beyond its limit a moment ago."""
        with self._lock:
            return self._held_up.get(address, 0.0) > self._now_s()

    def _leave(self, address: str) -> None:
        with self._lock:
            self._strangers[address] -= 1
            if not self._strangers[address]:
                del self._strangers[address]

    def _leave_known(self) -> None:
        with self._lock:
            self._known -= 1
