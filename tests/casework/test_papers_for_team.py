"""An attachment goes to the team that is sent when an officer of its zone marked it, and not otherwise."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.reading import places_of
from egide.casework.file.secrecy import BLACK
from egide.casework.file.store import do_add_row, do_change_row, do_remove_row
from egide.casework.papers import handing
from egide.casework.papers.keeping import PHOTO, NoSuchPaper, PaperFacts, do_add_paper, read_paper
from egide.events.base import Event
from egide.events.casework import FileChanged, PaperMarkedForTeam, PaperUnmarkedForTeam
from egide.outbox.copy import copy_waiting
from tests.casework.people import SECRET_ADDRESS, Office, text_of
from tests.casework.test_attachments import attach, kept
from tests.casework.test_uploads import PDF

HIDDEN = handing.address_mark(SECRET_ADDRESS)
SHELTER = "Quai Caché 9, 7000 Mons"
AREA = f.Area(lat_e7=504_600_000, lon_e7=39_600_000, radius_m=50)
NO_SUCH = "0" * 16


@pytest.fixture
def case(office: Office) -> m.Case:
    """A file with a non-disclosed address and a paper."""
    case = office.file()
    assert attach(office.officer, case, PDF)[0] == 302
    return case


def mark(client: Client, case: m.Case, *looked_for: str, paper: str = "") -> tuple[int, str]:
    reply = client.post(_address(case, paper), {"looked_for": list(looked_for)})
    return reply.status_code, text_of(reply)


def unmark(client: Client, case: m.Case, paper: str = "") -> int:
    return int(client.post(f"{_address(case, paper)}/back").status_code)


def _address(case: m.Case, paper: str) -> str:
    return f"/files/{case.id}/paper/{paper or kept(case).id}/team"


def state(case: m.Case) -> str:
    """Whether the paper goes to a team now, as its facts and the file's places have it."""
    facts = read_paper(case.id, kept(case).id)[1]
    return handing.state_of(facts, handing.hidden_addresses(places_of(case.id)))


def told(office: Office, case: m.Case, *kinds: type[Event]) -> list[Any]:
    """What the journal has of the file, of these kinds."""
    copy_waiting(office.pages.config, office.pages.journal)
    rows = office.pages.journal.stream(f"case:{case.id}")
    return [event for row in rows if isinstance(event := office.pages.journal.open_event(row), kinds)]


def hide(case: m.Case, address: str = SHELTER) -> m.SealedRow:
    """Another address that must not be disclosed comes into the file."""
    place = f.PlaceFacts(kind="other", address=address, area=AREA)
    return do_add_row(case, "place", place, "ref-2", non_disclosed=True)


def test_nothing_is_handed_by_itself_and_the_mark_is_on_record_with_who_and_when(
    office: Office, case: m.Case
) -> None:
    assert state(case) == handing.KEPT and handing.handed_papers(case.id, places_of(case.id)) == ()
    assert told(office, case, PaperMarkedForTeam) == []
    page = text_of(office.officer.get(_address(case, "")))
    assert "shows the whole paper" in page and "must not stand in it" in page and SECRET_ADDRESS in page
    now_us = office.pages.clock.now_us()
    assert mark(office.officer, case, HIDDEN)[0] == 302
    assert state(case) == handing.HANDED
    [event] = told(office, case, PaperMarkedForTeam)
    assert event == PaperMarkedForTeam(case=case.id, user="ref-1", paper=kept(case).id, addresses=1)
    facts = read_paper(case.id, kept(case).id)[1]
    assert facts.for_team and (facts.for_team.by, facts.for_team.at_us) == ("ref-1", now_us)
    for client in (office.officer, office.magistrate):
        assert re.search(
            'For the team that is sent</span>\\s*<span class="muted">Ref-1',
            text_of(client.get(f"/files/{case.id}/")),
        )
    stored = office.pages.stored()
    assert HIDDEN.encode() not in stored


