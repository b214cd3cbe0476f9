"""Serves the phone's web app as it was built (phone/dist), under a policy of its own: it may reach intake, and nothing
else.
"""

import mimetypes
import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from egide.common.vapid import public_key
from egide.fleet.supervision.limits import limits_now
from egide.fleet.supervision.rules import LEVELS, SILENT_PAGE

DIST = Path(__file__).resolve().parents[4] / "phone" / "dist"
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; worker-src 'self';"
    " media-src 'self';"
    " connect-src 'self' {servers}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_YEAR_S = 365 * 86_400
# The films of the authority in sign language (safety rule 33): none is shipped.
_FILM = re.compile(r"(fr|nl|de|en)\.(webm|mp4|vtt)", re.ASCII)
_FILM_TYPES = {"webm": "video/webm", "mp4": "video/mp4", "vtt": "text/vtt; charset=utf-8"}


@require_safe
def films(_request: HttpRequest) -> HttpResponse:
    """Which films in sign language there are, by file name; a film without its captions is none."""
    folder = settings.EGIDE.sign_dir
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = [name for name in names if _FILM.fullmatch(name)]
    whole = [name for name in found if f"{name.partition('.')[0]}.vtt" in found and not name.endswith("vtt")]
    response = JsonResponse({"films": whole})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def film(_request: HttpRequest, name: str) -> HttpResponseBase:
    """One film, or its captions."""
    file = settings.EGIDE.sign_dir / name
    known = _FILM.fullmatch(name)
    if known is None or not file.is_file():
        return HttpResponse(status=404)
    response = FileResponse(file.open("rb"), content_type=_FILM_TYPES[known[2]])
    response["Cache-Control"] = "no-cache"
    return response


def _silent_minutes() -> int:
    """How long a web page may say nothing before its zone is notified, whatever its level."""
    ladders = limits_now().settings.ladders
    return max(ladders[level][SILENT_PAGE].zone for level in LEVELS) // 60


@require_safe
def phone_app(request: HttpRequest, name: str = "") -> HttpResponse:
    """One file of the app; its first page carries the addresses of intake, the number for texts, and the like."""
    file = (DIST / (name or "index.html")).resolve()
    if not file.is_relative_to(DIST) or not file.is_file():
        return HttpResponse(status=404)
    servers = " ".join(settings.EGIDE.intake_urls)
    content = file.read_bytes()
    if file.name == "index.html":
        content = content.replace(b"%SERVERS%", servers.encode())
        content = content.replace(b"%SMS%", settings.EGIDE.sms_number.encode())
        content = content.replace(b"%SMSANSWERS%", b"yes" if settings.EGIDE.sms_send_url else b"")
        content = content.replace(b"%PUSH%", public_key(settings.EGIDE).encode())
        content = content.replace(b"%MINUTES%", str(_silent_minutes()).encode())
        content = content.replace(b"%STAGE%", b"demo" if settings.EGIDE.demo else b"")
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response = HttpResponse(content, content_type=kind)
    response["Content-Security-Policy"] = _POLICY.format(servers=servers)
    response["Permissions-Policy"] = "geolocation=(self), microphone=(self), camera=(), payment=()"
    # What carries a hash in its name never changes.
    is_hashed = name.startswith("assets/")
    response["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable" if is_hashed else "no-cache"
    return response
