"""The same message in the Common Alerting Protocol, version 1.2 (OASIS, CAP-v1.2, 1 July 2010).

Never for a public feed: its scope is Private, and it holds no name, no address and no telephone number. Times have an
offset and no fraction, since the schema takes no "Z" (section 3.3.2).
"""

from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

import msgspec

if TYPE_CHECKING:
    from egide.connectors.cad.report import Message

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# Who sends, as CAP wants it: no white space, comma, < or & (section 3.2.1).
SENDER = "egide"
_KINDS = {"alarm.moved": "Update", "alarm.closed": "Cancel"}


def written(message: "Message", first: str) -> str:
    """`first` is the id of the message that raised the alarm: what follows it names it."""
    alert = xml.Element("alert", xmlns=NAMESPACE)

    def put(parent: xml.Element, name: str, text: str) -> None:
        xml.SubElement(parent, name).text = text

    kind = _KINDS.get(message.type, "Alert")
    put(alert, "identifier", message.id)
    put(alert, "sender", SENDER)
    put(alert, "sent", message.at)
    put(alert, "status", "Test" if message.test else "Actual")
    put(alert, "msgType", kind)
    put(alert, "scope", "Private")
    put(alert, "addresses", message.alarm)
    if kind != "Alert":
        put(alert, "references", f"{SENDER},{first},{message.raised_at}")
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
    if message.circle:
        area = xml.SubElement(info, "area")
        put(area, "areaDesc", "Where the phone was")
        at = message.circle
        # The radius of CAP is in kilometres (section 3.2.4).
        put(area, "circle", f"{at.lat:.7f},{at.lon:.7f} {at.radius_m / 1000:.3f}")
    return xml.tostring(alert, encoding="unicode", xml_declaration=True)