def test_it_is_marked_while_it_is_attached_too_and_off_unless_somebody_ticks(office: Office) -> None:
    case = office.file()
    form = text_of(office.officer.get(f"/files/{case.id}/attach"))
    box = re.search(r'<input[^>]*name="for_team"[^>]*>', form)
    assert box and "checked" not in box[0] and "shows the whole paper" in form
    status, page = attach(office.officer, case, PDF, for_team="on")
    assert status == 422 and "Look for each of these addresses" in page
    assert not m.Paper.objects.filter(case=case).exists()
    assert attach(office.officer, case, PDF, for_team="on", looked_for=HIDDEN)[0] == 302
    assert state(case) == handing.HANDED
    kinds = [type(event) for event in told(office, case, FileChanged, PaperMarkedForTeam)]
    assert kinds[-2:] == [FileChanged, PaperMarkedForTeam]


def test_where_no_address_is_hidden_there_is_nothing_to_say(office: Office, case: m.Case) -> None:
    place = m.Place.objects.get(case=case)
    do_remove_row(case, "place", place.id, place.version, "ref-1")
    assert "looked_for" not in text_of(office.officer.get(_address(case, "")))
    assert mark(office.officer, case)[0] == 302
    assert state(case) == handing.HANDED


def test_each_hidden_address_has_to_be_looked_for(office: Office, case: m.Case) -> None:
    hide(case)
    for ticked in ((), (HIDDEN,), (handing.address_mark(SHELTER),), ("x", "y")):
        status, page = mark(office.officer, case, *ticked)
        assert status == 422 and "Look for each" in page and SHELTER in page and SECRET_ADDRESS in page
    assert state(case) == handing.KEPT
    assert mark(office.officer, case, HIDDEN, handing.address_mark(SHELTER))[0] == 302
    assert state(case) == handing.HANDED


def test_an_address_that_is_hidden_later_holds_the_paper_back_until_somebody_looked_for_it_too(
    office: Office, case: m.Case
) -> None:
    mark(office.officer, case, HIDDEN)
    row = hide(case)
    assert state(case) == handing.HELD_BACK
    assert handing.handed_papers(case.id, places_of(case.id)) == ()
    with pytest.raises(NoSuchPaper):
        handing.read_handed(case.id, kept(case).id)
    assert "Held back from the team" in text_of(office.officer.get(f"/files/{case.id}/"))
    # For those who must not know the address it is held back all the same.
    assert "Held back from the team" in text_of(office.magistrate.get(f"/files/{case.id}/"))
    assert mark(office.colleague, case, HIDDEN, handing.address_mark(SHELTER))[0] == 302
    assert state(case) == handing.HANDED
    assert [event.user for event in told(office, case, PaperMarkedForTeam)] == ["ref-1", "ref-2"]
    # Corrected, it is another address; spelt otherwise, it is the same.
    moved = f.PlaceFacts(kind="other", address=SHELTER.upper(), area=AREA)
    row = do_change_row(case, "place", row.id, row.version, moved, "ref-1", non_disclosed=True)
    assert state(case) == handing.HANDED
    moved = f.PlaceFacts(kind="other", address="Quai Caché 11, 7000 Mons", area=AREA)
    row = do_change_row(case, "place", row.id, row.version, moved, "ref-1", non_disclosed=True)
    assert state(case) == handing.HELD_BACK
    do_remove_row(case, "place", row.id, row.version, "ref-1")
    assert state(case) == handing.HANDED


@pytest.mark.files("only there a transaction begins by a statement")
@pytest.mark.parametrize("way", ["marked", "attached"])
def test_an_address_that_is_hidden_in_the_moment_of_the_mark_is_named_and_asked_for(
    office: Office, case: m.Case, way: str
) -> None:
    paper, begun, hidden = kept(case), [], []

    def between(execute: Any, sql: str, *more: Any) -> Any:
        # The reading is the first that is written, the mark the second: the form was found whole by then.
        if sql.startswith("BEGIN") and not hidden:
            begun.append(sql)
            if len(begun) == 2:
                hidden.append(hide(case))
        return execute(sql, *more)

    with connection.execute_wrapper(between):
        if way == "marked":
            status, page = mark(office.officer, case, HIDDEN)
        else:
            status, page = attach(office.officer, case, PDF, for_team="on", looked_for=HIDDEN)
    assert hidden and status == 422 and "Look for each" in page and SHELTER in page
    assert kept(case).id == paper.id and state(case) == handing.KEPT


