"""LoST (RFC 5222): which control room answers for a place. Questions and answers as XML, both read and written here,
without a network and without the zones.

Errors of LoST travel in an answer like any other (section 14); they have the words of section 13.
"""

import re
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as xml

import msgspec

from egide.connectors.ng112.pidf import SPACES, BadLocation, Circle, circle_in, shape_of, time_of
from egide.connectors.ng112.plain_xml import BadXml, read
from egide.connectors.ng112.sip import ADDRESS

LOST: Final = "urn:ietf:params:xml:ns:lost1"
TYPE: Final = "application/lost+xml"
# Of the two profiles of section 12 the one in degrees; an address is not looked up here.
PROFILE: Final = "geodetic-2d"
FIND, LIST, LIST_BY_PLACE, BOUNDARY = (
    "findService",
    "listServices",
    "listServicesByLocation",
    "getServiceBoundary",
)
_KINDS: Final = (FIND, LIST, LIST_BY_PLACE, BOUNDARY)
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
# What a server is called in answers: a name with a point in it (appUniqueString).
SOURCE = re.compile(r"(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9]+")
_NO_CACHE, _FOR_EVER = "NO-CACHE", "NO-EXPIRATION"
# Longer than this nothing is believed unasked, whatever an answer says.
MOST_US: Final = 24 * 3_600_000_000


class BadQuery(ValueError):
    """It cannot be answered; `word` is the name of the error that says so."""

    def __init__(self, word: str, profiles: str = "") -> None:
        super().__init__(word)
        self.word = word
        self.profiles = profiles


class NotMapped(ValueError):
    """The answer names nobody: `word` is its error, "redirect", or "malformed"."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Query(msgspec.Struct, frozen=True):
    """A question. `service` may be empty where services are listed; `place` is the location that is understood here and
    `place_id` what the asker calls it; `path` are the servers that it came through."""

    kind: str
    service: str = ""
    place: Circle | None = None
    place_id: str = ""
    path: tuple[str, ...] = ()


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a place: `uri` is called, `number` is dialled there; `names` of the area by language."""

    service: str
    uri: str
    source: str
    source_id: str
    updated_us: int
    expires_us: int
    number: str = ""
    names: dict[str, str] = {}


def query_in(body: bytes) -> Query:
    """Raises BadQuery. Of several locations the first that can be understood counts (section 12.1)."""
    try:
        root = read(body)
    except BadXml as error:
        raise BadQuery("badRequest") from error
    kind = str(root.tag).removeprefix(f"{{{LOST}}}")
    if kind not in _KINDS or not str(root.tag).startswith(f"{{{LOST}}}"):
        raise BadQuery("badRequest")
    path = tuple(via.get("source", "") for via in root.findall(f"{{{LOST}}}path/{{{LOST}}}via"))
    service = (root.findtext(f"{{{LOST}}}service") or "").strip()
    if kind not in (FIND, LIST_BY_PLACE):
        return Query(kind, service, path=path)
    place_id, place = _place_in(root)
    return Query(kind, service, place, place_id, path)


def _place_in(root: xml.Element) -> tuple[str, Circle]:
    locations = root.findall(f"{{{LOST}}}location")
    if not locations:
        raise BadQuery("badRequest")
    known = [one for one in locations if one.get("profile") == PROFILE]
    if not known:
        profiles = {one.get("profile", "") for one in locations}
        raise BadQuery("locationProfileUnrecognized", " ".join(sorted(filter(_is_word, profiles))) or "none")
    for one in known:
        try:
            return one.get("id", ""), circle_in(one)
        except BadLocation:
            continue
    raise BadQuery("locationInvalid")


def _is_word(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._:-]{1,40}", text) is not None


def question(circle: Circle, service: str) -> bytes:
    """A findService for this place."""
    root = xml.Element(FIND, {"xmlns": LOST, **_used("gml", "gs"), "recursive": "true"})
    location = xml.SubElement(root, "location", id="phone", profile=PROFILE)
    location.append(shape_of(circle))
    xml.SubElement(root, "service").text = service
    return _bytes(root)


