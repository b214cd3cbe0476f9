"""The authority's own maps of streets and from the air: what a page has to know to draw them, and their pieces.

An address of these never says where on the map somebody looks, and nothing of it stays in a browser.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from egide.access.signing_in.guards import for_a_shift
from egide.common import ticket
from egide.geography.tiles.archive import (
    AERIAL,
    PIECE_BYTES,
    STREETS,
    About,
    MapFileError,
    NoMap,
    about,
    piece,
)
from egide.geography.unread import note_unread
from egide.outbox.service import clock

# Web requests have a hundred bytes of it, and a file less than a terabyte.
_RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{1,12})")
_ADDRESS = re.compile(r"/map/([a-z]+)\.pmtiles")
KINDS = (STREETS, AERIAL)


class Maps(msgspec.Struct, frozen=True):
    """The maps in force. `told` is for `egide/streets.js`; the rest stands under the map."""

    told: str = ""
    attribution: tuple[str, ...] = ()
    has_streets: bool = False
    is_invented: bool = False


def maps_of() -> Maps:
    """The maps in force as a page needs them."""
    found = {kind: known for kind in KINDS if (known := _known(kind)) is not None}
    if not found:
        return Maps()
    told = {
        "kinds": {kind: _told(known, reverse("street-map", args=[kind])) for kind, known in found.items()},
        "script": static("vendor/protomaps/protomaps-leaflet.js"),
        "language": (get_language() or "en")[:2],
        "words": {STREETS: _("Streets"), AERIAL: _("Aerial picture")},
    }
    return Maps(
        told=msgspec.json.encode(told).decode(),
        attribution=tuple(dict.fromkeys(known.attribution for known in found.values() if known.attribution)),
        has_streets=STREETS in found,
        is_invented=any(known.is_invented for known in found.values()),
    )


def _known(kind: str) -> About | None:
    try:
        return about(settings.EGIDE.map_file(kind))
    except NoMap:
        return None
    except MapFileError as error:
        note_unread(f"pages draw no streets: {error}")
        return None


def _told(known: About, address: str) -> dict[str, Any]:
    return {
        "url": address,
        "kind": known.kind,
        "image": known.image,
        "zooms": [known.min_zoom, known.max_zoom],
        "bounds": [[known.south, known.west], [known.north, known.east]],
    }


class ByTicket:
    """Who listens to live events has pieces by that ticket, teams by their link too: two hundred boards that look at a
    map at once ask the records for nothing, and hold up no row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = _ADDRESS.fullmatch(request.path)
        if asked is None or request.method != "GET" or not _has_ticket(request):
            return self._get_response(request)
        return piece_of(request, asked[1])


def _has_ticket(request: HttpRequest) -> bool:
    text = request.COOKIES.get(settings.EGIDE.cookie(ticket.COOKIE), "")
    try:
        ticket.TicketKeys(settings.EGIDE.data_dir).check(text, clock().now_us() // 1_000_000)
    except ticket.TicketError:
        return False
    return True


@require_GET
@for_a_shift
def pieces(request: HttpRequest, kind: str) -> HttpResponse:
    """A piece of a map's file, for everybody who is signed in."""
    return piece_of(request, kind)


def piece_of(request: HttpRequest, kind: str) -> HttpResponse:
    """The bytes that are asked for (RFC 9110, section 14: one range with both ends). Raises Http404."""
    if kind not in KINDS:
        raise Http404
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = (int(asked[1]), int(asked[2])) if asked else (0, -1)
    try:
        found = piece(settings.EGIDE.map_file(kind), first, min(last, first + PIECE_BYTES - 1))
    except NoMap as error:
        raise Http404 from error
    if found.data:
        response = HttpResponse(found.data, content_type="application/octet-stream", status=206)
        response["Content-Range"] = f"bytes {first}-{first + len(found.data) - 1}/{found.size}"
    else:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{found.size}"
    response["ETag"] = f'"{found.mark}"'
    response["Accept-Ranges"] = "bytes"
    return response
