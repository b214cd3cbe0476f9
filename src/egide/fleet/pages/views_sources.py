"""A kit's devices that are no phones: an officer enrols one, sees whether it was heard, and takes it off again."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from egide.access.service import ScopedRequest
from egide.fleet import service
from egide.fleet.models import OUT, KitState
from egide.fleet.pages.source_kinds import KINDS, SourceKind
from egide.fleet.pages.views import for_officers
from egide.fleet.placing import LEAST_M, MOST_M, NoPlace, place_typed, placing_in
from egide.fleet.sources import (
    NewSource,
    Shown,
    SourceRefused,
    do_end_source,
    do_enrol_source,
    shown_of_kit,
)

RADIUS_M = 30
_E7 = 1e7
# What was refused, by the words of fleet.sources: the field, and a sentence.
_REFUSED: dict[str, tuple[str, Promise]] = {
    "kit-not-out": ("devices", gettext_lazy("This kit was given back or lost.")),
    "bad-name": ("name", gettext_lazy("This is no name of such a device. Type it as it is printed.")),
    "bad-key": (
        "key",
        gettext_lazy(
            "This key does not fit. It has 32 signs, of 0–9 and a–f; an alarm device may have 48 or 64."
        ),
    ),
    "no-place": ("place", gettext_lazy("Say where it stands: it stays there.")),
    "has-place": ("place", gettext_lazy("This device says itself where it is.")),
    "bad-interval": ("every", gettext_lazy("Between 10 and 86400 seconds, or nothing.")),
    "taken": ("name", gettext_lazy("This device reports for another kit: take it off that one first.")),
    "unknown": ("devices", gettext_lazy("No such device reports for this kit.")),
}


@dataclass(frozen=True)
class Line:
    """One device of the list."""

    shown: Shown
    kind: SourceKind | None
    at: str


@require_http_methods(["GET", "POST"])
@for_officers
def sources(request: ScopedRequest, kit: str) -> HttpResponse:
    """The devices of a kit; a form for a new one of the kind that was chosen. The key is never shown again."""
    if request.method == "GET":
        return _page(request, kit, request.GET.get("kind", ""), {})
    service.check_kit(request.scope, kit)
    road = request.POST.get("kind", "")
    try:
        new = _typed(request, kit, road)
        do_enrol_source(request.scope, kit, new)
    except _Wrong as wrong:
        return _page(request, kit, road, {wrong.field: wrong.text}, 422)
    except SourceRefused as refused:
        return _page(request, kit, road, dict([_REFUSED[refused.why]]), 422)
    text = _(
        "Enrolled. Load this page again in some seconds, then press the device once: it must be heard here."
    )
    messages.success(request, text)
    return redirect("kit-sources", kit)


@require_POST
@for_officers
def end(request: ScopedRequest, kit: str, source: str) -> HttpResponse:
    """Nothing of it is taken any more."""
    try:
        do_end_source(request.scope, kit, source)
    except SourceRefused as refused:
        return _page(request, kit, "", dict([_REFUSED[refused.why]]), 422)
    messages.success(request, _("Taken off. Within seconds nothing of it is taken any more."))
    return redirect("kit-sources", kit)


class _Wrong(Exception):
    """What was typed into a field cannot be used."""

    def __init__(self, field: str, text: str | Promise) -> None:
        super().__init__(field)
        self.field = field
        self.text = text


def _typed(request: ScopedRequest, kit: str, road: str) -> NewSource:
    """What the form says. Raises _Wrong."""
    kind = KINDS.get(road)
    if kind is None:
        raise _Wrong("devices", _("Choose what kind of device it is."))
    given, key, place = request.POST, b"", None
    if kind.has_key:
        try:
            key = binascii.unhexlify("".join(given.get("key", "").replace(":", "").split()))
        except (binascii.Error, ValueError) as error:
            raise _Wrong("key", _REFUSED["bad-key"][1]) from error
    if kind.has_place:
        zone = service.view_of(request.scope, kit).standing.managing_zone
        try:
            place = place_typed(given.get("place", ""), given.get("radius", "") or str(RADIUS_M), zone)
        except NoPlace as error:
            if str(error) == "radius":
                words = _("Between %(least)s and %(most)s metres.") % {"least": LEAST_M, "most": MOST_M}
                raise _Wrong("radius", words) from error
            raise _Wrong("place", str(error)) from error
    every = given.get("every", "").strip() if kind.has_interval else ""
    if every and not re.fullmatch(r"[0-9]{1,6}", every):
        raise _Wrong(*_REFUSED["bad-interval"])
    return NewSource(road, given.get("name", ""), key, place, int(every or 0))


def _page(
    request: ScopedRequest, kit: str, road: str, errors: Mapping[str, str | Promise], status: int = 200
) -> HttpResponse:
    view = service.view_of(request.scope, kit)
    kind = KINDS.get(road)
    placing = placing_in(view.standing.managing_zone) if kind is not None and kind.has_place else None
    context = {
        "scope": request.scope,
        "view": view,
        "kit": view.kit,
        "lines": [_line(one) for one in shown_of_kit(request.scope, kit)],
        "may_enrol": view.kit.state in (*OUT, KitState.PREPARED),
        "kinds": KINDS.items(),
        "road": road,
        "kind": kind,
        "placing": placing,
        "picking": placing.picking if placing else None,
        "errors": errors,
        "error_targets": {}
        if kind is not None
        else dict.fromkeys(("name", "key", "place", "radius", "every"), ""),
        "typed": _kept(request),
        "radius_m": RADIUS_M,
    }
    return render(request, "fleet/sources.html", context, status=status)


def _kept(request: HttpRequest) -> dict[str, str]:
    """What was typed and is shown again: never the key."""
    return {name: request.POST.get(name, "") for name in ("name", "place", "radius", "every")}


def _line(one: Shown) -> Line:
    at = ""
    if one.place is not None:
        lat, lon = one.place.lat_e7 / _E7, one.place.lon_e7 / _E7
        at = f"{lat:.5f}, {lon:.5f} (± {one.place.accuracy_m} m)"
    return Line(one, KINDS.get(one.road), at)
