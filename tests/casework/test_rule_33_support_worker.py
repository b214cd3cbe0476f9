"""A support worker sees what the person allows, as long as she allows it, and nothing else (safety rule 33)."""

import pytest
from django.test import Client

from egide.access.rules import SUPPORT, Post, scope_for
from egide.casework import models as m
from egide.casework.sharing.workers import PARTS
from egide.outbox.models import OutboxRow
from tests.casework.people import SECRET_ADDRESS, Office

HELPER = "helper-1"


@pytest.fixture
def helper(office: Office) -> Client:
    return office.client(HELPER, SUPPORT)


def share(office: Office, case: m.Case, *parts: str, reader: str = HELPER, agreed: str = "on") -> int:
    given = {"reader": reader, "parts": list(parts), "agreed": agreed}
    return office.officer.post(f"/files/{case.id}/shared", given).status_code


def page_of(client: Client, case: m.Case) -> str:
    reply = client.get(f"/allowed/{case.id}/")
    assert reply.status_code == 200
    return str(reply.content.decode())


def test_rule_33_a_support_worker_sees_the_named_parts_alone(office: Office, helper: Client) -> None:
    case = office.running(
        office.file(needs="langue des signes", unsafe_contact=f"jamais par courrier ({SECRET_ADDRESS})")
    )
    assert helper.get(f"/allowed/{case.id}/").status_code == 404
    assert "Camille" not in helper.get("/allowed/").content.decode()
    assert share(office, case, "contact") == 302
    assert "Camille" in helper.get("/allowed/").content.decode()
    page = page_of(helper, case)
    assert "chez sa sœur" in page and "langue des signes" in page
    assert 'id="measures"' not in page and 'id="dates"' not in page
    for hidden in ("Rudy", "strangulation", "4711#", SECRET_ADDRESS, "Lucioles", case.number):
        assert hidden not in page, hidden
    # What she names now takes the place of what she named before.
    assert share(office, case, "dates", "measures") == 302
    page = page_of(helper, case)
    assert "chez sa sœur" not in page and 'id="measures"' in page and 'id="dates"' in page
    assert m.Share.objects.filter(ended_at_us=None).count() == 1


def test_rule_33_she_takes_it_back_and_there_is_no_such_file_any_more(office: Office, helper: Client) -> None:
    case = office.running()
    share(office, case, *PARTS)
    page_of(helper, case)
    back = {"do": "end", "reader": HELPER}
    assert office.officer.post(f"/files/{case.id}/shared", back).status_code == 302
    missing = helper.get("/allowed/0000000000000000/")
    gone = helper.get(f"/allowed/{case.id}/")
    assert (gone.status_code, gone.content) == (missing.status_code, missing.content)
    assert "Camille" not in helper.get("/allowed/").content.decode()
    assert OutboxRow.objects.filter(kind="FileShared").count() == 1
    assert OutboxRow.objects.filter(kind="FileUnshared").count() == 1


def test_rule_33_each_reading_is_recorded_and_a_barred_account_sees_nothing(
    office: Office, helper: Client
) -> None:
    case = office.running()
    share(office, case, "contact")
    before = OutboxRow.objects.filter(kind="FileOpened", case=case.id).count()
    page_of(helper, case)
    assert OutboxRow.objects.filter(kind="FileOpened", case=case.id).count() == before + 1
    m.BarredReader.objects.create(case=case, mark=f"user:{HELPER}")
    assert helper.get(f"/allowed/{case.id}/").status_code == 404
    assert "Camille" not in helper.get("/allowed/").content.decode()
    # Nor can anybody let them see it again; the officer reads what an unknown name gives.
    assert share(office, case, "contact") == 422


def test_rule_33_the_role_brings_nothing_along_and_no_other_post_beside_it(
    office: Office, helper: Client
) -> None:
    case = office.running()
    share(office, case, *PARTS)
    for path in ("/files/", f"/files/{case.id}/", f"/files/{case.id}/shared", "/files/by-reason", "/desk/"):
        assert helper.get(path).status_code == 404, path
    other = office.client("helper-2", SUPPORT)
    assert other.get(f"/allowed/{case.id}/").status_code == 404
    for client in (office.officer, office.magistrate):
        assert client.get(f"/allowed/{case.id}/").status_code == 404
    scope = scope_for("x", "X", [Post(SUPPORT), Post("reference-officer", "5324")])
    assert scope.is_support_worker and not scope.zones


@pytest.mark.parametrize(
    ("parts", "reader", "agreed", "said"),
    [
        (["contact"], "nobody-here", "on", "no support worker’s account"),
        (["contact"], "mag-1", "on", "no support worker’s account"),
        ([], HELPER, "on", "at least one part"),
        (["everything"], HELPER, "on", "at least one part"),
        (["contact"], HELPER, "", "her own wish"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_shared(
    office: Office, helper: Client, parts: list[str], reader: str, agreed: str, said: str
) -> None:
    case = office.running()
    given = {"reader": reader, "parts": parts, "agreed": agreed}
    reply = office.officer.post(f"/files/{case.id}/shared", given)
    page = reply.content.decode()
    assert reply.status_code == 422 and said in page and f'value="{reader}"' in page
    assert not m.Share.objects.exists()
    other = office.client("ref-9", "reference-officer", zone="5415")
    assert other.post(f"/files/{case.id}/shared", given).status_code == 404


def test_what_was_shared_ends_with_the_file(office: Office, helper: Client) -> None:
    case = office.running()
    share(office, case, *PARTS)
    m.Case.objects.filter(id=case.id).update(stage="ended")
    assert helper.get(f"/allowed/{case.id}/").status_code == 404


def test_a_support_worker_is_chosen_by_name_and_a_barred_one_is_not_offered(office: Office) -> None:
    office.client("helene-1", SUPPORT)
    office.client("helene-2", SUPPORT)
    case = office.running()
    m.BarredReader.objects.create(case=case, mark="user:helene-2")
    given = {"reader": "helene", "parts": ["contact"], "agreed": "on"}
    reply = office.officer.post(f"/files/{case.id}/shared", given)
    page = reply.content.decode()
    assert reply.status_code == 422 and '<option value="helene-1">' in page and "helene-2" not in page
    assert not m.Share.objects.exists()
    # An officer of a zone is no support worker, no matter who types the name.
    other = office.officer.post(f"/files/{case.id}/shared", given | {"reader": "ref-2"})
    assert "<option" not in other.content.decode().split('id="reader"')[1].split("</div>")[0]
