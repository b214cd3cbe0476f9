"""Folds the records of the roll-out into bodies that the rules judge, all at once, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from egide.outbox.days import today
from egide.rollout import rules
from egide.rollout.models import Attendance, Office, SignOff, Zone


@dataclass(frozen=True)
class Readiness:
    """What a zone or office lacks today, and since when it lacks nothing."""

    kind: str
    code: str
    missing: tuple[rules.Missing, ...]
    since: date | None
    expires_on: date | None

    @property
    def is_ready(self) -> bool:
        return not self.missing

    @property
    def has_begun(self) -> bool:
        """Whether somebody is trained or has signed, though something is missing."""
        lacks = {missing.what: missing for missing in self.missing}
        trained = lacks.get(rules.TRAINED)
        return rules.SIGNED_OFF not in lacks or trained is None or trained.have > 0

    @property
    def subject(self) -> str:
        """Names the body in events and addresses: "zone:5324"."""
        return f"{self.kind}:{self.code}"


def offices(*codes: str) -> dict[str, Readiness]:
    """Readiness of these offices, or of all, by code."""
    bodies = _office_bodies(codes)
    return {code: _judge(rules.OFFICE, code, body) for code, body in bodies.items()}


def zones(*ids: str) -> dict[str, Readiness]:
    """Readiness of these zones, or of all that the map still holds, by id."""
    rows = Zone.objects.filter(id__in=ids) if ids else Zone.objects.filter(gone=False)
    found = list(rows.values_list("id", "centre_id", "office_id"))
    office_bodies = _office_bodies({office for _id, _centre, office in found if office} if ids else ())
    certificates, sign_offs = _facts("zone_id", ids)
    bodies = {
        zone: rules.Body(
            rules.ZONE,
            tuple(certificates[zone]),
            tuple(sign_offs[zone]),
            centre is not None,
            office_bodies.get(office) if office else None,
        )
        for zone, centre, office in found
    }
    return {zone: _judge(rules.ZONE, zone, body) for zone, body in bodies.items()}


def _office_bodies(codes: "set[str] | tuple[str, ...]") -> dict[str, rules.Body]:
    rows = Office.objects.filter(code__in=codes) if codes else Office.objects.all()
    certificates, sign_offs = _facts("office_id", codes)
    return {
        code: rules.Body(rules.OFFICE, tuple(certificates[code]), tuple(sign_offs[code]))
        for code in rows.values_list("code", flat=True)
    }


def _facts(
    column: str, codes: "set[str] | tuple[str, ...]"
) -> tuple[dict[str, list[rules.Certificate]], dict[str, list[rules.Span]]]:
    """Certificates and sign-offs by the code of their body, of these codes or of all."""
    chosen = {f"{column}__in": codes} if codes else {f"{column}__isnull": False}
    certificates: dict[str, list[rules.Certificate]] = defaultdict(list)
    passed = Attendance.objects.filter(good_until__isnull=False, **chosen)
    for code, person, first, last in passed.values_list(column, "person", "session__on", "good_until"):
        certificates[code].append(rules.Certificate(person, rules.Span(first, last)))
    sign_offs: dict[str, list[rules.Span]] = defaultdict(list)
    for code, first, last in SignOff.objects.filter(**chosen).values_list(column, "first", "last"):
        sign_offs[code].append(rules.Span(first, last))
    return certificates, sign_offs


def _judge(kind: str, code: str, body: rules.Body) -> Readiness:
    day = today()
    return Readiness(
        kind=kind,
        code=code,
        missing=rules.missing_on(body, day),
        since=rules.available_since(body, day),
        expires_on=rules.expires_soon(body, day),
    )