def test_title_and_source_tell_a_team_no_hidden_address(office: Office, case: m.Case) -> None:
    attach(office.officer, case, PDF, title=f"Plan, {SECRET_ADDRESS}", source="Impasse des Lucioles 3")
    for row in m.Paper.objects.filter(case=case, kind="attachment"):
        mark(office.officer, case, HIDDEN, paper=row.id)
    told_of = handing.handed_papers(case.id, places_of(case.id))
    assert sorted(one.title for one in told_of) == ["PV MO.42.L1.001", f"Plan, {BLACK}"]
    assert "Lucioles" not in repr(told_of)


def test_pressed_twice_and_marked_by_two_it_is_marked_once(office: Office, case: m.Case) -> None:
    for client in (office.officer, office.officer, office.colleague):
        assert mark(client, case, HIDDEN)[0] == 302
    assert [event.user for event in told(office, case, PaperMarkedForTeam)] == ["ref-1"]
    for client in (office.colleague, office.colleague, office.officer):
        assert unmark(client, case) == 302
    assert state(case) == handing.KEPT
    assert told(office, case, PaperUnmarkedForTeam) == [
        PaperUnmarkedForTeam(case=case.id, user="ref-2", paper=kept(case).id)
    ]
    assert mark(office.officer, case, HIDDEN)[0] == 302 and state(case) == handing.HANDED


def test_nobody_but_its_zone_marks_it_and_nothing_else_can_be_marked(office: Office, case: m.Case) -> None:
    m.BarredReader.objects.create(case=case, mark="user:cousin")
    others = [
        office.magistrate,
        office.clerk,
        office.client("elsewhere", "reference-officer", zone="5330"),
        office.client("cousin", "reference-officer", zone="5324"),
        office.client("op-9", "operator", centre="HAI"),
        office.client("dpo-9", "data-protection"),
    ]
    for client in others:
        assert client.get(_address(case, "")).status_code == 404
        assert mark(client, case, HIDDEN)[0] == 404
    assert state(case) == handing.KEPT
    mark(office.officer, case, HIDDEN)
    for client in others:
        assert unmark(client, case) == 404
    assert state(case) == handing.HANDED
    facts = PaperFacts(media="image/jpeg", sha256="00" * 32, by="ref-1")
    photo = do_add_paper(case.id, PHOTO, b"no real photo", facts)
    other = office.file()
    attach(office.officer, other, PDF)
    for paper in (NO_SUCH, photo.id, kept(other).id):
        assert office.officer.get(_address(case, paper)).status_code == 404
        assert mark(office.officer, case, HIDDEN, paper=paper)[0] == 404
        assert unmark(office.officer, case, paper) == 404
    assert told(office, other, PaperMarkedForTeam) == []


def test_a_page_that_names_a_hidden_address_is_a_reading(office: Office, case: m.Case) -> None:
    for address in (_address(case, ""), f"/files/{case.id}/attach"):
        before = len(office.pages.journal.stream(f"case:{case.id}"))
        assert SECRET_ADDRESS in text_of(office.officer.get(address))
        copy_waiting(office.pages.config, office.pages.journal)
        rows = list(office.pages.journal.stream(f"case:{case.id}"))
        assert [row.kind for row in rows[before:]][-1] == "FileOpened"


def test_without_its_key_there_is_no_paper_to_hand(office: Office, case: m.Case) -> None:
    mark(office.officer, case, HIDDEN)
    address = _address(case, "")
    office.pages.installation.keys.destroy(case.id)
    assert office.officer.get(address).status_code == 404
    assert office.officer.post(address, {"looked_for": [HIDDEN]}).status_code == 404
    assert office.officer.post(f"{address}/back").status_code == 404
    assert office.officer.get(address.removesuffix("/team")).status_code == 404
