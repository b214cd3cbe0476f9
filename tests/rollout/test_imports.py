"""Files of zones and trainings: a preview of every fault by line, and nothing half imported."""

import pytest

from egide.demo.rollout import create_demo_rollout
from egide.events.register import TrainingRecorded
from egide.imports import service as drafts
from egide.outbox.copy import copy_waiting
from egide.outbox.models import OutboxRow
from egide.rollout.imports import TRAININGS, ZONES
from egide.rollout.models import Attendance, TrainingSession, Zone
from egide.rollout.reference import do_load_reference
from egide.rollout.service import zones
from tests.support.pages import Pages

HEAD = "date;course;place;person;unit;passed\n"
GOOD = HEAD + "2026-03-01;police;Jurbise;P-11;5324;yes\n2026-03-01;police;Jurbise;P-12;5324;oui\n"


def places(plan: drafts.Plan) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in plan.faults]


def test_the_reference_set_fills_zones_centres_and_offices_and_a_second_time_changes_nothing(
    pages: Pages,
) -> None:
    assert do_load_reference() == 176
    zone = Zone.objects.get(id="5324")
    assert (zone.centre_id, zone.office_id) == ("HAI", "mons")
    before = list(Zone.objects.values())
    do_load_reference()
    assert list(Zone.objects.values()) == before


def test_a_zone_that_the_map_no_longer_holds_is_kept_and_marked(pages: Pages) -> None:
    do_load_reference()
    Zone.objects.create(id="9999", name="Gone")
    do_load_reference()
    assert Zone.objects.get(id="9999").gone
    assert "9999" not in zones()


def test_a_zone_file_that_cannot_be_read_does_not_stop_the_pages(pages: Pages) -> None:
    pages.config.zones_dir.mkdir()
    (pages.config.zones_dir / "zones.geojson").write_text("{")
    assert do_load_reference() == 176


def test_every_fault_is_told_with_its_line_and_column(pages: Pages) -> None:
    do_load_reference()
    data = HEAD + (
        "2026-13-01;police;Jurbise;P-11;5324;yes\n"
        "2099-01-01;police;Jurbise;P-12;5324;yes\n"
        "\n"
        "2026-03-01;cooking;Jurbise;P-13;5324;yes\n"
        "2026-03-01;police;Jurbise;Jan Peeters;0000;maybe\n"
        "2026-03-01;magistrate;Mons;M-1;5324;yes\n"
        "2026-03-01;police;;P-14;5324;yes\n"
    )
    found = drafts.plan_of(TRAININGS, data.encode())
    line_6 = [(6, "unit"), (6, "passed"), (6, "person")]
    assert places(found) == [(2, "date"), (3, "date"), (5, "course"), *line_6, (7, "unit"), (8, "place")]


def test_a_good_file_is_imported_once_and_whole(pages: Pages) -> None:
    do_load_reference()
    draft = drafts.do_keep(TRAININGS, GOOD.encode(), "coordinator")
    assert drafts.do_import(TRAININGS, draft, "coordinator") == 2
    assert TrainingSession.objects.count() == 1 and Attendance.objects.count() == 2
    assert OutboxRow.objects.get().kind == "TrainingRecorded"
    assert [m.what for m in zones("5324")["5324"].missing] == ["signed-off", "office-ready"]
    with pytest.raises(drafts.DraftGone):
        drafts.do_import(TRAININGS, draft, "coordinator")


def test_zones_can_be_imported_with_their_centre_and_office(pages: Pages) -> None:
    do_load_reference()
    data = "id,name,centre,office,name_de\n5324,Mons/Quévy,HAI,charleroi,\n7777,Neu,LIE,eupen,Neue Zone\n".encode()
    plan = drafts.plan_of(ZONES, data)
    assert not plan.faults and [change.verb for change in plan.changes] == ["changed", "new"]
    drafts.do_import(ZONES, drafts.do_keep(ZONES, data, "c"), "c")
    assert Zone.objects.get(id="5324").office_id == "charleroi"
    assert Zone.objects.get(id="7777").names == {"de": "Neue Zone"}
    do_load_reference()
    assert Zone.objects.get(id="5324").office_id == "charleroi", "the zone file does not write over it"
    assert not Zone.objects.get(id="7777").gone


def test_zones_of_unknown_centres_and_offices_are_refused_by_line(pages: Pages) -> None:
    do_load_reference()
    plan = drafts.plan_of(ZONES, b"id,name,centre,office\n5324,Mons,QQQ,nowhere\nbad id,B,HAI,mons\n")
    assert places(plan) == [(2, "centre"), (2, "office"), (3, "id")]


def test_the_demo_goes_the_ordinary_way_so_that_its_figures_of_training_are_those_of_its_pages(
    pages: Pages,
) -> None:
    create_demo_rollout()
    copy_waiting(pages.config, pages.journal)
    told = [
        (event.course, person, unit)
        for row in pages.journal.every()
        if isinstance(event := pages.journal.open_event(row), TrainingRecorded)
        for person, unit in zip(event.persons, event.units, strict=True)
    ]
    kept = Attendance.objects.values_list("session__course", "person", "zone_id", "office_id")
    assert sorted(told) == sorted((course, person, zone or office) for course, person, zone, office in kept)
    assert len(told) == 21
