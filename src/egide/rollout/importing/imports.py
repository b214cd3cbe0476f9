"""The two files that the roll-out takes: zones with their centre and office, and who attended which training."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from egide.common.clock import utc
from egide.outbox.service import clock
from egide.rollout.importing.drafts import Change, Importer, Plan
from egide.rollout.importing.table_file import CsvLine, Fault, Table, read_table, repeated
from egide.rollout.importing.trainings import Attended, do_record_training
from egide.rollout.models import Attendance, Centre, Office, Zone
from egide.rollout.rules import COURSES, MAGISTRATE, POLICE

ZONE_COLUMNS = ("id", "name", "centre", "office")
ZONE_NAMES = ("name_fr", "name_nl", "name_de")
TRAINING_COLUMNS = ("date", "course", "place", "person", "unit", "passed")
YES, NO = ("yes", "oui", "ja", "1"), ("no", "non", "nee", "nein", "0")


# Zones


def _read_zones(data: bytes) -> Table:
    table = read_table(data, ZONE_COLUMNS, ZONE_NAMES)
    table.faults += repeated(table.lines, "id")
    return table


def _plan_zones(table: Table) -> Plan:
    plan = Plan(headings=ZONE_COLUMNS)
    centres = set(Centre.objects.values_list("code", flat=True))
    offices = set(Office.objects.values_list("code", flat=True))
    known = Zone.objects.in_bulk()
    for line in table.lines:
        if len(line["id"]) > 40 or not line["id"].replace("-", "").isalnum():
            plan.faults.append(line.fault("id", _("An id has at most 40 letters, digits and dashes.")))
        if line["centre"] not in centres:
            plan.faults.append(line.fault("centre", _unknown(line["centre"], centres)))
        if line["office"] not in offices:
            plan.faults.append(line.fault("office", _unknown(line["office"], offices)))
        before = known.get(line["id"])
        texts = tuple(line[column] for column in ZONE_COLUMNS)
        plan.changes.append(Change("new" if before is None else _verb(before, line), texts))
    return plan


def _verb(before: Zone, line: CsvLine) -> str:
    was = (before.name, before.names, before.centre_id, before.office_id, before.gone)
    names = before.names | _names(line)
    return "same" if was == (line["name"], names, line["centre"], line["office"], False) else "changed"


def _names(line: CsvLine) -> dict[str, str]:
    return {column[-2:]: line[column] for column in ZONE_NAMES if line[column]}


@transaction.atomic
def _do_zones(table: Table, by: str) -> int:
    known = Zone.objects.in_bulk()
    for line in table.lines:
        row = known.get(line["id"]) or Zone(id=line["id"])
        row.name, row.names, row.gone = line["name"], row.names | _names(line), False
        row.centre_id, row.office_id, row.by_hand = line["centre"], line["office"], True
        row.save()
    return len(table.lines)


def _unknown(value: str, known: set[str]) -> str:
    return _("“%(value)s” is not known. Use one of: %(known)s.") % {
        "value": value,
        "known": ", ".join(sorted(known)),
    }


# Trainings


def _read_trainings(data: bytes) -> Table:
    table = read_table(data, TRAINING_COLUMNS)
    table.faults += repeated(table.lines, "date", "course", "place", "person")
    return table


def _plan_trainings(table: Table) -> Plan:
    plan = Plan(headings=TRAINING_COLUMNS)
    units = {POLICE: set(Zone.objects.values_list("id", flat=True))}
    units[MAGISTRATE] = set(Office.objects.values_list("code", flat=True))
    today = utc(clock().now_us()).date()
    known = set(Attendance.objects.values_list("session__on", "session__course", "session__place", "person"))
    for line in table.lines:
        faults = list(_training_faults(line, units, today))
        plan.faults += faults
        if faults:
            continue
        key = (date.fromisoformat(line["date"]), line["course"].lower(), line["place"], line["person"])
        texts = tuple(line[column] for column in TRAINING_COLUMNS)
        plan.changes.append(Change("changed" if key in known else "new", texts))
    return plan


def _training_faults(line: CsvLine, units: dict[str, set[str]], today: date) -> Iterator[Fault]:
    try:
        held_on = date.fromisoformat(line["date"])
    except ValueError:
        yield line.fault("date", _("“%(value)s” is not a date such as 2026-11-25.") % {"value": line["date"]})
    else:
        if held_on > today:
            yield line.fault(
                "date", _("This day is still to come: a certificate needs a training that was held.")
            )
    course = line["course"].lower()
    if course not in COURSES:
        yield line.fault("course", _unknown(line["course"], set(COURSES)))
    elif line["unit"] not in units[course]:
        text = _("There is no zone “%(unit)s”.") if course == POLICE else _("There is no office “%(unit)s”.")
        yield line.fault("unit", text % {"unit": line["unit"]})
    if line["passed"].lower() not in YES + NO:
        yield line.fault("passed", _("“%(value)s” is neither yes nor no.") % {"value": line["passed"]})
    if len(line["person"]) > 40 or " " in line["person"]:
        yield line.fault("person", _("Give the staff number, without spaces: names are not kept here."))
    if len(line["place"]) > 120:
        yield line.fault("place", _("At most 120 signs."))


@transaction.atomic
def _do_trainings(table: Table, by: str) -> int:
    sessions: dict[tuple[str, date, str], list[Attended]] = {}
    for line in table.lines:
        key = (line["course"].lower(), date.fromisoformat(line["date"]), line["place"])
        has_passed = line["passed"].lower() in YES
        sessions.setdefault(key, []).append(Attended(line["person"], line["unit"], has_passed))
    for (course, held_on, place), people in sessions.items():
        do_record_training(course, held_on, place, people)
    return len(table.lines)


ZONES = Importer("zones", ZONE_COLUMNS, _read_zones, _plan_zones, _do_zones, ZONE_NAMES)
TRAININGS = Importer("trainings", TRAINING_COLUMNS, _read_trainings, _plan_trainings, _do_trainings)
