"""Where a phone fetches the app for Android: a page that says no more than that it is a small app (rules 18 and 21).

Whoever looks at her browser's history, or at the page over her shoulder, learns of notes. It sets no cookie, loads
nothing, and is not there at all while nothing is handed out.
"""

import base64
import hashlib
from typing import Any

import segno
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from egide.fleet.native.apk import Apk
from egide.fleet.native.published import file_of, published

_TYPE = "application/vnd.android.package-archive"
# The phone's own host serves no style sheets of offices, and the page must not show where it comes from.
_STYLE = (
    ":root{color-scheme:light dark}*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:36rem;padding:1.5rem 1rem 3rem;font:1rem/1.5 system-ui,sans-serif}"
    "h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    ".get{display:block;margin:1.5rem 0;padding:.9rem;border-radius:.6rem;background:#1d4f91;color:#fff;"
    "text-align:center;font-weight:600;text-decoration:none}"
    "code{display:block;overflow-wrap:anywhere;font:1rem/1.6 ui-monospace,monospace}"
    "li{margin:.4rem 0}nav a{display:inline-block;padding:.6rem .8rem .6rem 0;color:inherit}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _now() -> Apk | None:
    return published(settings.EGIDE.android_dir)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The app with its figures, in the language of the phone or of the link."""
    apk = _now()
    if apk is None:
        return HttpResponse(status=404)
    # Each by its own name: who cannot read the others finds it.
    languages = {
        code: translation.get_language_info(code)["name_local"].capitalize() for code, _ in settings.LANGUAGES
    }
    asked = request.GET.get("lang", "")
    with translation.override(asked if asked in languages else translation.get_language()):
        context = {
            "apk": apk,
            "style": mark_safe(_STYLE),
            "megabytes": f"{apk.bytes / 1e6:.1f}",
            "sha256": in_groups(apk.sha256),
            "signer": in_groups(apk.signer),
            "languages": languages.items(),
        }
        response = render(request, "fleet/native.html", context)
    response["Content-Security-Policy"] = _POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def file(_request: HttpRequest) -> HttpResponseBase:
    """The app itself."""
    apk = _now()
    try:
        opened = None if apk is None else file_of(settings.EGIDE.android_dir, apk).open("rb")
    except FileNotFoundError:
        # Another took its place in this moment.
        opened = None
    if opened is None:
        return HttpResponse(status=404)
    response = FileResponse(opened, as_attachment=True, filename="notes.apk", content_type=_TYPE)
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def newest(_request: HttpRequest) -> HttpResponse:
    """Which version is handed out, for an app that asks at rest. It believes a file for its signature alone (0088)."""
    apk = _now()
    if apk is None:
        return HttpResponse(status=404)
    told = {
        "version_code": apk.version_code,
        "version": apk.version,
        "sha256": apk.sha256,
        "bytes": apk.bytes,
    }
    response = JsonResponse(told)
    response["Cache-Control"] = "no-store"
    return response


def for_officer() -> dict[str, Any] | None:
    """What the officer's page shows of it: its page as QR code, the figures to compare. None while there is no app."""
    apk = _now()
    if apk is None:
        return None
    address = settings.EGIDE.app_page("android/")
    return {
        "address": address,
        "qr": drawn(address),
        "version": apk.version,
        "sha256": in_groups(apk.sha256),
        "signer": in_groups(apk.signer),
    }


def drawn(words: str, name: str = "qr") -> SafeString:
    """A QR code (ISO/IEC 18004) as SVG of the class `name`, without style."""
    code = segno.make(words, error="m", micro=False)
    # The library's own output, of text that was made here.
    return mark_safe(code.svg_inline(omitsize=True, border=2, svgclass=name))


def in_groups(hexadecimal: str) -> str:
    """In fours, as people compare it."""
    return " ".join(hexadecimal[at : at + 4] for at in range(0, len(hexadecimal), 4))
