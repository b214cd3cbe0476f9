"""Pieces of the authority's map: to whom they go, and that no request and no browser keeps where somebody looked."""

import logging
import re
from pathlib import Path

import msgspec
import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from egide.common.ticket import LIFETIME_S
from egide.demo.plan import Town
from egide.demo.plan_map import write_map
from egide.geography.tiles.archive import AERIAL, HEADER_BYTES, STREET_LAYERS, STREETS
from egide.geography.tiles.crossings import NAME_LAYERS
from egide.geography.tiles.importing import do_import
from tests.boards.teams import following, officer, with_team
from tests.support.pages import Pages, browser

URL = "/map/streets.pmtiles"
PART = {"X-Egide-Fragment": "1"}


@pytest.fixture
def mapped(pages: Pages, tmp_path: Path) -> Pages:
    """Pages of an authority that has imported a map."""
    town = Town({"fr": "Mons"}, "7000", 50.4518, 3.9571, 300, 2)
    write_map(tmp_path / "plan.pmtiles", (town,))
    do_import(tmp_path / "plan.pmtiles", pages.config.map_file(STREETS), STREETS)
    return pages


def asked(client: object, bytes_: str, url: str = URL) -> HttpResponse:
    reply: HttpResponse = client.get(url, headers={"Range": bytes_} | PART)  # type: ignore[attr-defined]
    return reply


def test_who_is_signed_in_has_the_bytes_that_were_asked_for_and_keeps_none(mapped: Pages) -> None:
    data = mapped.config.map_file(STREETS).read_bytes()
    for client in (mapped.client(mapped.user("op-1")), officer(mapped)):
        reply = asked(client, f"bytes=0-{HEADER_BYTES - 1}")
        assert (reply.status_code, reply.content) == (206, data[:HEADER_BYTES])
        assert reply["Content-Range"] == f"bytes 0-126/{len(data)}"
        assert reply["Cache-Control"] == "no-store" and reply["ETag"].startswith('"')
    end = asked(client, f"bytes={len(data) - 5}-{len(data) + 50_000}")
    assert (end.status_code, end.content) == (206, data[-5:])
    assert end["Content-Range"] == f"bytes {len(data) - 5}-{len(data) - 1}/{len(data)}"


@pytest.mark.parametrize(
    "bytes_", ["", "bytes=0-", "bytes=-5", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=99999999999-99999999999"]
)  # fmt: skip
def test_other_ranges_are_refused_with_the_size(mapped: Pages, bytes_: str) -> None:
    reply = asked(mapped.client(mapped.user("op-1")), bytes_)
    size = mapped.config.map_file(STREETS).stat().st_size
    assert (reply.status_code, reply["Content-Range"], reply.content) == (416, f"bytes */{size}", b"")


def test_nobody_else_has_any(mapped: Pages) -> None:
    assert asked(browser(), "bytes=0-10").status_code == 401
    assert browser().get(URL).status_code == 302
    for text in ("", "x", "A" * 700):
        stranger = browser()
        stranger.cookies["egide_live"] = text
        assert asked(stranger, "bytes=0-10").status_code == 401


def test_a_team_has_it_by_its_link_as_long_as_its_ticket_lasts(mapped: Pages) -> None:
    alarm = with_team(mapped)
    team = following(mapped, alarm)
    assert asked(team, "bytes=0-10").status_code == 401
    team.get(f"/team/{alarm}/")
    assert asked(team, "bytes=0-10").status_code == 206
    mapped.clock.advance_s(LIFETIME_S)
    assert asked(team, "bytes=0-10").status_code == 401


def test_a_board_has_it_without_a_question_to_the_records(mapped: Pages) -> None:
    client = mapped.client(mapped.user("op-1"))
    client.post("/live-ticket", headers=PART)
    with CaptureQueriesContext(connection) as queries:
        assert asked(client, "bytes=0-10").status_code == 206
    assert not queries.captured_queries
    # Nothing is written by it, and other ways of asking go the ordinary way.
    assert client.post(URL).status_code == 405


def test_what_is_no_map_or_was_not_imported_is_not_there(mapped: Pages) -> None:
    client = mapped.client(mapped.user("op-1"))
    for kind in ("aerial", "secrets", "zones"):
        assert asked(client, "bytes=0-10", f"/map/{kind}.pmtiles").status_code == 404


def told(page: str) -> dict[str, object]:
    """What the page says to its script of the maps in force."""
    found = page.partition('data-maps="')[2].partition('"')[0].replace("&quot;", '"')
    return dict(msgspec.json.decode(found)) if found else {}


@pytest.mark.parametrize(
    ("language", "invented", "none"),
    [
        ("fr", "Plan inventé", "Aucun plan de rues n’a été importé"),
        ("nl", "Verzonnen plan", "Er is geen stratenplan ingelezen"),
        ("de", "Erfundener Plan", "Es wurde kein Straßenplan eingelesen"),
        ("en", "Invented plan", "No street map was imported"),
    ],
)
def test_each_map_says_what_is_under_it(mapped: Pages, language: str, invented: str, none: str) -> None:
    alarm = with_team(mapped)
    desk = mapped.client(mapped.user("op-2"), language)
    team = following(mapped, alarm, language)
    for client, url in ((desk, "/desk/"), (team, f"/team/{alarm}/")):
        page = client.get(url).content.decode()
        kinds = told(page)["kinds"]
        assert isinstance(kinds, dict) and kinds[STREETS]["url"] == URL and AERIAL not in kinds
        assert told(page)["language"] == language
        assert invented in page and none not in page
        # A browser is never told of another host.
        assert "://" not in str(told(page))
    mapped.config.map_file(STREETS).unlink()
    for client, url in ((desk, "/desk/"), (team, f"/team/{alarm}/")):
        page = client.get(url).content.decode()
        assert told(page) == {} and none in page and invented not in page


def test_a_damaged_map_takes_no_page_away_and_is_said_once(
    mapped: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    mapped.config.map_file(STREETS).write_bytes(b"rubbish")
    client = mapped.client(mapped.user("op-1"))
    with caplog.at_level(logging.ERROR, "egide.geography"):
        for _ in range(3):
            assert "No street map was imported" in client.get("/desk/").content.decode()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "egide.geography"]
    assert line.startswith("pages draw no streets: ")


def test_what_the_page_draws_is_what_an_import_asks_for() -> None:
    """The layers of each maker of tiles stand in the script, the import and the reader of crossings."""
    path = finders.find("egide/streets.js")
    assert isinstance(path, str)
    script = Path(path).read_text()
    for name, layers in (("STREETS", STREET_LAYERS), ("STREET_NAMES", NAME_LAYERS)):
        (written,) = re.findall(rf"^const {name} = (\[.*\]);$", script, re.MULTILINE)
        assert msgspec.json.decode(written) == list(layers)
