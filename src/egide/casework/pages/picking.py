"""Help with the fields of a form that say where something is: a map beside them, and addresses as somebody types."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from egide.access.pages.street_map import Maps, maps_of
from egide.access.rules import REFERENCE_OFFICER, ZONE_OFFICER
from egide.access.service import ScopedRequest, for_roles
from egide.casework.forms.positions import addresses_like, places_around

# Parts of a file whose form asks for a place, or may have one beside it.
_PARTS = frozenset({"place", "measure", "perpetrator"})


class Picking(NamedTuple):
    """The maps in force, and where they begin: degrees, latitude first."""

    maps: Maps
    middle: str


def picking_of(zone: str, part: str) -> Picking | None:
    """What a form of this part needs to choose a place on the map; None where there are no streets to choose by."""
    if part not in _PARTS:
        return None
    maps, places = maps_of(), places_around(zone)
    if not maps.has_streets or not places:
        return None
    lat = sum(place.lat for place in places) / len(places)
    lon = sum(place.lon for place in places) / len(places)
    return Picking(maps, f"{lat:.5f},{lon:.5f}")


def has_addresses(part: str) -> bool:
    """Whether a form of this part asks for a place, and the authority has a list of addresses."""
    return part in _PARTS and bool(settings.EGIDE.addresses_file.exists())


@require_POST
@for_roles(ZONE_OFFICER, REFERENCE_OFFICER)
def addresses(request: ScopedRequest) -> HttpResponse:
    """The addresses that may be meant by what is typed so far, the likeliest first; asked by POST, since it says where
    somebody lives."""
    return JsonResponse({"found": addresses_like(request.POST.get("text", ""), (get_language() or "en")[:2])})
