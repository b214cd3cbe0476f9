"""The roll-out's pages: who sees them, what they say, and that a wrong answer keeps what was typed."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from egide.access.models import User
from egide.demo.rollout import create_demo_rollout
from egide.imports.models import ImportDraft
from egide.imports.reading import MOST_BYTES
from egide.outbox.days import today
from egide.rollout.models import Attendance, SignOff
from tests.support.pages import Pages

FILE = b"date;course;place;person;unit;passed\n2026-03-01;police;Jurbise;P-11;5292;yes\n"
ADDRESSES = (
    "/rollout/",
    "/rollout/zone/5324/",
    "/rollout/office/mons/",
    "/rollout/import/trainings",
    "/rollout/import/zones",
)


def member(pages: Pages, role: str, place: str = "") -> User:
    user = User.objects.create(name=role, title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return user


def begin(pages: Pages) -> None:
    """With the roll-out of the demo."""
    pages.begin("rollout", lambda _: create_demo_rollout())


@pytest.fixture
def coordinator(pages: Pages) -> Client:
    begin(pages)
    return pages.client(member(pages, "coordinator"))


def upload(client: Client, data: bytes, what: str = "trainings"):  # type: ignore[no-untyped-def]
    return client.post(f"/rollout/import/{what}", {"file": SimpleUploadedFile("list.csv", data)})


def test_the_map_and_the_table_say_where_the_alarm_is_available_and_since_when(coordinator: Client) -> None:
    page = coordinator.get("/rollout/").content.decode()
    assert "In 4 of 176 police zones" in page
    assert len(re.findall('<path class="ready"', page)) == 4
    assert len(re.findall("<path class=", page)) == 176
    assert "since " in page and "officers trained" in page


def test_the_lists_cost_a_constant_number_of_queries(coordinator: Client) -> None:
    counted = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            coordinator.get("/rollout/")
        counted.append(len(queries))
        Attendance.objects.filter(person__endswith="-1").delete()
    # One of them is every page's: whether an emergency account is open.
    assert counted[0] == counted[1] <= 17


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("operator", "HAI"),
        ("zone-officer", "5324"),
        ("magistrate", "mons"),
        ("administrator", ""),
        ("data-protection", ""),
    ],
)
def test_rule_34_who_does_not_keep_the_rollout_sees_no_map_of_it(
    pages: Pages, address: str, role: str, place: str
) -> None:
    begin(pages)
    assert pages.client(member(pages, role, place)).get(address).status_code == 404
    assert pages.client().get(address).status_code == 302


def test_the_steering_committee_reads_and_changes_nothing(pages: Pages) -> None:
    begin(pages)
    client = pages.client(member(pages, "steering"))
    assert client.get("/rollout/").status_code == 200
    assert client.get("/rollout/import/zones").status_code == 404
    before = SignOff.objects.count()
    signed = {"signer": "Chef Invention", "on": today().isoformat()}
    assert client.post("/rollout/zone/5292/", signed).status_code == 404
    assert SignOff.objects.count() == before


def test_what_does_not_exist_is_not_found(coordinator: Client) -> None:
    for address in ("/rollout/zone/0000/", "/rollout/office/5324/", "/rollout/province/5324/"):
        assert coordinator.get(address).status_code == 404


def test_a_signature_is_recorded_and_withdrawn_and_the_page_says_so(coordinator: Client) -> None:
    answer = {"signer": "Chef Invention", "on": today().isoformat()}
    page = coordinator.post("/rollout/zone/5292/", answer, follow=True).content.decode()
    assert "The signature is recorded." in page and "Chef Invention" in page
    page = coordinator.post(
        "/rollout/zone/5292/", {"withdraw": "", "why": "Left"}, follow=True
    ).content.decode()
    assert "No kit leaves there" in page


def test_a_wrong_answer_is_told_beside_the_field_and_keeps_what_was_typed(coordinator: Client) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    reply = coordinator.post("/rollout/zone/5292/", {"signer": "Chef Invention", "on": tomorrow})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'value="Chef Invention"' in page and f'value="{tomorrow}"' in page
    assert "still to come" in page and 'aria-describedby="on-error"' in page
    reply = coordinator.post("/rollout/zone/5292/", {"signer": "Chef Invention", "on": "yesterday"})
    assert reply.status_code == 422 and "not a day" in reply.content.decode()


def test_a_file_is_looked_at_first_and_imported_only_after_a_yes(coordinator: Client) -> None:
    before = Attendance.objects.count()
    page = upload(coordinator, FILE).content.decode()
    assert "1 new, 0 changed, 0 unchanged" in page and Attendance.objects.count() == before
    draft = ImportDraft.objects.get().id
    page = coordinator.post("/rollout/import/trainings", {"draft": draft}, follow=True).content.decode()
    assert "1 line imported." in page and Attendance.objects.count() == before + 1
    again = coordinator.post("/rollout/import/trainings", {"draft": draft})
    assert again.status_code == 422 and "older than an hour" in again.content.decode()


def test_on_a_telephone_where_the_head_does_not_show_each_cell_of_the_preview_bears_its_own_heading(
    coordinator: Client,
) -> None:
    page = upload(coordinator, FILE).content.decode()
    columns = FILE.decode().split()[0].split(";")
    assert re.findall('<td data-label="([a-z]+)">', page) == columns


def test_faults_of_a_file_are_listed_and_nothing_is_kept(coordinator: Client) -> None:
    reply = upload(coordinator, FILE.replace(b"5292", b"0000") + b"x;y;z\n")
    page = reply.content.decode()
    assert reply.status_code == 422 and "Nothing was imported" in page
    assert ">3<" in page and "Cells in this line: 3" in page
    assert not ImportDraft.objects.exists()


def test_a_file_that_is_too_large_or_missing_is_refused(coordinator: Client) -> None:
    reply = upload(coordinator, FILE + b"x" * MOST_BYTES)
    assert reply.status_code == 422 and "1 MiB" in reply.content.decode()
    reply = coordinator.post("/rollout/import/trainings", {})
    assert reply.status_code == 422 and "Choose a file first" in reply.content.decode()


def test_the_coordinator_is_told_which_signature_and_which_certificates_are_next(coordinator: Client) -> None:
    SignOff.objects.filter(zone_id="5277").delete()
    page = coordinator.get("/start", follow=True).content.decode()
    assert "Certificates end" in page and "Waits for a signature" in page