def answered(query: Query, mapping: Mapping, source: str, warning: str = "") -> bytes:
    """A findServiceResponse; `warning` is the word of section 13.2 that goes with it."""
    root = xml.Element("findServiceResponse", xmlns=LOST)
    found = xml.SubElement(
        root,
        "mapping",
        {
            "expires": time_of(mapping.expires_us),
            "lastUpdated": time_of(mapping.updated_us),
            "source": mapping.source,
            "sourceId": mapping.source_id,
        },
    )
    for language, name in mapping.names.items():
        # A file of zones is somebody else's: a sign that XML cannot hold would make the whole answer unreadable.
        shown = "".join(sign if sign.isprintable() else " " for sign in name)
        xml.SubElement(found, "displayName", {"xml:lang": language}).text = shown
    xml.SubElement(found, "service").text = mapping.service
    xml.SubElement(found, "uri").text = mapping.uri
    if mapping.number:
        xml.SubElement(found, "serviceNumber").text = mapping.number
    if warning:
        xml.SubElement(xml.SubElement(root, "warnings", source=source), warning)
    _end(root, query, source)
    return _bytes(root)


def listed(query: Query, services: tuple[str, ...], source: str) -> bytes:
    """The answer to either question for services."""
    root = xml.Element(f"{query.kind}Response", xmlns=LOST)
    xml.SubElement(root, "serviceList").text = " ".join(services)
    _end(root, query, source)
    return _bytes(root)


def refused(word: str, source: str, profiles: str = "") -> bytes:
    """An answer that is an error."""
    root = xml.Element("errors", xmlns=LOST, source=source)
    xml.SubElement(root, word, {"unsupportedProfiles": profiles} if profiles else {})
    return _bytes(root)


def _end(root: xml.Element, query: Query, source: str) -> None:
    """Through whom it came, in their order and us last (section 6), and which location was used."""
    path = xml.SubElement(root, "path")
    for one in (*query.path, source):
        if SOURCE.fullmatch(one):
            xml.SubElement(path, "via", source=one)
    if query.place_id:
        xml.SubElement(root, "locationUsed", id=query.place_id)


def mapping_in(body: bytes, now_us: int) -> Mapping:
    """The first that leads somewhere by SIP. Raises NotMapped; a redirect is not followed."""
    try:
        root = read(body)
    except BadXml as error:
        raise NotMapped("malformed") from error
    if root.tag == f"{{{LOST}}}errors" and len(root):
        raise NotMapped(str(root[0].tag).removeprefix(f"{{{LOST}}}")[:40])
    if root.tag == f"{{{LOST}}}redirect":
        raise NotMapped("redirect")
    for found in root.findall(f"{{{LOST}}}mapping"):
        for uri in found.findall(f"{{{LOST}}}uri"):
            text = (uri.text or "").strip()
            if ADDRESS.fullmatch(text):
                return _mapping(found, text, now_us)
    raise NotMapped("malformed")


def _mapping(found: xml.Element, uri: str, now_us: int) -> Mapping:
    names = {
        one.get(_LANGUAGE, ""): (one.text or "").strip() for one in found.findall(f"{{{LOST}}}displayName")
    }
    return Mapping(
        service=(found.findtext(f"{{{LOST}}}service") or "").strip(),
        uri=uri,
        source=found.get("source", ""),
        source_id=found.get("sourceId", ""),
        updated_us=0,
        expires_us=_until(found.get("expires", ""), now_us),
        number=(found.findtext(f"{{{LOST}}}serviceNumber") or "").strip(),
        names=names,
    )


def _until(text: str, now_us: int) -> int:
    """Until when the answer may be used unasked (section 5.2); what is not understood is not kept."""
    if text == _FOR_EVER:
        return now_us + MOST_US
    if text == _NO_CACHE:
        return now_us
    try:
        at = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        at_us = int(at.timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        return now_us
    return min(at_us, now_us + MOST_US) if at.tzinfo else now_us


def _used(*prefixes: str) -> dict[str, str]:
    return {f"xmlns:{prefix}": SPACES[f"xmlns:{prefix}"] for prefix in prefixes}


def _bytes(root: xml.Element) -> bytes:
    return xml.tostring(root, encoding="unicode", xml_declaration=True).encode()
