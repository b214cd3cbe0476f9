"""The one importer: every fault of a file with its place, sealed drafts that live an hour, and all or nothing."""

from dataclasses import replace

import pytest

from egide.imports import service
from egide.imports.models import ImportDraft
from egide.imports.reading import MOST_BYTES, read_table
from egide.outbox.models import OutboxRow
from egide.rollout.imports import TRAININGS
from egide.rollout.models import Attendance, Zone
from egide.rollout.reference import do_load_reference
from tests.support.pages import Pages

HEAD = "date;course;place;person;unit;passed\n"
GOOD = HEAD + "2026-03-01;police;Jurbise;P-11;5324;yes\n2026-03-01;police;Jurbise;P-12;5324;oui\n"


def places(plan: service.Plan) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in plan.faults]


def test_a_line_that_says_the_same_again_is_a_fault_that_names_the_first(pages: Pages) -> None:
    do_load_reference()
    plan = service.plan_of(TRAININGS, (GOOD + "2026-03-01;police;Jurbise;P-11;5325;no\n").encode())
    assert places(plan) == [(4, "person")] and "2" in plan.faults[0].text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"date;course\n",
        HEAD.encode(),
        (HEAD + '"2026').encode(),
        HEAD.replace("person", "person;key").encode() + b"1;1;1;1;1;1;1\n",
        (HEAD + "1;2;3\n").encode(),
        HEAD.encode() + b"x" * MOST_BYTES,
        (HEAD + f"2026-03-01;police;{'x' * 300};P-1;5324;yes\n").encode(),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_reason(pages: Pages, data: bytes) -> None:
    plan = service.plan_of(TRAININGS, data)
    assert plan.faults and all(fault.text for fault in plan.faults)


def test_commas_quotes_and_a_byte_order_mark_are_read_too() -> None:
    table = read_table('\ufeffa,b\n"x, y",2\n'.encode(), ("a", "b"))
    assert not table.faults and table.lines[0].values == {"a": "x, y", "b": "2"}


def test_what_was_right_in_the_preview_and_is_no_longer_imports_nothing(pages: Pages) -> None:
    do_load_reference()
    draft = service.do_keep(TRAININGS, GOOD.encode(), "coordinator")
    Zone.objects.all().delete()
    with pytest.raises(service.FileRefused) as refused:
        service.do_import(TRAININGS, draft, "coordinator")
    assert places(refused.value.plan) == [(2, "unit"), (3, "unit")]
    assert not Attendance.objects.exists() and not OutboxRow.objects.exists()


def test_a_draft_belongs_to_the_person_who_uploaded_it_and_is_gone_after_an_hour(pages: Pages) -> None:
    do_load_reference()
    draft = service.do_keep(TRAININGS, GOOD.encode(), "coordinator")
    assert b"P-11" not in bytes(ImportDraft.objects.get().content_sealed)
    with pytest.raises(service.DraftGone):
        service.do_import(TRAININGS, draft, "somebody-else")
    pages.clock.advance_s(service.LIFETIME_S + 1)
    with pytest.raises(service.DraftGone):
        service.do_import(TRAININGS, draft, "coordinator")
    assert not Attendance.objects.exists()


def test_a_file_that_fails_halfway_leaves_nothing_and_its_draft_can_be_tried_again(pages: Pages) -> None:
    do_load_reference()

    def fail_halfway(lines: object, by: str) -> int:
        Zone.objects.create(id="9999", name="Half")
        raise ConnectionError("the second half")

    broken = replace(TRAININGS, do=fail_halfway)
    draft = service.do_keep(broken, GOOD.encode(), "coordinator")
    with pytest.raises(ConnectionError):
        service.do_import(broken, draft, "coordinator")
    assert not Zone.objects.filter(id="9999").exists()
    assert service.do_import(TRAININGS, draft, "coordinator") == 2


def test_the_preview_shows_the_optional_columns_that_the_file_fills(pages: Pages) -> None:
    importer = replace(
        TRAININGS,
        columns=("a",),
        optional=("b", "c"),
        unique=(),
        faults=lambda _: (),
        verbs=lambda _: ("new",),
    )
    plan = service.plan_of(importer, b"a,b,c\n1,,3\n")
    assert plan.headings == ("a", "c") and plan.changes == [service.Change("new", ("1", "3"))]
