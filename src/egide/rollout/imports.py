"""The files that the roll-out takes: zones with centre and office, who attended which training, telephone numbers, duty
rosters; the latter go out as they come in."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from egide.access.models import User
from egide.access.scope import scope_of
from egide.alarm.events import FEDERAL
from egide.common.clock import utc
from egide.common.telephones import dial_of
from egide.imports.checks import check_day, check_length, check_one_of
from egide.imports.reading import CsvLine, Fault
from egide.imports.service import Importer
from egide.outbox.days import today
from egide.rollout.duties import Entry, do_keep, verb_of
from egide.rollout.models import Attendance, Centre, Duty, Office, Zone
from egide.rollout.rules import COURSES, MAGISTRATE, OFFICE, POLICE, TELEPHONE_KINDS, ZONE
from egide.rollout.telephones import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    Given,
    TelephoneRefused,
    check_given,
    do_import,
    telephones_of,
)
from egide.rollout.trainings import Attended, do_record_training
from egide.rollout.words import COUNTRIES, REFUSALS

ZONE_NAMES = ("name_fr", "name_nl", "name_de")
_HERE = ZoneInfo(settings.TIME_ZONE)
_MOMENT = "%Y-%m-%d %H:%M"
_LONGEST_US = 14 * 86_400_000_000
YES, NO = ("yes", "oui", "ja", "1"), ("no", "non", "nee", "nein", "0")


# Zones


def _zone_faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
    centres = set(Centre.objects.values_list("code", flat=True))
    offices = set(Office.objects.values_list("code", flat=True))
    for line in lines:
        if len(line["id"]) > 40 or not line["id"].replace("-", "").isalnum():
            yield line.fault("id", _("An id has at most 40 letters, digits and dashes."))
        yield from check_one_of(line, "centre", centres)
        yield from check_one_of(line, "office", offices)


def _zone_verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    known = Zone.objects.in_bulk()
    for line in lines:
        before = known.get(line["id"])
        yield "new" if before is None else _verb(before, line)


def _verb(before: Zone, line: CsvLine) -> str:
    was = (before.name, before.names, before.centre_id, before.office_id, before.gone)
    names = before.names | _names(line)
    return "same" if was == (line["name"], names, line["centre"], line["office"], False) else "changed"


def _names(line: CsvLine) -> dict[str, str]:
    return {column[-2:]: line[column] for column in ZONE_NAMES if line[column]}


def _do_zones(lines: Sequence[CsvLine], by: str) -> int:
    known = Zone.objects.in_bulk()
    for line in lines:
        row = known.get(line["id"]) or Zone(id=line["id"])
        row.name, row.names, row.gone = line["name"], row.names | _names(line), False
        row.centre_id, row.office_id, row.by_hand = line["centre"], line["office"], True
        row.save()
    return len(lines)


# Trainings


def _training_faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
    units = {POLICE: set(Zone.objects.values_list("id", flat=True))}
    units[MAGISTRATE] = set(Office.objects.values_list("code", flat=True))
    now = today()
    for line in lines:
        yield from check_day(line, "date", now)
        course = line["course"].lower()
        if course not in COURSES:
            yield from check_one_of(line, "course", COURSES)
        elif line["unit"] not in units[course]:
            text = (
                _("There is no zone “%(unit)s”.") if course == POLICE else _("There is no office “%(unit)s”.")
            )
            yield line.fault("unit", text % {"unit": line["unit"]})
        if line["passed"].lower() not in YES + NO:
            yield line.fault("passed", _("“%(value)s” is neither yes nor no.") % {"value": line["passed"]})
        if len(line["person"]) > 40 or " " in line["person"]:
            yield line.fault("person", _("Give the staff number, without spaces: names are not kept here."))
        yield from check_length(line, "place", 120)


def _training_verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    known = set(Attendance.objects.values_list("session__on", "session__course", "session__place", "person"))
    for line in lines:
        key = (date.fromisoformat(line["date"]), line["course"].lower(), line["place"], line["person"])
        yield "changed" if key in known else "new"


def _do_trainings(lines: Sequence[CsvLine], by: str) -> int:
    sessions: dict[tuple[str, date, str], list[Attended]] = {}
    for line in lines:
        key = (line["course"].lower(), date.fromisoformat(line["date"]), line["place"])
        has_passed = line["passed"].lower() in YES
        sessions.setdefault(key, []).append(Attended(line["person"], line["unit"], has_passed))
    for (course, held_on, place), people in sessions.items():
        do_record_training(course, held_on, place, people)
    return len(lines)


# Telephone numbers


def _given(line: CsvLine, *, has_day: bool = True) -> Given:
    checked = date.fromisoformat(line["checked"]) if has_day and line["checked"] else None
    return Given(line["name"], line["number"], line["country"], checked)


def _number_faults(lines: Sequence[CsvLine]) -> Iterator[Fault]:
    centres = set(Centre.objects.values_list("code", flat=True))
    zones = {*Zone.objects.values_list("id", flat=True), FEDERAL}
    for line in lines:
        yield from check_one_of(line, "kind", TELEPHONE_KINDS)
        if line["place"] not in (zones if line["kind"] == ZONE else centres):
            yield line.fault("place", _("There is no zone or centre “%(place)s”.") % {"place": line["place"]})
        if line["country"]:
            yield from check_one_of(line, "country", COUNTRIES)
        wrong_days = list(check_day(line, "checked", today())) if line["checked"] else []
        yield from wrong_days
        try:
            check_given(line["kind"], _given(line, has_day=not wrong_days))
        except TelephoneRefused as refused:
            yield line.fault(refused.field, str(REFUSALS[refused.why]))


def _number_verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    for line in lines:
        given = _given(line)
        kept = telephones_of(line["kind"], [line["place"]])[line["place"]]
        before = next((one for one in kept if (one.name, one.country) == (given.name, given.country)), None)
        was = before and (before.number, before.checked_on)
        yield "new" if before is None else "same" if was == (given.number, given.checked_on) else "changed"


def _do_numbers(lines: Sequence[CsvLine], by: str) -> int:
    do_import(((line["kind"], line["place"], _given(line)) for line in lines), by)
    return len(lines)


# Duty rosters


def _moment_us(text: str) -> int | None:
    """ "2026-11-28 18:00" on the clock of this country; None for anything else."""
    try:
        return round(datetime.strptime(text, _MOMENT).replace(tzinfo=_HERE).timestamp() * 1_000_000)
    except ValueError:
        return None


def _duty_faults(kept: Collection[tuple[str, str]], lines: Sequence[CsvLine]) -> Iterator[Fault]:
    posts = _posts_of({line["account"] for line in lines if line["account"]})
    for line in lines:
        roster = line["kind"], line["place"]
        yield from check_one_of(line, "kind", (ZONE, OFFICE))
        if roster not in kept:
            text = _("You keep no roster of “%(place)s”.")
            yield line.fault("place", text % {"place": line["place"]})
        yield from check_length(line, "name", LONGEST_NAME)
        if line["name"].startswith(("=", "+", "-", "@")):
            yield line.fault(
                "name", _("A name does not begin with =, +, - or @: a spreadsheet would calculate it.")
            )
        if len(line["number"]) > LONGEST_NUMBER or not dial_of(line["number"]):
            yield line.fault("number", str(REFUSALS["telephone-number"]))
        starts_us, ends_us = _moment_us(line["from"]), _moment_us(line["until"])
        for column, at_us in (("from", starts_us), ("until", ends_us)):
            if at_us is None:
                text = _("“%(value)s” is no moment such as 2026-11-28 18:00.")
                yield line.fault(column, text % {"value": line[column]})
        if starts_us and ends_us and not 0 < ends_us - starts_us <= _LONGEST_US:
            yield line.fault("until", _("A duty ends after it began, and within fourteen days."))
        if line["account"] and roster not in posts.get(line["account"], ()):
            # One sentence for both: a file is no way to ask who has an account.
            text = _("There is no account “%(account)s” with a role at this place.")
            yield line.fault("account", text % {"account": line["account"]})


def _posts_of(names: Collection[str]) -> dict[str, set[tuple[str, str]]]:
    """The zones and offices where each of these accounts has a role, for those that are somebody's."""
    users = User.objects.filter(name__in=names, is_active=True, is_emergency=False)
    scopes = [scope_of(user) for user in users]
    return {
        scope.user: {(ZONE, zone) for zone in scope.zones} | {(OFFICE, code) for code in scope.offices}
        for scope in scopes
    }


