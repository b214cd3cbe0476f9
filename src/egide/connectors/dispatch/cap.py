"""The same message in the Common Alerting Protocol, version 1.2 (OASIS, CAP-v1.2, 1 July 2010).

Never for a public feed: its scope is Private, and it holds no name, no address and no telephone number. Times have an
offset and no fraction, since the schema takes no "Z" (section 3.3.2).
"""

from typing import Protocol
from xml.etree import ElementTree as xml

from egide.alarm.events.elsewhere import number_for
from egide.connectors.dispatch.facts import CLOSED, MOVED, TEST, Facts, time_of
from egide.connectors.dispatch.receivers import CIRCLE, LINK, WEAPON

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
# Who sends, as CAP wants it: no white space, comma, < or & (section 3.2.1).
SENDER = "egide"
_KINDS = {MOVED: "Update", CLOSED: "Cancel"}


class To(Protocol):
    """Who gets it, and what it may know."""

    @property
    def name(self) -> str: ...
    @property
    def fields(self) -> tuple[str, ...]: ...


def written(facts: Facts, receiver: To, sender: str = SENDER, within_sip: bool = False) -> str:
    """With the fields of this receiver alone.

    Within SIP there is neither an address nor an area: who gets it and where the phone was stand beside it (RFC 8876,
    section 4.2).
    """
    alert = xml.Element("alert", xmlns=NAMESPACE)

    def put(parent: xml.Element, name: str, text: str) -> None:
        xml.SubElement(parent, name).text = text

    kind, alarm = _KINDS.get(facts.type, "Alert"), number_for(receiver.name, facts.alarm)
    put(alert, "identifier", facts.number(receiver.name))
    put(alert, "sender", sender)
    put(alert, "sent", time_of(facts.moment_us))
    put(alert, "status", "Test" if facts.type == TEST else "Actual")
    put(alert, "msgType", kind)
    put(alert, "scope", "Private")
    if not within_sip:
        put(alert, "addresses", alarm)
    if kind != "Alert":
        put(alert, "references", f"{sender},{facts.first(receiver.name)},{time_of(facts.raised_at_us)}")
    put(alert, "incidents", alarm)
    info = xml.SubElement(alert, "info")
    armed = facts.weapon is True and WEAPON in receiver.fields
    for name, text in (
        ("category", "Security"),
        ("event", "Protection alarm"),
        ("responseType", "Execute" if kind != "Cancel" else "AllClear"),
        ("urgency", "Immediate" if kind != "Cancel" else "Past"),
        ("severity", "Extreme" if armed else "Severe"),
        ("certainty", "Observed"),
    ):
        put(info, name, text)
    if LINK in receiver.fields and facts.link:
        put(info, "web", facts.link)
    if WEAPON in receiver.fields:
        parameter = xml.SubElement(info, "parameter")
        put(parameter, "valueName", "weapon")
        put(parameter, "value", {True: "yes", False: "no", None: "unknown"}[facts.weapon])
    if CIRCLE in receiver.fields and facts.circle and not within_sip:
        lat, lon, radius_m, _taken_at_us = facts.circle
        area = xml.SubElement(info, "area")
        put(area, "areaDesc", "Where the phone was")
        # The radius of CAP is in kilometres (section 3.2.4).
        put(area, "circle", f"{lat:.7f},{lon:.7f} {radius_m / 1000:.3f}")
    return xml.tostring(alert, encoding="unicode", xml_declaration=True)
