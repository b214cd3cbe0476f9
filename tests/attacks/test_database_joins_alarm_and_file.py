"""Somebody has `app.db`, or a copy of it, and looks up whose alarm it was, who is barred, which telephone is lent."""

import sqlite3
from contextlib import closing
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython
from django.test import Client

from egide.access.models import Reading
from egide.access.readings.readings import catch_up, readers_of
from egide.casework import models as m
from egide.casework.file.files import facts_of
from egide.events.register import FileOpened
from egide.fleet.models import Item
from egide.outbox.fields import seal_column
from tests.support.pages import MONS, Pages

IMEI, ICCID, BUTTON = "001017000000018", "8932000000000000001", "A0-17-44"
BARRED = "user:cousin-officer"
UPGRADES = (
    "casework.migrations.0005_sealed_columns",
    "fleet.migrations.0004_sealed_columns",
    "access.migrations.0008_sealed_readings",
)


@pytest.fixture
def filled(pages: Pages) -> Pages:
    """A file that bars a reader and was read in an alarm, and a phone of the stock."""
    case = pages.files[MONS].case
    m.BarredReader.objects.create(case=case, mark=BARRED)
    Item.objects.create(kind="phone", serial=IMEI, model="P", sim=ICCID, since_us=1)
    Item.objects.create(kind="button", serial=BUTTON, model="B", since_us=1)
    alarm = pages.alarm(pages.phone())
    reading = FileOpened(case=case.id, user="op-1", alarm=alarm)
    pages.installation.append(f"case:{case.id}", reading, case=case.id)
    catch_up()
    assert Reading.objects.get().alarm == alarm
    return pages


def rows(pages: Pages, table: str) -> str:
    """Everything in a table, as somebody finds it who has only the file."""
    with closing(sqlite3.connect(pages.config.app_db)) as database:
        return str(database.execute(f"SELECT * FROM {table}").fetchall())


def test_the_same_text_in_two_columns_is_not_the_same_under_seal(filled: Pages) -> None:
    assert seal_column("fleet_item.serial", IMEI) != seal_column("fleet_item.sim", IMEI)
    assert seal_column("fleet_item.serial", IMEI) == seal_column("fleet_item.serial", IMEI)


def test_whole_values_are_found_and_bar_as_before(filled: Pages) -> None:
    case = filled.files[MONS].case
    assert facts_of(m.Case.objects.get(number=case.number)).barred == {BARRED}
    assert Item.objects.get(serial=IMEI).sim == ICCID
    assert [read.number for read in readers_of(case.id)] == [case.number]


@pytest.mark.parametrize("part", ["startswith", "contains", "gt"])
def test_nobody_compares_a_sealed_column_by_halves(filled: Pages, part: str) -> None:
    with pytest.raises(TypeError, match="can be compared whole"):
        Item.objects.filter(**{f"serial__{part}": "0"}).exists()


def find(client: Client, text: str) -> str:
    page: str = client.post("/search", {"text": text}).content.decode()
    return page


def test_files_and_things_are_still_found_by_a_part_of_their_number(filled: Pages) -> None:
    number = filled.files[MONS].case.number
    client = filled.client(filled.user("ref-1", role="reference-officer", zone="5324"))
    for text in (number, number.partition("-")[2], number.partition("-")[2].lstrip("0").rjust(2, "0")):
        assert number in find(client, text), text
    coordinator = filled.client(filled.user("coo-1", role="coordinator"))
    assert IMEI in find(coordinator, IMEI[-6:]) and BUTTON in find(coordinator, BUTTON.lower())


@pytest.mark.files("opens the file")
def test_what_stood_in_the_clear_is_sealed_at_the_upgrade_and_reads_the_same(filled: Pages) -> None:
    number, case = filled.files[MONS].case.number, filled.files[MONS].case.id
    alarm = Reading.objects.get().alarm
    plain = {
        "casework_case": ("number", number, f"id = '{case}'"),
        "casework_barredreader": ("mark", BARRED, "1"),
        "fleet_item": ("serial", IMEI, "kind = 'phone'"),
        "access_reading": ("case", case, "1"),
    }
    with connection.cursor() as cursor:
        # As it was written before.
        for place in ("casework_case.number", "fleet_item.serial", "fleet_item.sim"):
            table, column = place.split(".")
            for row, sealed in cursor.execute(f"SELECT id, {column} FROM {table}").fetchall():
                if sealed:
                    value = (
                        apps.get_model(*table.split("_"))
                        .objects.filter(id=row)
                        .values_list(column, flat=True)[0]
                    )
                    cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, row])
        cursor.execute("UPDATE casework_barredreader SET mark = %s", [BARRED])
        cursor.execute('UPDATE access_reading SET "case" = %s, alarm = %s', [case, alarm])
    assert all(value in rows(filled, table) for table, (_column, value, _where) in plain.items())
    for name in UPGRADES:
        for operation in import_module(f"egide.{name}").Migration.operations:
            if isinstance(operation, RunPython):
                operation.code(apps, connection.schema_editor())
    assert not any(value in rows(filled, table) for table, (_column, value, _where) in plain.items())
    assert m.Case.objects.get(number=number).id == case
    assert Item.objects.get(serial=IMEI).sim == ICCID
    assert (Reading.objects.get().case, Reading.objects.get().alarm) == (case, alarm)
    assert facts_of(m.Case.objects.get(id=case)).barred == {BARRED}
