"""Headers that every page carries: a strict content security policy, and nothing kept in caches."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from egide.access.service import live_url_for

_YEAR_S = 365 * 86_400
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self' {live}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class PageHeaders:
    """Adds the policy (CSP level 3) to every answer, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response["Content-Security-Policy"] = _POLICY.format(
            live=live_url_for(request.META.get("HTTP_HOST", ""))
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "same-origin"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response["Permissions-Policy"] = "geolocation=(), camera=(), microphone=(), payment=()"
        response.setdefault("Cache-Control", "no-store")
        if not settings.EGIDE.demo:
            response["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
        return response
