"""An alarm as an incident that other systems can read: EIDO in JSON (NENA-STA-021.1), version 1.0. Pure.

Each part has a number, a time and who says so; parts point to each other by number. Values that the standard takes from
registries are the few that its own examples show; all else is in words, in notes.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from egide.common.clock import utc
from egide.geography.pidf import Circle, place_of


@dataclass(frozen=True)
class Incident:
    """What is told of one alarm. `number` is its own, `file` that of the file; `agency` led it, `domain` is ours. Times
    in µs since 1970; `notes` are lines with their times, `outcome` is "" while it is open."""

    number: str
    file: str
    agency: str
    domain: str
    person: str
    at_us: int
    outcome: str
    circle: Circle | None
    weapon: str
    notes: Sequence[tuple[int, str]]


def object_of(incident: Incident) -> dict[str, Any]:
    """The whole object, as JSON has it."""
    own = f"urn:emergency:uid:incidentid:{incident.number}:{incident.domain}"
    said = [
        _part(incident, f"note-{place}", at_us) | {"notesActionComments": html.escape(text)}
        for place, (at_us, text) in enumerate(incident.notes, start=1)
    ]
    name = _part(incident, "name") | {"notesActionComments": html.escape(incident.person)}
    person = _part(incident, "person") | {
        "personIncidentRoleRegistryText": ["Victim"],
        "notesReference": [{"$ref": "name"}],
    }
    whole = _part(incident, own) | {
        "eidoVersion": "1.0",
        "issuingElementIdentification": incident.domain,
        "agencyComponent": [
            _part(incident, incident.agency)
            | {
                "agencyRoleDescriptionRegistryText": ["CallReceiving"],
                "agencyType": ["psap"],
                "incidentOwningAgencyIndicator": True,
            }
        ],
        "incidentComponent": _incident(incident, [note["$id"] for note in said]),
        "personComponent": [person],
        "notesComponent": [name, *said],
        "alarmsSensorsComponent": [_part(incident, "alarm")],
    }
    if incident.circle is not None:
        place = _part(incident, "place", incident.circle.taken_at_us) | {
            "locationTypeDescriptionRegistryText": "Caller",
            "locationByValue": place_of(incident.circle, incident.number, incident.domain),
        }
        person["locationReference"] = [{"$ref": "place"}]
        whole["locationComponent"] = [place]
    if incident.weapon:
        caution = _part(incident, "caution") | {
            "cautionTypeInternalText": incident.weapon,
            "cautionTypeCommonRegistryText": "Weapon",
            "cautionSeverity": "highest",
            "cautionSource": incident.agency,
        }
        whole["cautionComponent"] = [caution]
        name["cautionReference"] = [{"$ref": "caution"}]
    return whole


def _incident(incident: Incident, notes: Sequence[str]) -> dict[str, Any]:
    said = _part(incident, "incident") | {
        "incidentTypeCommonRegistryText": "Domestic Violence",
        "incidentStatusCommonRegistryText": ["Closed" if incident.outcome else "Active"],
        "incidentCommonPriorityNumber": 1,
        "internalIncidentId": incident.file,
        "personReference": [{"$ref": "person"}],
    }
    if notes:
        said["notesReference"] = [{"$ref": note} for note in notes]
    if incident.circle is not None:
        said["locationReference"] = [{"$ref": "place"}]
    if incident.outcome:
        said["dispositionComponent"] = [
            _part(incident, "disposition")
            | {
                "dispositionCommonRegistryCode": "Other",
                "dispositionDescriptionText": incident.outcome,
                "dispositionPrimaryIndicator": True,
            }
        ]
    return said


def _part(incident: Incident, number: str, at_us: int = 0) -> dict[str, Any]:
    """What every part begins with."""
    return {
        "$id": number,
        "lastUpdateTimeStamp": utc(at_us or incident.at_us).isoformat(timespec="milliseconds"),
        "updatedByAgencyReference": {"$ref": incident.agency},
    }
