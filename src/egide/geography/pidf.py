"""Where a phone was, as a PIDF-LO (RFC 4119) for another system: one circle of one device, as RFC 5491 wants it.

It names nobody: the entity is the number that the alarm has for this receiver alone. Whoever gets it may not pass it
on, and is told how long it may be kept; what an emergency call needs of routing is said beside it (RFC 6442).
"""

from typing import Final
from xml.etree import ElementTree as xml

import msgspec

from egide.common.clock import utc

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
# Of a phone that says 0: no circle has a radius of nothing. A point (section 5.2.1) would be the other way to say it,
# and whoever reads circles alone would then have no place.
LEAST_M: Final = 1
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
    xml.SubElement(shape, "gs:radius", uom=METRE).text = f"{max(circle.radius_m, LEAST_M):.10g}"
    return shape


def time_of(at_us: int) -> str:
    """As RFC 3339 and XML Schema write it."""
    return utc(at_us).replace(microsecond=0).isoformat()


def _uuid(alarm: str) -> str:
    return f"{alarm[:8]}-{alarm[8:12]}-{alarm[12:16]}-{alarm[16:20]}-{alarm[20:32]}"
