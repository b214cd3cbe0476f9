"""Form fields for where something is: a named place, an address, or degrees; and circles on the ground."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from egide.casework.file.facts import Area
from egide.casework.forms.fields import suggest
from egide.common.folding import fold
from egide.geography.addresses.book import answered, book_at
from egide.geography.addresses.searching import TEXT_SIGNS, search
from egide.geography.maps import places_of_zone
from egide.geography.places import NamedPlace
from egide.geography.zones import zone_path

_POSITION = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
# Belgium and a wide margin (people travel): a swapped latitude and longitude is noticed.
_LAT, _LON = (35.0, 72.0), (-25.0, 45.0)
_RADIUS_M = (20, 5000)
MAX_AREAS = 10
# A name stands for the middle of a town: a circle around it is never drawn as small as one around a house.
NAMED_RADIUS_M = 1500
# What a ban around an address means where the order names no distance.
AROUND_M = 300
# How many circles can be added at once.
EMPTY_ROWS = 2
# So many addresses are named where several may be meant.
_NAMED = 5
# And so many while somebody types, from so many letters on.
_SUGGESTED, _LEAST_SIGNS = 8, 3

Places = Mapping[str, NamedPlace]


class TypedPosition(NamedTuple):
    """A position in 1e-7 degree; `is_named` when it is the middle of a named place."""

    lat_e7: int
    lon_e7: int
    is_named: bool


def places_around(zone: str) -> tuple[NamedPlace, ...]:
    """The named places in and around a zone: those that its officers choose from."""
    return places_of_zone(*zone_path(settings.EGIDE.zones_dir), zone)


class PositionField(forms.CharField):
    """The name of a place, an address, or "50.4518, 3.9571"; cleaned to a TypedPosition."""

    places: Places = {}

    def clean(self, value: Any) -> Any:
        given = super().clean(value)
        return parse_position(given, self.places) if given else None


class AreasWidget(forms.Widget):
    """One row for each circle: place, metres, name. What is sent in one text, as imports do, is taken as well."""

    template_name = "casework/areas.html"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """One circle on each line, as `AreasField` takes them."""
        if name in data:
            return str(data[name])
        rows = ([data.get(f"{name}-{row}-{part}", "") for part in ROW] for row in range(MAX_AREAS))
        return "\n".join("; ".join(row) for row in rows if any(row))

    def id_for_label(self, id_: str) -> str:
        """The first field, where a fault's link leads."""
        return f"{id_}_0_place"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        rows = [dict(zip(ROW, _parts(line), strict=True)) for line in lines]
        rows += [dict.fromkeys(ROW, "")] * min(EMPTY_ROWS, MAX_AREAS - len(rows))
        return super().get_context(name, value, attrs) | {"rows": rows, "around_m": AROUND_M}


ROW = ("place", "metres", "label")


class AreasField(forms.CharField):
    """Circles, one on each line: "50.4518, 3.9571; 300; Home", "Cuesmes; 300", or with an address. Cleaned to Areas."""

    places: Places = {}
    widget = AreasWidget

    def clean(self, value: Any) -> Any:
        lines = [each for each in super().clean(value).splitlines() if each.strip()]
        if len(lines) > MAX_AREAS:
            raise forms.ValidationError(_("At most %(count)s circles.") % {"count": MAX_AREAS})
        return tuple(parse_area(each, self.places) for each in lines)


def offer_places(form: forms.Form, name: str, places: Iterable[NamedPlace]) -> None:
    """Let people choose one of these by its name, in the form's field of positions or circles."""
    known = {fold(place.name): place for place in places}
    field = form.fields[name]
    assert isinstance(field, PositionField | AreasField)
    field.places = known
    suggest(form, name, sorted(place.name for place in known.values()))


def parse_position(given: str, places: Places) -> TypedPosition:
    """The middle of a named place, a house by its address, or latitude and longitude. Raises forms.ValidationError."""
    if place := places.get(fold(given.strip())):
        return TypedPosition(round(place.lat * 1e7), round(place.lon * 1e7), is_named=True)
    match = _POSITION.fullmatch(given)
    if match is None:
        return parse_address(given)
    lat, lon = float(match[1]), float(match[2])
    if not (_LAT[0] <= lat <= _LAT[1] and _LON[0] <= lon <= _LON[1]):
        raise forms.ValidationError(
            _("%(lat)s, %(lon)s lies far outside of Europe. Latitude comes first: 50.4518, 3.9571")
            % {"lat": match[1], "lon": match[2]}
        )
    return TypedPosition(round(lat * 1e7), round(lon * 1e7), is_named=False)


def parse_address(given: str) -> TypedPosition:
    """The house that is meant, by the authority's own list. Raises forms.ValidationError where none is for sure."""
    # Without a list, places and degrees are all that can be written.
    language = (get_language() or "en")[:2]
    book = book_at(settings.EGIDE.addresses_file)
    found = answered(language, lambda: search(book, given)) or []
    houses = [match for match in found if match.level == "house"]
    said = [match for match in houses if fold(match.text) == fold(given.strip())]
    if len(said or houses) == 1:
        house = (said or houses)[0]
        return TypedPosition(house.lat_e7, house.lon_e7, is_named=False)
    if not found:
        raise forms.ValidationError(
            _("“%(given)s” is no address or place that is known here. Degrees always work: 50.4518, 3.9571")
            % {"given": given[:60]}
        )
    raise forms.ValidationError(
        _("“%(given)s” may be: %(found)s. Write one of them, with the number of the house.")
        % {"given": given[:60], "found": " · ".join(match.text for match in found[:_NAMED])}
    )


def addresses_like(given: str, language: str) -> list[str]:
    """The addresses that may be meant by what somebody has typed so far, the likeliest first; none without a list."""
    text = given.strip()[:TEXT_SIGNS]
    if len(text) < _LEAST_SIGNS:
        return []
    book = book_at(settings.EGIDE.addresses_file)
    found = answered(language, lambda: search(book, text)) or []
    return [match.text for match in found[:_SUGGESTED]]


def parse_area(given: str, places: Places) -> Area:
    """A circle. Raises forms.ValidationError."""
    place, metres, label = _parts(given)
    position = parse_position(place, places)
    radius_m = parse_radius(metres) if metres else AROUND_M
    # Where nobody named it, the place that was chosen is its name.
    named = label or (place if position.is_named else "")
    return Area(lat_e7=position.lat_e7, lon_e7=position.lon_e7, radius_m=radius_m, label=named[:80])


def _parts(given: str) -> tuple[str, str, str]:
    """Place, metres and name of one circle as it is typed."""
    place, _sep, rest = given.partition(";")
    metres, _sep, label = rest.partition(";")
    return place.strip(), metres.strip(), label.strip()


def parse_radius(given: str) -> int:
    """Metres. Raises forms.ValidationError."""
    low, high = _RADIUS_M
    plain = given.strip().removesuffix("m").strip()
    if not plain.isdecimal() or not low <= int(plain) <= high:
        raise forms.ValidationError(
            _("“%(given)s” is not a radius. Write metres between %(low)s and %(high)s.")
            % {"given": given.strip()[:20], "low": low, "high": high}
        )
    return int(plain)


def show_position(area: Area) -> str:
    """As it is typed."""
    return f"{area.lat_e7 / 1e7:.5f}, {area.lon_e7 / 1e7:.5f}"


def show_area(area: Area) -> str:
    """As it is typed."""
    return f"{show_position(area)}; {area.radius_m}; {area.label}".rstrip("; ")
