"""The street that is said of a position on desk, zone and team, and by radio; to whom not, and near what not."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import Candidate, HelpNeeded, PositionReceived, TeamPositioned
from egide.boards.geography import address_near
from egide.casework.file import facts as f
from egide.casework.file.reading import PlaceInFile
from egide.common.clock import SystemClock
from egide.demo.plan import do_import_plan
from egide.geography.addresses.importing import do_import_points
from egide.geography.tiles.archive import STREETS
from egide.geography.tiles.importing import do_import
from egide.protocol.envelope import Position, Source
from tests.boards.shown.test_radio import fullest, read
from tests.boards.teams import act, following, with_team
from tests.geography.tiles.test_crossings import mapped as drawn
from tests.geography.tiles.test_crossings import middle, straight
from tests.support.pages import GENT, MONS, Pages, near, text_of

STREET = "Rue de l’Exemple"
HERE = Position(504_518_000, 39_571_000, 5, 1, Source.SATELLITE)


@pytest.fixture
def mapped(pages: Pages) -> Pages:
    """Pages of an authority that has imported its addresses."""
    # Before anything else is written, so that they are a copy (`Pages.files`).
    assert pages.files
    do_import_plan(pages.config.addresses_file, SystemClock())
    return pages


def test_desk_zone_and_team_say_the_place_of_the_file_and_the_address(mapped: Pages) -> None:
    alarm = with_team(mapped, at=near(mapped.files[MONS], accuracy_m=5))
    told = f"at the person’s home · about {STREET} 12, 7000 Mons (± 5 m)"
    desk = mapped.client(mapped.user("op-2"))
    assert f"Address {told}" in text_of(desk.get(f"/desk/alarms/{alarm}"))
    zone = mapped.client(mapped.user("z-1", role="zone-officer", zone="5324"))
    assert f"Position {told}" in text_of(zone.get("/zone/"))
    assert told in text_of(following(mapped, alarm).get(f"/team/{alarm}/"))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "au domicile de la personne · environ {} 12, 7000 Mons"),
        ("nl", "bij de persoon thuis · ongeveer {} 12, 7000 Mons"),
        ("de", "bei der Person zu Hause · etwa {} 12, 7000 Mons"),
    ],
)
def test_it_is_said_in_the_language_of_who_reads(mapped: Pages, language: str, told: str) -> None:
    alarm = mapped.alarm(mapped.phone(MONS), near(mapped.files[MONS], accuracy_m=5))
    desk = mapped.client(mapped.user("op-1"), language)
    assert told.format(STREET) in text_of(desk.get(f"/desk/alarms/{alarm}"))


def test_a_circle_that_only_touches_a_place_of_the_file_is_perhaps_there(mapped: Pages) -> None:
    file = mapped.files[MONS]
    alarm = mapped.alarm(mapped.phone(MONS), near(file, accuracy_m=60, north_m=file.home.radius_m))
    text = text_of(mapped.client(mapped.user("op-1")).get(f"/desk/alarms/{alarm}"))
    assert "perhaps at the person’s home" in text
    far = mapped.alarm(mapped.phone(GENT), near(file, accuracy_m=5))
    elsewhere = text_of(mapped.client(mapped.user("op-2")).get(f"/desk/alarms/{far}"))
    assert "at the person’s home" not in elsewhere and f"Address about {STREET} 12" in elsewhere


def test_the_nearest_crossing_is_said_behind_the_address_and_not_by_radio(
    mapped: Pages, tmp_path: Path
) -> None:
    middle_e7 = middle()
    rue, avenue = straight("Rue du Carrefour", 5), straight("Avenue du Carrefour", north_m=60)
    do_import(drawn(tmp_path / "map.pmtiles", [rue, avenue]), mapped.config.map_file(STREETS), STREETS)
    at = Position(*middle_e7, 5, 1, Source.SATELLITE)
    alarm = with_team(mapped, at=at)
    told = "crossing Rue du Carrefour / Avenue du Carrefour at 60 m"
    assert told in text_of(mapped.client(mapped.user("op-2")).get(f"/desk/alarms/{alarm}"))
    assert told in text_of(following(mapped, alarm).get(f"/team/{alarm}/"))
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.17))
    mapped.alarm(mapped.phone(GENT), at, zone="5324", candidates=shares)
    neighbour = mapped.client(mapped.user("z-1", role="zone-officer", zone="5330"))
    assert "Carrefour" not in text_of(neighbour.get("/zone/"))
    assert "Carrefour" not in said(at=at)


def with_points(pages: Pages, tmp_path: Path, *names: str) -> None:
    """The authority has imported points of reference, a hundred metres north of the home."""
    rows = "".join(f"{name};50.45270;3.95710\n" for name in names)
    (tmp_path / "points.csv").write_text(f"name;lat;lon\n{rows}", encoding="utf-8")
    do_import_points(tmp_path / "points.csv", pages.config.points_file)


def test_a_point_of_reference_is_said_behind_the_address(mapped: Pages, tmp_path: Path) -> None:
    with_points(mapped, tmp_path, "E19 km 45,2")
    alarm = with_team(mapped, at=near(mapped.files[MONS], accuracy_m=5))
    told = f"at the person’s home · about {STREET} 12, 7000 Mons (± 5 m) · 100 m from E19 km 45,2"
    assert told in text_of(mapped.client(mapped.user("op-2")).get(f"/desk/alarms/{alarm}"))
    assert told in text_of(following(mapped, alarm).get(f"/team/{alarm}/"))
    mapped.config.points_file.write_bytes(b"rubbish")
    text = text_of(mapped.client(mapped.user("op-3")).get(f"/desk/alarms/{alarm}"))
    assert "about" in text and "E19" not in text


def test_a_neighbouring_zone_reads_no_address(mapped: Pages) -> None:
    shares = (Candidate("5324", 0.8), Candidate("5330", 0.17))
    mapped.alarm(mapped.phone(MONS), near(mapped.files[MONS], 5), zone="5324", candidates=shares)
    neighbour = mapped.client(mapped.user("z-1", role="zone-officer", zone="5330"))
    text = text_of(neighbour.get("/zone/"))
    assert "Alarm close to this zone" in text
    assert STREET not in text and "home" not in text


def test_the_timeline_says_the_address_of_each_position_and_once_for_a_run(mapped: Pages) -> None:
    """A press, then a hundred positions that are one line: the last of them is what is said."""
    phone, file = mapped.phone(MONS), mapped.files[MONS]
    alarm = with_team(mapped, at=near(file, accuracy_m=5), phone=phone)
    for north_m in (900, 0):
        mapped.send(alarm, PositionReceived, phone, position=near(file, accuracy_m=5, north_m=north_m))
    act(mapped, alarm, TeamPositioned(by="M 12", position=HERE))
    desk = mapped.client(mapped.user("op-2"))
    text = text_of(desk.get(f"/desk/alarms/{alarm}/timeline"))
    told = f"about {STREET} 12, 7000 Mons (± 5 m) · 50.45"
    assert text.count(told) == 3
    words = ("Press ", "Position from the phone ×2", "Position of the team")
    assert len({text.index(told, text.index(word)) for word in words}) == 3


def test_a_team_that_needs_help_is_at_an_address_too(mapped: Pages) -> None:
    alarm = with_team(mapped, north_m=900)
    act(mapped, alarm, HelpNeeded(by="M 12", position=HERE))
    told = f"about {STREET} 12, 7000 Mons (± 5 m)"
    assert told in text_of(mapped.client(mapped.user("op-2")).get(f"/desk/alarms/{alarm}"))
    zone = mapped.client(mapped.user("z-1", role="zone-officer", zone="5324"))
    assert f"M 12 needs help 0:00 {told}" in text_of(zone.get("/zone/"))


def test_without_a_list_the_pages_are_as_they_were(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(GENT), near(pages.files[MONS], accuracy_m=5))
    text = text_of(pages.client(pages.user("op-1")).get(f"/desk/alarms/{alarm}"))
    assert "Coordinates 50.45180, 3.95710" in text and "Address" not in text and "about" not in text


def test_a_list_that_is_damaged_takes_no_board_away_and_is_said_once_without_a_place(
    mapped: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    mapped.config.addresses_file.write_bytes(b"rubbish" * 1000)
    alarm = mapped.alarm(mapped.phone(MONS), near(mapped.files[MONS], accuracy_m=5))
    desk = mapped.client(mapped.user("op-1"))
    with caplog.at_level(logging.ERROR, "egide.geography"):
        for _ in range(3):
            text = text_of(desk.get(f"/desk/alarms/{alarm}"))
            assert "at the person’s home" in text and STREET not in text
    (line,) = [record.getMessage() for record in caplog.records if record.name == "egide.geography"]
    assert line.startswith("pages name no addresses: ") and "50.4" not in line


def test_a_new_list_is_read_without_a_restart(pages: Pages) -> None:
    assert address_near(HERE, "en") is None
    do_import_plan(pages.config.addresses_file, SystemClock())
    found = address_near(HERE, "en")
    assert found is not None and found.number == "12"


def within(accuracy_m: int) -> Position:
    return Position(HERE.lat_e7, HERE.lon_e7, accuracy_m, 1, Source.NETWORK)


def said(*places: PlaceInFile, at: Position = HERE, basis: str = "position") -> str:
    text = read(replace(fullest(), places=places), at, "en", basis)
    return " ".join((*text.first, *text.second))


def test_by_radio_the_address_comes_first_then_the_coordinates(mapped: Pages) -> None:
    text = said()
    assert text.index(f"Position: about {STREET} 12, 7000 Mons, to within 5 m.") < text.index(
        "Coordinates: 50.4"
    )
    last = said(at=within(300), basis="last known")
    assert "Last known position: near 7000 Mons, to within 300 m." in last


def test_where_no_house_is_near_the_radio_says_the_point_of_reference(pages: Pages, tmp_path: Path) -> None:
    with_points(pages, tmp_path, "E19 km 45,2")
    assert "Position: 100 m from E19 km 45,2, to within 5 m." in said()
    do_import_plan(pages.config.addresses_file, SystemClock())
    assert f"Position: about {STREET} 12, 7000 Mons, to within 5 m." in said() and "E19" not in said()


def test_what_is_read_out_is_as_exact_as_the_house_that_it_names(mapped: Pages) -> None:
    for metres in range(20, 60, 5):
        at = Position(HERE.lat_e7, HERE.lon_e7 - round(metres * 141), 5, 1, Source.SATELLITE)
        found = address_near(at, "en")
        if found and found.within_m and found.within_m > at.accuracy_m:
            assert f"Position: {found.where}, to within {found.distance_m} m." in said(at=at)
            return
    raise AssertionError("every house of the plan is nearer than the position is exact")


def test_by_radio_a_non_disclosed_address_is_not_said_by_its_street_either(
    mapped: Pages, tmp_path: Path
) -> None:
    def hidden(north_m: int) -> PlaceInFile:
        area = f.Area(lat_e7=HERE.lat_e7 + round(north_m * 89.93), lon_e7=HERE.lon_e7, radius_m=30)
        return PlaceInFile(f.PlaceFacts(kind="home", address="Rue Cachée 9, 7000 Mons", area=area), True)

    with_points(mapped, tmp_path, "E19 km 45,2")
    for north_m in (0, 20, 150, 230):
        text = said(hidden(north_m))
        assert "E19" not in text
        assert STREET not in text and "Position: 1.2 km south-east of Mons" in text, north_m
    assert STREET in said(hidden(260))
