"""An alarm as an event of Cursor on Target, version 2.0: a point on a map, how far off it may be, until when it counts.

TAK devices keep what they are sent. So it goes to the call signs of the settings, or of the team that is sent, and to
nobody else (`marti`), is stale within minutes, and holds no name and no address. Types are those that TAK shows as an
emergency (`b-a-o-tbl`) and as its end (`b-a-o-can`); a test has a type of its own, which is no emergency.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from xml.etree import ElementTree as xml

from egide.alarm.events.elsewhere import number_for
from egide.common.clock import utc
from egide.common.text import _, read_in
from egide.connectors.dispatch.facts import CLOSED, RELEASED, TEST, Facts
from egide.connectors.dispatch.receivers import LINK, WEAPON, Receiver

ALARM, OVER, TRIAL, PING, PONG = "b-a-o-tbl", "b-a-o-can", "t-x-egide-test", "t-x-c-t", "t-x-c-t-r"
_TYPES = {CLOSED: OVER, RELEASED: OVER, TEST: TRIAL}
# Positions come every five seconds: one that is not followed fades on the map, and is not shown where a device was off.
STALE: Final = timedelta(minutes=2)
# What Cursor on Target says for a height or an error that nobody knows.
UNKNOWN = "9999999.0"
# How TAK knows the event of an emergency from the device that it is about.
_EMERGENCY = "-9-1-1"


def written(facts: Facts, receiver: Receiver, call_signs: Sequence[str], language: str, now_us: int) -> bytes:
    """With the fields of this receiver alone. An alarm has a position (`road.send`); its end and a test have none,
    which is a point of unknown error. Raises ValueError without a call sign: that would go to everybody."""
    if not call_signs:
        raise ValueError("no call sign")
    alarm, now = number_for(receiver.name, facts.alarm), utc(now_us)
    name = f"Egide {alarm[:6].upper()}"
    kind = _TYPES.get(facts.type, ALARM)
    times = {"time": _time(now_us), "start": _time(now_us), "stale": f"{now + STALE:%Y-%m-%dT%H:%M:%S.%fZ}"}
    event = xml.Element("event", version="2.0", uid=alarm + _EMERGENCY, type=kind, how="m-g")
    event.attrib |= times
    lat, lon, radius_m, _taken_at_us = facts.circle or (0.0, 0.0, 0, 0)
    error = str(float(radius_m)) if facts.circle else UNKNOWN
    xml.SubElement(event, "point", lat=f"{lat:.7f}", lon=f"{lon:.7f}", hae=UNKNOWN, ce=error, le=UNKNOWN)
    detail = xml.SubElement(event, "detail")
    xml.SubElement(detail, "link", uid=alarm, type="a-u-G", relation="p-p")
    xml.SubElement(detail, "contact", callsign=name)
    if kind == ALARM:
        xml.SubElement(detail, "emergency", type="911 Alert").text = name
    elif kind == OVER:
        xml.SubElement(detail, "emergency", cancel="true").text = name
    with read_in(language):
        xml.SubElement(detail, "remarks").text = "\n".join(_remarks(facts, receiver))
    marti = xml.SubElement(detail, "marti")
    for call_sign in call_signs:
        xml.SubElement(marti, "dest", callsign=call_sign)
    return xml.tostring(event)


def ping(now_us: int) -> bytes:
    """A question to which the server answers once it has read all that stood before it."""
    event = xml.Element("event", version="2.0", uid="egide-ping", type=PING, how="m-g")
    event.attrib |= {"time": _time(now_us), "start": _time(now_us), "stale": _time(now_us + 20_000_000)}
    xml.SubElement(event, "point", lat="0.0", lon="0.0", hae=UNKNOWN, ce=UNKNOWN, le=UNKNOWN)
    return xml.tostring(event)


def _remarks(facts: Facts, receiver: Receiver) -> list[str]:
    """Lines that a team reads on its map."""
    if facts.type == TEST:
        return [_("Test. No alarm.")]
    if facts.type == CLOSED:
        return [_("The alarm is closed.")]
    if facts.type == RELEASED:
        return [_("Your team is no longer sent here.")]
    weapons = {True: _("The file names a weapon."), False: "", None: _("Weapons are not known.")}
    lines = [_("Silent alarm: do not call the person.")]
    if facts.circle:
        _lat, _lon, radius_m, taken_at_us = facts.circle
        when = f"{utc(taken_at_us):%H:%M:%S}"
        lines.append(_("Position of {time} UTC, within {metres} m.").format(time=when, metres=radius_m))
    if WEAPON in receiver.fields and weapons[facts.weapon]:
        lines.append(weapons[facts.weapon])
    return lines + ([facts.link] if LINK in receiver.fields and facts.link else [])


def _time(at_us: int) -> str:
    return f"{utc(at_us):%Y-%m-%dT%H:%M:%S.%fZ}"
