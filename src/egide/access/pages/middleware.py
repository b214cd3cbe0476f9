"""What holds for every page: a strict content security policy, nothing kept in caches, limits of sessions."""

import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from egide.access.pages import errors
from egide.access.scope import live_url_for
from egide.access.signing_in import guessing, sessions
from egide.access.signing_in.guards import is_fragment
from egide.common.callers import KNOW

_YEAR_S = 365 * 86_400
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src blob:",
        "connect-src 'self' {live}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# Where passwords and codes are checked, or a new one is hashed.
_SIGN_IN = "/sign-in"
_PROVING = (_SIGN_IN, "/again", "/invitation/", "/account/")
# Where the authority's provider is asked, which may be slow; there also by GET.
_ASKING = ("/sign-in/authority", "/again/authority")
# A refusal takes its time: what strangers are refused must not take the processor that boards need.
REFUSED_AFTER_S = 0.015
# Where somebody without a second factor may go: to set one up, to say who they are, and away.
_SETTING_UP = frozenset(
    {
        "second-factor",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "sign-out",
        "session",
        "set_language",
        "healthz",
    }
)


class PageHeaders:
    """Adds the policy (CSP level 3) to every answer, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.setdefault(
            "Content-Security-Policy", _POLICY.format(live=live_url_for(request.META.get("HTTP_HOST", "")))
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "same-origin"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=()")
        response.setdefault("Cache-Control", "no-store")
        if response.status_code == 404:
            # What is hidden from a reader looks in every header like what does not exist.
            response["Vary"] = "Cookie, Accept-Language"
            response["Cache-Control"] = "no-store"
            del response["Expires"]
        if not settings.EGIDE.demo:
            response["Strict-Transport-Security"] = f"max-age={_YEAR_S}; includeSubDomains"
        return response


class SessionLimits:
    """Ends a session after a shift; without a second factor it leads to where one is set up, and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Called when the address is known, before the view."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        if sessions.is_over(request):
            logout(request)
            return None
        request.META.get(KNOW, _nothing)()
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in _SETTING_UP or not sessions.lacks_second_factor(request):
            return None
        return HttpResponse(status=401) if is_fragment(request) else redirect("second-factor")


def _is_proving(request: HttpRequest) -> bool:
    return request.path.startswith(_ASKING if request.method == "GET" else (*_ASKING, *_PROVING))


def _nothing() -> None:
    """What browsers ask for by themselves."""


class ProvingAtOnce:
    """A few at once may prove who they are; the next one is asked at once to try again. Boards, zones and teams keep
    the other threads, no matter who guesses; a person who signed in from this browser before has a place that no
    stranger takes (safety rule 42)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._threads = guessing.ProvingThreads()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_proving(request):
            return self._get_response(request)
        address, is_known = guessing.address_of(request), bool(guessing.browser_of(request))
        if not is_known and self._threads.is_held_up(address):
            return errors.too_many(request)
        leave = self._threads.take(address, is_known=is_known)
        if leave is None:
            time.sleep(REFUSED_AFTER_S)
            return errors.busy(request)
        try:
            response = self._get_response(request)
        finally:
            leave()
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and request.path == _SIGN_IN and not is_known:
            self._threads.hold_up(address)
        return response
