"""The phone's own host name answers with the app alone: no sign-in page, no cookie, no word of who serves it.

An address from her history leads to a small page, and every other address to nothing (rule 21).
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

_APP = "/app/"
# What Django and our own pages add for readers with a session.
_TELLING = ("Vary", "Content-Language", "Cross-Origin-Opener-Policy", "Allow")


class PhoneHost:
    """In front of everything else. Where the app has no name of its own, nothing changes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_phone_host(request.META.get("HTTP_HOST", "")):
            return self._get_response(request)
        if not request.path.startswith(_APP):
            return HttpResponse(status=404)
        response = self._get_response(request)
        if response.status_code >= 400:
            return HttpResponse(status=404)
        for name in _TELLING:
            del response[name]
        response.cookies.clear()
        return response


def is_phone_host(host: str) -> bool:
    """Whether `host`, as a Host header says it and with a dot behind it too, is the app's and no office's."""
    phone = urlsplit(settings.EGIDE.phone_url).hostname
    offices = {urlsplit(origin).hostname for origin in settings.EGIDE.web_origins}
    return phone is not None and phone not in offices and split_domain_port(host)[0] == phone
