"""An alarm as UCRI2 hands over a police incident (incident_transfer_police 1.0), within the envelope of its exchanges.

Names stand in it only where the list of this control room has them. Of weapons it says that the file names one, never
whose or which.
"""

from typing import Any
from uuid import UUID

import msgspec

from egide.alarm.events.elsewhere import number_for
from egide.common.clock import utc
from egide.common.text import _, read_in
from egide.connectors.dispatch.facts import Facts, People
from egide.connectors.dispatch.receivers import CATEGORY, LINK, NAMES, WEAPON, Receiver
from egide.connectors.ucri2.exchange import APP, INCIDENT, VERSION, Account

# For how long an exchange tries to deliver it: a copy that comes later helps nobody, and its loss is told.
TIMEOUT_S = 120


def written(facts: Facts, receiver: Receiver, account: Account) -> bytes:
    """The envelope. Its number is made from what it says: whoever gets it twice knows it for the same."""
    with read_in(account.language):
        incident = _incident(facts, receiver)
    return msgspec.json.encode(
        {
            "messageId": uuid_of(facts.number(receiver.name)),
            "timeout": TIMEOUT_S,
            # We are told whether it arrived, and whether it did not.
            "ack": "ALL",
            "source": account.own,
            "destinations": [account.to],
            "payload": {
                "appId": APP,
                "appVersion": VERSION,
                "schemaId": INCIDENT,
                "contentType": "application/json",
                "data": msgspec.json.encode(incident).decode(),
            },
        }
    )


def uuid_of(number: str) -> str:
    """A number of ours (32 hex digits) as it is written there."""
    return str(UUID(hex=number))


def _incident(facts: Facts, receiver: Receiver) -> dict[str, Any]:
    assert facts.circle is not None
    lat, lon, radius_m, taken_at_us = facts.circle
    when = f"{utc(taken_at_us):%H:%M:%S}"
    said: dict[str, Any] = {
        "sharedIncidentId": uuid_of(number_for(receiver.name, facts.alarm)),
        "sentByDispatcherAt": _time(facts.moment_us),
        "missionLocation": {
            "coordinate": {"lat": lat, "lon": lon},
            "additionalInformation": _("Position of {time} UTC, within {metres} m.").format(
                time=when, metres=radius_m
            ),
        },
        # What their screen must show: it says so by a word that means the contrary elsewhere.
        "protocolRemarks": [
            {
                "timestamp": _time(facts.moment_us),
                "message": _("Silent alarm: do not call the person."),
                "silent": True,
            }
        ],
    }
    if facts.opened_at_us:
        said["startTimestamp"] = _time(facts.opened_at_us)
    if CATEGORY in receiver.fields:
        said["issue"] = _("Silent alarm of a person who is threatened")
    if more := _more(facts, receiver):
        said["additionalInformation"] = more
    return said | (_names(facts.people) if NAMES in receiver.fields and facts.people else {})


def _more(facts: Facts, receiver: Receiver) -> str:
    weapons = {True: _("The file names a weapon."), False: "", None: _("Weapons are not known.")}
    lines = [_("This is a copy: the control room that sends it goes on leading.")]
    if WEAPON in receiver.fields:
        lines.append(weapons[facts.weapon])
    if LINK in receiver.fields:
        lines.append(facts.link)
    return "\n".join(filter(None, lines))


def _names(people: People) -> dict[str, list[dict[str, str]]]:
    """Whole names stand where a family name is wanted: files here do not take them apart."""
    said = {"victimPersons": [{"name": people.protected}]}
    if people.threatening:
        said["accusedPersons"] = [{"name": name} for name in people.threatening]
    return said


def _time(at_us: int) -> str:
    return f"{utc(at_us):%Y-%m-%dT%H:%M:%SZ}"
