"""A kit's life on one page: what the journal and the records say of it, in order of time."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.fleet.lifeline import Heard
from egide.fleet.models import Kit
from egide.outbox.service import journal

KINDS: dict[str, Promise] = {
    "KitIssued": _("Bound to the file; the button’s key was made"),
    "EnrolmentOffered": _("A one-time code was shown"),
    "DeviceEnrolled": _("A phone was enrolled"),
    "TestReceived": _("A test came through"),
    "PhoneChecked": _("The questions about the phone were asked"),
    "KitPressTested": _("A press under a condition was proven"),
    "KitOpenedProvisionally": _("Handed out provisionally"),
    "KitHandedOver": _("Handed out"),
    "GrantChanged": _("The end of the grant was set"),
    "KitReturned": _("Taken back"),
    "KitLost": _("Reported lost"),
}
_DEVICES = """
SELECT e.at_us, e.kind FROM device d JOIN event e ON e.stream = 'device:' || d.device WHERE d.kit = ?
AND e.kind = 'DeviceEnrolled' ORDER BY e.seq
"""


@dataclass(frozen=True)
class Moment:
    """Something that happened to the kit."""

    at_us: int
    text: str | Promise


def life_of(kit: Kit, heard: Heard) -> list[Moment]:
    """Everything that the journal has of the kit, the latest first. Several codes in a row are all shown."""
    found = [(row.at_us, row.kind) for row in journal().stream(f"kit:{kit.id}")]
    found += journal().connection.execute(_DEVICES, (kit.id,)).fetchall()
    found += [(test.at_us, "TestReceived") for test in heard.tests]
    known = [Moment(at_us, KINDS[kind]) for at_us, kind in found if kind in KINDS]
    return sorted(known, key=lambda moment: -moment.at_us)