def duty_of(line: CsvLine) -> Entry:
    """A line of a file without a fault. Where it has no column of accounts, they stay what they are."""
    starts_us, ends_us = _moment_us(line["from"]), _moment_us(line["until"])
    assert starts_us and ends_us, "checked before"
    account = line["account"] if "account" in line.named else None
    return Entry(line["kind"], line["place"], line["name"], line["number"], starts_us, ends_us, account)


def _duty_verbs(lines: Sequence[CsvLine]) -> Iterator[str]:
    return map(verb_of, map(duty_of, lines))


def _do_duties(lines: Sequence[CsvLine], by: str) -> int:
    do_keep(map(duty_of, lines), by)
    return len(lines)


_DUTY_COLUMNS, _DUTY_OPTIONAL = ("kind", "place", "name", "number", "from", "until"), ("account",)


def duties_of(kept: Collection[tuple[str, str]]) -> Importer:
    """Rosters of these places, each with its kind."""
    return Importer(
        "duties",
        _DUTY_COLUMNS,
        partial(_duty_faults, kept),
        _duty_verbs,
        _do_duties,
        optional=_DUTY_OPTIONAL,
        unique=("kind", "place", "name", "from"),
    )


def as_csv(rows: Iterable[Duty]) -> str:
    """These lines as the file that would bring them in again."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow((*_DUTY_COLUMNS, *_DUTY_OPTIONAL))
    for row in rows:
        account = row.account.name if row.account else ""
        writer.writerow(
            (row.kind, row.place, row.name, row.number, _said(row.starts_us), _said(row.ends_us), account)
        )
    return written.getvalue()


def _said(at_us: int) -> str:
    return utc(at_us).astimezone(_HERE).strftime(_MOMENT)


ZONES = Importer(
    "zones",
    ("id", "name", "centre", "office"),
    _zone_faults,
    _zone_verbs,
    _do_zones,
    optional=ZONE_NAMES,
    unique=("id",),
)
TRAININGS = Importer(
    "trainings",
    ("date", "course", "place", "person", "unit", "passed"),
    _training_faults,
    _training_verbs,
    _do_trainings,
    unique=("date", "course", "place", "person"),
)
NUMBERS = Importer(
    "numbers",
    ("kind", "place", "name", "number"),
    _number_faults,
    _number_verbs,
    _do_numbers,
    optional=("country", "checked"),
    unique=("kind", "place", "country", "name"),
)
