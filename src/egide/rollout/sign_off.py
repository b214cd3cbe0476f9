"""Sign-offs: who answers for a zone or an office taking part, from which day, and when it ends."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from egide.access.answering import AnswerRefused
from egide.events.register import SignedOff, SignOffWithdrawn
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.days import today
from egide.outbox.service import keys, offer
from egide.rollout import rules
from egide.rollout.models import Office, SignOff, Zone

SHORTEST_NAME, LONGEST_NAME, LONGEST_REASON = 3, 120, 200


class SignOffRefused(AnswerRefused):
    """A sign-off that is not possible; `field` names the answer at fault, `why` is a word of `words.REFUSALS`."""


class NoSuchBody(LookupError):
    """There is no such zone or office."""


@dataclass(frozen=True)
class Signature:
    """A sign-off with the name in it."""

    id: str
    signer: str
    first: date
    last: date | None
    why: str


def check_body(kind: str, code: str) -> Zone | Office:
    """The zone or office. Raises NoSuchBody."""
    found = (
        Zone.objects.filter(id=code).first()
        if kind == rules.ZONE
        else Office.objects.filter(code=code).first()
    )
    if found is None:
        raise NoSuchBody(f"{kind}:{code}")
    return found


@transaction.atomic
def do_sign_off(kind: str, code: str, signer: str, on: date, by: str) -> None:
    """Record that `signer` (chief of the zone, prosecutor of the office) answers for it from the day `on`.

    Raises NoSuchBody, SignOffRefused.
    """
    check_body(kind, code)
    name = " ".join(signer.split())
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise SignOffRefused("signer", "name")
    if on > today():
        raise SignOffRefused("on", "future")
    if _standing(kind, code) is not None:
        raise SignOffRefused("signer", "signed-already")
    row = SignOff(**_column(kind, code), first=on, by=by)
    row.signer_sealed = keys().record_key(SYSTEM).seal(name.encode(), _label(row))
    row.save(force_insert=True)
    offer(
        SignedOff(subject=f"{kind}:{code}", signer=name, on=on.isoformat(), by=by), f"rollout:{kind}:{code}"
    )


@transaction.atomic
def do_withdraw(kind: str, code: str, why: str, by: str) -> None:
    """End the sign-off that stands, from today on. Kits that are out stay out. Raises NoSuchBody, SignOffRefused."""
    check_body(kind, code)
    reason = " ".join(why.split())
    if not SHORTEST_NAME <= len(reason) <= LONGEST_REASON:
        raise SignOffRefused("why", "reason")
    row = _standing(kind, code)
    if row is None:
        raise SignOffRefused("why", "not-signed")
    # The last day is yesterday: a gate that looks today finds it closed.
    row.last, row.why = date.fromordinal(today().toordinal() - 1), reason
    row.save(update_fields=["last", "why"])
    offer(
        SignOffWithdrawn(subject=f"{kind}:{code}", on=today().isoformat(), by=by, why=reason),
        f"rollout:{kind}:{code}",
    )


def signatures_of(kind: str, code: str) -> list[Signature]:
    """All sign-offs of a body, the latest first."""
    key = keys().record_key(SYSTEM)
    return [
        Signature(
            row.id, key.unseal(bytes(row.signer_sealed), _label(row)).decode(), row.first, row.last, row.why
        )
        for row in SignOff.objects.filter(**_column(kind, code))
    ]


def _standing(kind: str, code: str) -> SignOff | None:
    return SignOff.objects.filter(**_column(kind, code), last__isnull=True).first()


def _column(kind: str, code: str) -> dict[str, str]:
    return {"zone_id" if kind == rules.ZONE else "office_id": code}


def _label(row: SignOff) -> bytes:
    return f"rollout_signoff:{row.id}".encode()
