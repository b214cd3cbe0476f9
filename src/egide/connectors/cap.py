"""A message about an alarm in the Common Alerting Protocol, version 1.2 (OASIS, CAP-v1.2, 1 July 2010): one writer for
all roads that carry it.

Never for a public feed: its scope is Private, and it holds no name, no address and no telephone number. Times have an
offset and no fraction, since the schema takes no "Z" (section 3.3.2).
"""

from typing import Protocol
from xml.etree import ElementTree as xml

import msgspec

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# Who sends, as CAP wants it: no white space, comma, < or & (section 3.2.1).
SENDER = "egide"
_KINDS = {"alarm.moved": "Update", "alarm.closed": "Cancel"}


class Around(Protocol):
    """A circle: WGS84 in degrees, a radius in metres."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def radius_m(self) -> int: ...


class Said(Protocol):
    """What CAP takes of a message; times as RFC 3339 writes them, unset what the receiver may not know."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def alarm(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def raised_at(self) -> str: ...
    @property
    def test(self) -> bool: ...
    @property
    def circle(self) -> Around | msgspec.UnsetType | None: ...
    @property
    def weapon(self) -> bool | msgspec.UnsetType | None: ...
    @property
    def link(self) -> str | msgspec.UnsetType: ...


def written(message: Said, first: str, sender: str = SENDER, within_sip: bool = False) -> str:
    """`first` is the id of the message that raised the alarm: what follows it names it.

    Within SIP there is neither an address nor an area: who gets it and where the phone was stand beside it (RFC 8876,
    sections 4.1 and 5.2).
    """
    alert = xml.Element("alert", xmlns=NAMESPACE)

    def put(parent: xml.Element, name: str, text: str) -> None:
        xml.SubElement(parent, name).text = text

    kind = _KINDS.get(message.type, "Alert")
    put(alert, "identifier", message.id)
    put(alert, "sender", sender)
    put(alert, "sent", message.at)
    put(alert, "status", "Test" if message.test else "Actual")
    put(alert, "msgType", kind)
    put(alert, "scope", "Private")
    if not within_sip:
        put(alert, "addresses", message.alarm)
    if kind != "Alert":
        put(alert, "references", f"{sender},{first},{message.raised_at}")
    put(alert, "incidents", message.alarm)
    info = xml.SubElement(alert, "info")
    armed = message.weapon is True
    for name, text in (
        ("category", "Security"),
        ("event", "Protection alarm"),
        ("responseType", "Execute" if kind != "Cancel" else "AllClear"),
        ("urgency", "Immediate" if kind != "Cancel" else "Past"),
        ("severity", "Extreme" if armed else "Severe"),
        ("certainty", "Observed"),
    ):
        put(info, name, text)
    if message.link is not msgspec.UNSET:
        put(info, "web", str(message.link))
    if message.weapon is not msgspec.UNSET:
        parameter = xml.SubElement(info, "parameter")
        put(parameter, "valueName", "weapon")
        put(parameter, "value", {True: "yes", False: "no", None: "unknown"}[message.weapon])
    if message.circle and not within_sip:
        area = xml.SubElement(info, "area")
        put(area, "areaDesc", "Where the phone was")
        at = message.circle
        # The radius of CAP is in kilometres (section 3.2.4).
        put(area, "circle", f"{at.lat:.7f},{at.lon:.7f} {at.radius_m / 1000:.3f}")
    return xml.tostring(alert, encoding="unicode", xml_declaration=True)
