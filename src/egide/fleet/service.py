"""The face of this package: hand out a kit, take it back, offer a new enrolment code."""

import secrets

from django.db import transaction

from egide.casework.models import Case
from egide.casework.service import home_of
from egide.events.register import EnrolmentOffered, KitIssued, KitReturned
from egide.fleet.models import Kit, KitState
from egide.outbox.service import clock, keys, offer
from egide.protocol.enrolment import code_hash

CODE_LIFETIME_S = 15 * 60
BUTTON_KEY_BYTES = 16
BUTTON_ID_BYTES = 4
# Crockford's alphabet without letters that are mistaken for digits: 12 signs carry 60 bits.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_SIGNS = 12


class CannotIssue(Exception):
    """The file is not in a state to hand out a kit; the message says what is missing."""


@transaction.atomic
def issue_kit(case: Case) -> tuple[Kit, str]:
    """Hand out a new kit for `case`; returns it with the one-time enrolment code (15 minutes).

    Raises CannotIssue when the file holds no home: without one, an alarm without a position would have no zone.
    """
    home = home_of(case.id)
    if home is None:
        raise CannotIssue(f"file {case.id} holds no home address: add one before a kit leaves")
    kit = Kit(case_id=case.id, button_id=secrets.token_hex(BUTTON_ID_BYTES), issued_at_us=clock().now_us())
    button_key = secrets.token_bytes(BUTTON_KEY_BYTES)
    kit.button_key_sealed = keys().record_key(case.id).seal(button_key, _label(kit))
    kit.save(force_insert=True)
    issued = KitIssued(
        kit=kit.id,
        case=case.id,
        managing_zone=case.managing_zone,
        home_zone=case.managing_zone,
        home_centre=case.managing_centre,
        button_id=kit.button_id,
        button_key=button_key,
    )
    offer(issued, f"kit:{kit.id}", case.id)
    return kit, offer_enrolment(kit)


@transaction.atomic
def offer_enrolment(kit: Kit) -> str:
    """A new one-time code for `kit`; only its hash is kept."""
    code = "-".join(
        "".join(secrets.choice(_CODE_ALPHABET) for _ in range(4)) for _ in range(_CODE_SIGNS // 4)
    )
    expires_at_s = clock().now_us() // 1_000_000 + CODE_LIFETIME_S
    event = EnrolmentOffered(kit=kit.id, code_hash=code_hash(code), expires_at_s=expires_at_s)
    offer(event, f"kit:{kit.id}", kit.case_id)
    return code


@transaction.atomic
def return_kit(kit: Kit) -> None:
    """Take a kit back. Its presses still get through, with a flag."""
    kit.state = KitState.RETURNED
    kit.save(update_fields=["state"])
    offer(KitReturned(kit=kit.id), f"kit:{kit.id}", kit.case_id)


def _label(kit: Kit) -> bytes:
    return f"fleet_kit:{kit.id}".encode()
