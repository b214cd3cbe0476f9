"""Pure rules of the roll-out: what a zone or office still lacks, and since when the alarm is available there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ZONE, OFFICE = "zone", "office"
# Whose numbers are kept: zones, centres, and neighbours abroad, each held by a centre.
CENTRE, ABROAD = "centre", "abroad"
TELEPHONE_KINDS = (CENTRE, ABROAD, ZONE)
# A number that nobody rang for this many days is shown as old.
OLD_AFTER_DAYS = 180
POLICE, MAGISTRATE = "police", "magistrate"
COURSES = (POLICE, MAGISTRATE)
CERTIFICATE_DAYS = 730
EXPIRES_SOON_DAYS = 60
# Two officers, so that one may be ill or asleep; one magistrate, since another office's duty magistrate may step in.
TRAINED_NEEDED = {ZONE: 2, OFFICE: 1}

TRAINED, SIGNED_OFF, CENTRE_KNOWN, OFFICE_KNOWN, OFFICE_READY = (
    "trained",
    "signed-off",
    "centre-known",
    "office-known",
    "office-ready",
)


@dataclass(frozen=True)
class Span:
    """From the first day to the last, both included; open when `last` is None."""

    first: date
    last: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Certificate:
    """Somebody passed a course. `person` is a staff number."""

    person: str
    span: Span


@dataclass(frozen=True)
class Body:
    """A zone or an office with all that its readiness depends on. `office` is None where a zone has none (yet)."""

    kind: str
    certificates: tuple[Certificate, ...] = ()
    sign_offs: tuple[Span, ...] = ()
    centre_known: bool = True
    office: "Body | None" = None


@dataclass(frozen=True)
class Missing:
    """One thing that is missing; `have` of `need` where it can be counted."""

    what: str
    have: int = 0
    need: int = 0


def certificate_span(held_on: date) -> Span:
    """How long a certificate of a course held on that day is good for."""
    return Span(held_on, held_on + timedelta(days=CERTIFICATE_DAYS - 1))


def trained_on(certificates: Iterable[Certificate], day: date) -> set[str]:
    """The people whose certificate is good on `day`."""
    return {found.person for found in certificates if found.span.holds_on(day)}


def missing_on(body: Body, day: date) -> tuple[Missing, ...]:
    """What is missing on `day` before kits may be handed out there; empty when nothing is."""
    found = []
    have, need = len(trained_on(body.certificates, day)), TRAINED_NEEDED[body.kind]
    if have < need:
        found.append(Missing(TRAINED, have, need))
    if not any(span.holds_on(day) for span in body.sign_offs):
        found.append(Missing(SIGNED_OFF))
    if body.kind == ZONE:
        if not body.centre_known:
            found.append(Missing(CENTRE_KNOWN))
        if body.office is None:
            found.append(Missing(OFFICE_KNOWN))
        elif missing_on(body.office, day):
            found.append(Missing(OFFICE_READY))
    return tuple(found)


def available_since(body: Body, today: date) -> date | None:
    """The first day of the unbroken time up to today in which nothing was missing; None when something is."""
    since = None
    for day in sorted({today, *(day for day in _turning_days(body) if day <= today)}, reverse=True):
        if missing_on(body, day):
            return since
        since = day
    return since


def expires_soon(body: Body, today: date) -> date | None:
    """The day from which too few certificates are left, when that is near and enough are good today."""
    horizon = today + timedelta(days=EXPIRES_SOON_DAYS)
    need = TRAINED_NEEDED[body.kind]
    days = sorted({today, *(day for day in _turning_days(body) if today < day <= horizon)})
    counts = [(day, len(trained_on(body.certificates, day))) for day in days]
    if counts[0][1] < need:
        return None
    return next((day for day, count in counts if count < need), None)


def _turning_days(body: Body) -> set[date]:
    """Every day on which something about the body may have changed."""
    spans = [*body.sign_offs, *(found.span for found in body.certificates)]
    days = {span.first for span in spans} | {
        span.last + timedelta(days=1) for span in spans if span.last is not None
    }
    return days | (_turning_days(body.office) if body.office else set())
