"""A place as another system says it: the circle around whatever shape a PIDF-LO has."""

from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as xml

from egide.connectors.ng112.plain_xml import BadXml, read
from egide.geography.pidf import GML as GML
from egide.geography.pidf import SHAPE as SHAPE
from egide.geography.pidf import SPACES as SPACES
from egide.geography.pidf import Circle as Circle
from egide.geography.pidf import place_of as place_of
from egide.geography.pidf import shape_of as shape_of
from egide.geography.pidf import time_of as time_of


class BadLocation(ValueError):
    """It says no place on earth that is understood here."""


def circle_in(root: xml.Element) -> Circle:
    """The circle around the first shape below `root`, of those of RFC 5491, section 5.2, in two dimensions.

    Raises BadLocation where there is none.
    """
    for shape in root.iter():
        kind = _KINDS.get(str(shape.tag))
        if kind is not None:
            return _checked(kind(shape))
    raise BadLocation("no shape that is understood here")


def read_circle(body: bytes) -> Circle:
    """The same of a whole PIDF-LO. Raises BadLocation."""
    try:
        return circle_in(read(body))
    except BadXml as error:
        raise BadLocation(str(error)) from error


def _positions(within: xml.Element) -> list[tuple[float, float]]:
    """Of each `gml:pos` of it, by itself or in a point (OGC 06-142r1, `centerGroup`): latitude and longitude. Raises
    BadLocation."""
    found = []
    for one in within:
        pos = one if one.tag == _POS else one.find(_IN_POINT) if one.tag == _POINT else None
        if pos is not None:
            lat, lon = _numbers(pos.text, 2)[:2]
            found.append((lat, lon))
    return found


def _centre(shape: xml.Element) -> tuple[float, float]:
    """Raises BadLocation."""
    found = _positions(shape)
    if not found:
        raise BadLocation("no position")
    return found[0]


def _numbers(text: str | None, at_least: int) -> list[float]:
    """They are finite and so many or more. Raises BadLocation."""
    try:
        numbers = [float(word) for word in (text or "").split()]
    except ValueError as error:
        raise BadLocation("no number") from error
    if len(numbers) < at_least or not all(-1e9 < one < 1e9 for one in numbers):
        raise BadLocation("too few numbers, or no earthly ones")
    return numbers


def _point(shape: xml.Element) -> Circle:
    return Circle(*_centre(shape), 0)


def _around(shape: xml.Element, radius: str) -> Circle:
    return Circle(*_centre(shape), _numbers(shape.findtext(f"{{{SHAPE}}}{radius}"), 1)[0])


def _polygon(shape: xml.Element) -> Circle:
    """Around the box that holds it; in degrees, so its radius is as wide as at the equator."""
    ring = shape.find(f"{{{GML}}}exterior/{{{GML}}}LinearRing")
    if ring is None:
        raise BadLocation("a polygon without an outline")
    numbers, each = [number for pair in _positions(ring) for number in pair], 2
    if not numbers:
        listed = _numbers(ring.findtext(f"{{{GML}}}posList"), 8)
        numbers, each = listed, 3 if _has_heights(shape, ring) else 2
    lats, lons = numbers[::each], numbers[1::each]
    if len(lats) != len(lons) or len(lats) < 4:
        raise BadLocation("a polygon of too few corners")
    half = max(max(lats) - min(lats), max(lons) - min(lons)) / 2
    return Circle((max(lats) + min(lats)) / 2, (max(lons) + min(lons)) / 2, half * _METRES_PER_DEGREE)


def _has_heights(shape: xml.Element, ring: xml.Element) -> bool:
    """Whether a list of positions has a height after each latitude and longitude: by its number of dimensions, or by
    the name of what it is measured in (RFC 5491, section 5)."""
    saying = [one for one in (ring.find(f"{{{GML}}}posList"), ring, shape) if one is not None]
    dimensions = [one.get("srsDimension", "") for one in saying]
    return next(filter(None, dimensions), "") == "3" or any(
        _WITH_HEIGHT in one.get("srsName", "") for one in saying
    )


_POS: Final = f"{{{GML}}}pos"
_POINT, _IN_POINT = f"{{{GML}}}pointProperty", f"{{{GML}}}Point/{_POS}"
_METRES_PER_DEGREE: Final = 111_320.0
_WITH_HEIGHT: Final = "EPSG::4979"
_KINDS: Final[dict[str, Callable[[xml.Element], Circle]]] = {
    f"{{{GML}}}Point": _point,
    f"{{{GML}}}Polygon": _polygon,
    f"{{{SHAPE}}}Circle": lambda shape: _around(shape, "radius"),
    f"{{{SHAPE}}}Ellipse": lambda shape: _around(shape, "semiMajorAxis"),
    f"{{{SHAPE}}}ArcBand": lambda shape: _around(shape, "outerRadius"),
}


def _checked(circle: Circle) -> Circle:
    if not (-90 <= circle.lat <= 90 and -180 <= circle.lon <= 180 and circle.radius_m >= 0):
        raise BadLocation("outside of the earth")
    return circle
