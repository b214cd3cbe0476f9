"""Where a phone was, as a PIDF-LO (RFC 4119) for a control room: one circle of one device, as RFC 5491 wants it.

It names nobody: the entity is the number that the alarm has for this receiver alone. Whoever gets it may not pass it
on, and is told how long it may be kept; what an emergency call needs of routing is said beside it (RFC 6442).
"""

from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as xml

import msgspec

from egide.common.clock import utc
from egide.connectors.ng112.plain_xml import BadXml, read

PIDF: Final = "urn:ietf:params:xml:ns:pidf"
DEVICE: Final = "urn:ietf:params:xml:ns:pidf:data-model"
GEOPRIV: Final = "urn:ietf:params:xml:ns:pidf:geopriv10"
POLICY: Final = "urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"
GML: Final = "http://www.opengis.net/gml"
SHAPE: Final = "http://www.opengis.net/pidflo/1.0"
CONFIDENCE: Final = "urn:ietf:params:xml:ns:geopriv:conf"
# WGS 84 in two dimensions, latitude first; and the metre (RFC 5491, sections 5 and 5.2).
WGS84: Final = "urn:ogc:def:crs:EPSG::4326"
METRE: Final = "urn:ogc:def:uom:EPSG::9001"
# How sure it is that the circle holds the phone; what RFC 5491 (section 5) takes for granted.
SURE_PERCENT: Final = 95
# As long as the alarm can be found by its number.
KEPT_US: Final = 12 * 3_600_000_000
# What is written is written with these prefixes, said once at the root.
SPACES: Final = {
    "xmlns:dm": DEVICE,
    "xmlns:gp": GEOPRIV,
    "xmlns:gbp": POLICY,
    "xmlns:gml": GML,
    "xmlns:gs": SHAPE,
    "xmlns:con": CONFIDENCE,
}


class Circle(msgspec.Struct, frozen=True):
    """WGS84 in degrees, a radius in metres that holds the phone, and when it was there (µs since 1970; 0: not said)."""

    lat: float
    lon: float
    radius_m: float
    taken_at_us: int = 0


class BadLocation(ValueError):
    """It says no place on earth that is understood here."""


def place_of(circle: Circle, alarm: str, domain: str) -> str:
    """The PIDF-LO. `alarm` is its number for this receiver, `domain` the name that our own addresses are below."""
    presence = xml.Element("presence", {"xmlns": PIDF, **SPACES, "entity": f"pres:{alarm}@{domain}"})
    device = xml.SubElement(presence, "dm:device", id="phone")
    geopriv = xml.SubElement(device, "gp:geopriv")
    where = xml.SubElement(geopriv, "gp:location-info")
    where.append(shape_of(circle))
    xml.SubElement(where, "con:confidence").text = str(SURE_PERCENT)
    rules = xml.SubElement(geopriv, "gp:usage-rules")
    xml.SubElement(rules, "gbp:retransmission-allowed").text = "false"
    xml.SubElement(rules, "gbp:retention-expiry").text = time_of(circle.taken_at_us + KEPT_US)
    xml.SubElement(device, "dm:deviceID").text = f"urn:uuid:{_uuid(alarm)}"
    xml.SubElement(device, "dm:timestamp").text = time_of(circle.taken_at_us)
    return xml.tostring(presence, encoding="unicode", xml_declaration=True)


def shape_of(circle: Circle) -> xml.Element:
    """A gs:Circle (RFC 5491, section 5.2.3); what it stands in says the prefixes (`SPACES`)."""
    shape = xml.Element("gs:Circle", srsName=WGS84)
    xml.SubElement(shape, "gml:pos").text = f"{circle.lat:.7f} {circle.lon:.7f}"
    xml.SubElement(shape, "gs:radius", uom=METRE).text = f"{circle.radius_m:.10g}"
    return shape


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


def time_of(at_us: int) -> str:
    """As RFC 3339 and XML Schema write it."""
    return utc(at_us).replace(microsecond=0).isoformat()


def _uuid(alarm: str) -> str:
    return f"{alarm[:8]}-{alarm[8:12]}-{alarm[12:16]}-{alarm[16:20]}-{alarm[20:32]}"


def _numbers(shape: xml.Element, path: str, at_least: int) -> list[float]:
    """Those of one element; they are finite and so many or more. Raises BadLocation."""
    try:
        numbers = [float(word) for word in (shape.findtext(path) or "").split()]
    except ValueError as error:
        raise BadLocation("no number") from error
    if len(numbers) < at_least or not all(-1e9 < one < 1e9 for one in numbers):
        raise BadLocation("too few numbers, or no earthly ones")
    return numbers


def _point(shape: xml.Element) -> Circle:
    lat, lon = _numbers(shape, f"{{{GML}}}pos", 2)[:2]
    return Circle(lat, lon, 0)


def _around(shape: xml.Element, radius: str) -> Circle:
    lat, lon = _numbers(shape, f"{{{GML}}}pos", 2)[:2]
    return Circle(lat, lon, _numbers(shape, f"{{{SHAPE}}}{radius}", 1)[0])


def _polygon(shape: xml.Element) -> Circle:
    """Around the box that holds it; in degrees, so its radius is as wide as at the equator."""
    ring = shape.find(f"{{{GML}}}exterior/{{{GML}}}LinearRing")
    if ring is None:
        raise BadLocation("a polygon without an outline")
    numbers = [one for pos in ring.findall(f"{{{GML}}}pos") for one in _pair(pos)]
    numbers = numbers or _numbers(ring, f"{{{GML}}}posList", 8)
    lats, lons = numbers[::2], numbers[1::2]
    if len(lats) != len(lons) or len(lats) < 4:
        raise BadLocation("a polygon of too few corners")
    half = max(max(lats) - min(lats), max(lons) - min(lons)) / 2
    return Circle((max(lats) + min(lats)) / 2, (max(lons) + min(lons)) / 2, half * _METRES_PER_DEGREE)


def _pair(pos: xml.Element) -> list[float]:
    holder = xml.Element("pair")
    holder.append(pos)
    return _numbers(holder, f"{{{GML}}}pos", 2)[:2]


_METRES_PER_DEGREE: Final = 111_320.0
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
