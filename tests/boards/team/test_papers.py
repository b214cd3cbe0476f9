"""Papers of the file that are handed to a team: while its link and the alarm last, each opening recorded."""

from datetime import date

import pytest
from django.test import Client

from egide.access.models import User
from egide.alarm import events as a
from egide.casework import models as m
from egide.casework.file import facts as f
from egide.casework.file.reading import check_case, places_of
from egide.casework.file.store import do_add_row
from egide.casework.papers.handing import do_mark, do_unmark, hidden_addresses
from egide.casework.papers.keeping import ATTACHMENT, PHOTO, PaperFacts, do_add_paper, do_remove
from tests.boards.teams import (
    DAY_S,
    act,
    following,
    make_link,
    officer,
    operator,
    phone,
    readings,
    tap,
    with_team,
)
from tests.support.installation import MANAGING_ZONE
from tests.support.pages import GENT, LIEGE, MONS, Pages, near

PDF, JPEG = "application/pdf", "image/jpeg"
BYTES = {PDF: b"%PDF-1.7 no real paper", JPEG: b"\xff\xd8 no real picture"}


def paper_in(
    pages: Pages, file: int = MONS, media: str = PDF, title: str = "PV MO.42 (démo)", marked: bool = True
) -> str:
    """An attachment of one of the files, marked for the team; its id."""
    case = pages.files[file].case.id
    about = {"title": title, "source": "Zone 5324 (démo)", "on": date(2026, 1, 5)}
    facts = PaperFacts(media=media, sha256="00" * 32, by="ref-1", **about)
    made = do_add_paper(case, ATTACHMENT, BYTES[media], facts)
    if marked:
        do_mark(case, made.id, "ref-1", hidden_addresses(places_of(case)))
    return made.id


def lists_of(pages: Pages, alarm: str, team: Client) -> dict[str, tuple[Client, str]]:
    """Who sees the file of the alarm: the browser, and where the file and its papers stand."""
    return {
        "team": (team, f"/team/{alarm}/"),
        "zone": (officer(pages), f"/zone/alarms/{alarm}/file/"),
        "desk": (operator(pages), f"/response/alarms/{alarm}/"),
    }


def page_of(client: Client, base: str) -> str:
    reply = client.get(f"{base}briefing" if base.startswith("/response/") else base)
    return str(reply.content.decode()) if reply.status_code == 200 else ""


def status(client: Client, base: str, paper: str) -> int:
    return int(client.get(f"{base}paper/{paper}").status_code)


@pytest.mark.parametrize("media", [PDF, JPEG])
def test_those_who_see_the_file_of_the_alarm_see_its_papers_with_source_and_day_and_open_them(
    pages: Pages, media: str
) -> None:
    paper, left_out = paper_in(pages, media=media), paper_in(pages, title="Not for them", marked=False)
    alarm = with_team(pages)
    for client, base in lists_of(pages, alarm, following(pages, alarm)).values():
        page = page_of(client, base)
        assert f'href="{base}paper/{paper}"' in page and "Not for them" not in page and left_out not in page
        text = page[page.index('id="papers"') :]
        assert "PV MO.42 (démo)" in text and "Zone 5324 (démo)" in text and 'datetime="2026-01-05"' in text
        assert ("PDF" in text) is (media == PDF)
        before = len(readings(pages))
        reply = client.get(f"{base}paper/{paper}")
        assert (reply.status_code, reply.content, reply["Content-Type"]) == (200, BYTES[media], media)
        # To be looked at, kept nowhere, under a name that says nothing.
        assert reply["Content-Disposition"] == "inline" and reply["Cache-Control"] == "no-store"
        assert "default-src 'none'" in reply["Content-Security-Policy"]
        assert reply["X-Content-Type-Options"] == "nosniff"
        assert len(readings(pages)) == before + 1, "a paper is a reading of its own, also beside the page"
        last = readings(pages)[-1]
        name = {"/team": "team:M 12", "/zone": "officer-5324", "/resp": "op-1"}[base[:5]]
        assert (last.user, last.alarm) == (name, alarm)


def test_without_a_marked_paper_nothing_is_listed_and_none_opens(pages: Pages) -> None:
    paper = paper_in(pages, marked=False)
    case = pages.files[MONS].case.id
    photo = do_add_paper(case, PHOTO, b"x", PaperFacts(media=JPEG, sha256="00" * 32, by="ref-1")).id
    alarm = with_team(pages)
    for client, base in lists_of(pages, alarm, following(pages, alarm)).values():
        assert 'id="person"' in page_of(client, base) and 'id="papers"' not in page_of(client, base)
        before = len(readings(pages))
        for wrong in (paper, photo, "0" * 16, "made-up"):
            assert status(client, base, wrong) == 404, (base, wrong)
        assert len(readings(pages)) == before


def test_taken_back_taken_out_or_held_back_it_is_gone_from_a_page_that_stands_open(pages: Pages) -> None:
    case = pages.files[MONS].case.id
    back, out, held = (paper_in(pages, title=title) for title in ("Back", "Out", "Held"))
    alarm = with_team(pages)
    lists = lists_of(pages, alarm, following(pages, alarm))
    for client, base in lists.values():
        assert [status(client, base, paper) for paper in (back, out, held)] == [200, 200, 200]
    do_unmark(case, back, "ref-1")
    do_remove(case, out, "ref-1")
    for client, base in lists.values():
        assert [status(client, base, paper) for paper in (back, out, held)] == [404, 404, 200]
        assert "Back</a>" not in (page := page_of(client, base)) and held in page and back not in page
    place = f.PlaceFacts(
        kind="other", address="Quai Caché 9", area=f.Area(lat_e7=504_600_000, lon_e7=39_600_000, radius_m=50)
    )
    do_add_row(check_case(case), "place", place, "ref-1", non_disclosed=True)
    for client, base in lists.values():
        assert status(client, base, held) == 404 and held not in page_of(client, base)


