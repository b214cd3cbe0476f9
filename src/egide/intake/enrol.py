"""Enrolment: a one-time code becomes a device, once."""

import msgspec

from egide.common.config import Config
from egide.common.encoding import from_base64url, to_base64url
from egide.events.register import DeviceEnrolled, KitIssued
from egide.journal.queries import intake as queries_intake
from egide.journal.queries import kits as queries_kits
from egide.journal.service import Entry, Journal
from egide.protocol.enrolment import EnrolmentReply, EnrolmentRequest, Settings, TextRoad, code_hash
from egide.protocol.keys import SIGNATURE_BYTES, kid_of
from egide.protocol.settings import settings_of


class Enrolled(msgspec.Struct, frozen=True):
    """A device and the kit that it belongs to."""

    device: str
    issued: KitIssued
    settings: Settings


def do_enrol(journal: Journal, request: EnrolmentRequest, public_key: bytes, now_s: int) -> Enrolled | None:
    """Use up the code; None when it is unknown, out of date or used by another key (nobody learns which).

    The same key with the same code gets the same answer again: a lost reply must not lose the kit.
    """
    device = kid_of(public_key).hex()
    hashed = code_hash(request.code)
    with journal.transaction() as transaction:
        code = queries_intake.code(transaction, hashed)
        if code is None:
            return None
        if code.used_by is None and code.expires_at_s > now_s:
            event = _enrolled(request, device, code.kit, public_key, hashed)
            transaction.append(Entry(stream=f"device:{device}", event=event, case=code.case))
        elif code.used_by != device:
            return None
    issued = journal.open_event(journal.read(after=code.issued_seq - 1, limit=1)[0])
    assert isinstance(issued, KitIssued)
    return Enrolled(device, issued, _settings(journal, issued))


def _settings(journal: Journal, issued: KitIssued) -> Settings:
    """Those that were set last, else those of the issue."""
    found = queries_kits.kit_settings(journal, issued.kit)
    return (settings_of(found[0]) if found else None) or issued.settings


def _enrolled(
    request: EnrolmentRequest, device: str, kit: str, public_key: bytes, hashed: str
) -> DeviceEnrolled:
    """With what the phone says of itself, and its signature over it."""
    said = request.client
    return DeviceEnrolled(
        device=device,
        kit=kit,
        public_key=public_key,
        code_hash=hashed,
        client=said.kind if said else "",
        client_version=said.version if said else "",
        signature=from_base64url(request.signature, SIGNATURE_BYTES),
    )


def reply_for(enrolled: Enrolled, server_key: bytes, config: Config) -> EnrolmentReply:
    """What the phone needs from now on."""
    issued = enrolled.issued
    return EnrolmentReply(
        kid=enrolled.device,
        kit=issued.kit,
        button_id=issued.button_id,
        button_key=to_base64url(issued.button_key),
        server_key=to_base64url(server_key),
        servers=config.intake_urls,
        settings=enrolled.settings,
        texts=TextRoad(config.sms_number, config.sms_port) if config.sms_number else None,
    )
