"""Styles, scripts and fonts: compressed, and kept by browsers under a name that holds their content.

All of them lie below one folder named after what is in them, so that modules and styles find each other by the paths
that they were written with: nothing is collected, and nothing can be older than the code.
"""

import gzip
import hashlib
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware

_YEAR_S = 365 * 86_400
_KEPT = f"public, max-age={_YEAR_S}, immutable"
# What is not compressed already.
_TEXT = (".css", ".js", ".svg")


@cache
def version() -> str:
    """The first 16 hex digits of the SHA-256 of all files and their names."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list(None), key=lambda found: found[0]):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


class Named(StaticFilesStorage):
    """Files with the version in their address."""

    def url(self, name: str | None) -> str:
        return f"{settings.STATIC_URL}{version()}/{name}"


class StaticFiles:
    """Serves them. Under another version than the present one, as an old page asks, a file comes and is not kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get = WhiteNoiseMiddleware(get_response)
        self._packed: dict[str, bytes] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path, named = _plain(request.path_info)
        request.path_info = path
        response: HttpResponse = self._get(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            return response
        # Some packages bring what they compressed themselves.
        if path.endswith(_TEXT) and not response.has_header("Content-Encoding"):
            response = self._compressed(path, request, response)
        if named == version():
            response["Cache-Control"] = _KEPT
        return response

    def _compressed(self, path: str, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        patch_vary_headers(response, ["Accept-Encoding"])
        is_whole = request.method == "GET" and response.status_code == HTTPStatus.OK
        if not is_whole or "gzip" not in request.headers.get("Accept-Encoding", ""):
            return response
        packed = self._packed.get(path)
        if packed is None or settings.WHITENOISE_AUTOREFRESH:
            packed = self._packed[path] = gzip.compress(response.getvalue(), mtime=0)
        response.close()
        smaller = HttpResponse(packed, headers=dict(response.items()))
        smaller["Content-Encoding"] = "gzip"
        smaller["Content-Length"] = str(len(packed))
        return smaller


def _plain(path: str) -> tuple[str, str]:
    """The address without its version, and that version; empty where there is none."""
    name, slash, rest = path.removeprefix(settings.STATIC_URL).partition("/")
    is_version = path.startswith(settings.STATIC_URL) and len(name) == len(version()) and slash
    return (settings.STATIC_URL + rest, name) if is_version else (path, "")