def test_a_hidden_address_in_its_title_is_black_wherever_the_alarm_comes_from(pages: Pages) -> None:
    address = next(
        place.facts.address for place in places_of(pages.files[LIEGE].case.id) if place.non_disclosed
    )
    paper = paper_in(pages, LIEGE, title=f"Plan de {address}")
    for north_m in (0, 5000):
        alarm = with_team(pages, LIEGE, north_m=north_m)
        page = following(pages, alarm).get(f"/team/{alarm}/").content.decode()
        assert paper in page and address not in page[page.index('id="papers"') :]


def test_it_ends_with_the_alarm_although_the_briefing_stays_until_the_report(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    lists = lists_of(pages, alarm, following(pages, alarm))
    act(pages, alarm, a.AlarmClosed(user="op-1", outcome="arrest", reason="told"))
    for client, base in lists.values():
        assert status(client, base, paper) == 404, base
        assert paper not in page_of(client, base)
    team, base = lists["team"]
    assert "Couteau" in page_of(team, base)


def test_a_link_that_ended_opens_none(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    team = following(pages, alarm)
    assert status(team, f"/team/{alarm}/", paper) == 200
    assert tap(team, alarm, "report", outcome="arrest", text="One person taken along.").status_code == 200
    before = len(readings(pages))
    assert status(team, f"/team/{alarm}/", paper) == 404
    assert len(readings(pages)) == before


def test_a_link_that_is_a_day_old_opens_none(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    team = following(pages, alarm)
    pages.clock.advance_s(DAY_S)
    assert status(team, f"/team/{alarm}/", paper) == 404


def test_nobody_else_opens_it_nor_learns_that_it_is_there(pages: Pages) -> None:
    paper = paper_in(pages)
    own = paper_in(pages, GENT, title="Of Ghent")
    shares = (a.Candidate("5324", 0.6), a.Candidate("5328", 0.3))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]), zone="5324", candidates=shares)
    pages.user("op-1")
    act(pages, alarm, a.ZoneConfirmed(user="op-1", zone="5324", reference="Insp. 21"))
    act(pages, alarm, a.TeamNamed(user="op-1", zone="5324", call_sign="M 12"))
    other = with_team(pages, GENT)
    elsewhere = following(pages, other)
    for mark in ("user:cousin", "user:cousin-2"):
        m.BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark=mark)
    unopened = pages.client()
    unopened.get(make_link(pages, alarm)[0])
    zone, desk, team = (
        f"/zone/alarms/{alarm}/file/", f"/response/alarms/{alarm}/", f"/team/{alarm}/"
    )  # fmt: skip
    refused = [
        (elsewhere, team),
        (elsewhere, f"/team/{other}/"),
        (unopened, team),
        (pages.client(), team),
        (operator(pages), team),
        (officer(pages, "5328"), zone),
        (officer(pages, "5415"), zone),
        (officer(pages, "5324", "cousin"), zone),
        (pages.client(pages.user("cousin-2")), desk),
        (pages.client(pages.user("op-9", centre="OVL")), desk),
        (officer(pages), desk),
        (operator(pages), zone),
        (elsewhere, desk),
    ]
    for number, (client, base) in enumerate(refused):
        reply, missing = (client.get(f"{base}paper/{one}") for one in (paper, "0" * 16))
        assert reply.status_code == missing.status_code != 200, (number, base)
        assert reply.content.replace(paper.encode(), b"") == missing.content.replace(b"0" * 16, b""), number
    assert status(elsewhere, f"/team/{other}/", own) == 200
    assert readings(pages) == []
    # Those who may: the team, the zone that leads, the centre.
    assert status(following(pages, alarm), team, paper) == 200
    assert status(officer(pages, MANAGING_ZONE), zone, paper) == 200
    assert status(operator(pages), desk, paper) == 200


def test_two_phones_of_two_links_both_read_it_under_their_call_sign(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    for _ in range(2):
        assert status(phone(pages, make_link(pages, alarm)[0]), f"/team/{alarm}/", paper) == 200
    assert [one.user for one in readings(pages)] == ["team:M 12"] * 2


@pytest.mark.files("a quota of the file")
def test_with_the_journal_down_the_paper_opens_and_its_reading_is_recorded_later(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    desk = pages.client(User.objects.get(name="op-1"))
    pages.fill_disk()
    for _ in range(40):
        assert status(desk, f"/response/alarms/{alarm}/", paper) == 200
    assert (pages.config.data_dir / "spooled-readings").read_text()


def test_without_its_key_no_paper_opens(pages: Pages) -> None:
    paper = paper_in(pages)
    alarm = with_team(pages)
    lists = lists_of(pages, alarm, following(pages, alarm))
    pages.installation.keys.destroy(pages.files[MONS].case.id)
    for client, base in lists.values():
        assert status(client, base, paper) == 404, base
