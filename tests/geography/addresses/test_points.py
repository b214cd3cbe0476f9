"""Points of reference: what a list may hold, and which one is said of a position."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from egide.entrypoints.cli.places.addresses import addresses
from egide.geography.addresses.book import NoAddresses
from egide.geography.addresses.importing import do_import_points
from egide.geography.addresses.points import nearest_point, points_at
from egide.geography.addresses.rows import AddressFileError

LIST = """name_fr;name_nl;lat;lon
E19 km 45,2;E19 km 45,2;50.4600;3.9571
Gare de l'Exemple;Station Voorbeeld;50.4518;3.9700
;Sas 3;50.4700;3.9571
"""


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "points.csv"
    file.write_bytes(text.encode(encoding))
    return file


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "points.json"


def said(path: Path, lat: float, lon: float, accuracy_m: float = 0) -> str:
    found = nearest_point(path, round(lat * 1e7), round(lon * 1e7), accuracy_m)
    return found.text if found else ""


def test_the_nearest_is_said_in_the_readers_language_with_its_distance(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert do_import_points(written(tmp_path, LIST), target).points == 3
    assert said(target, 50.4590, 3.9571) == "120 m from E19 km 45,2"
    assert said(target, 50.4590, 3.9571, accuracy_m=150) == "near E19 km 45,2"
    monkeypatch.setenv("EGIDE_LANG", "nl")
    assert said(target, 50.4518, 3.9690) == "80 m van Station Voorbeeld"
    monkeypatch.setenv("EGIDE_LANG", "fr")
    # Where it has no name in it, one that it has.
    assert said(target, 50.4705, 3.9571) == "à 60 m de Sas 3"


def test_what_is_far_or_inexact_says_nothing(tmp_path: Path, target: Path) -> None:
    do_import_points(written(tmp_path, LIST), target)
    assert said(target, 50.4900, 3.9571) == ""
    # A kilometre to the east is as far as one to the north.
    assert said(target, 50.4518, 3.9835) == "960 m from Gare de l'Exemple"
    assert said(target, 50.4518, 3.9845) == ""
    assert said(target, 50.4600, 3.9571, accuracy_m=1_500) == ""


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Post;3.95;50.45", "latitude and longitude are swapped"),
        ("Post;nan;3.95", "no position in degrees"),
        ("Post;48.8;2.3", "a position outside the country"),
        ("Post;north;3.95", "no position in degrees"),
        ("Post;50.45", "2 fields instead of 3"),
        (";50.45;3.95", "no name"),
        ("a\x1bb;50.45;3.95", "a control sign in it"),
        ("x" * 121 + ";50.45;3.95", "a name of more than 120 signs"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_left_out(
    row: str, why: str, tmp_path: Path, target: Path
) -> None:
    done = do_import_points(written(tmp_path, f"name;lat;lon\nA;50.45;3.95\n{row}\nB;50.46;3.95\n"), target)
    assert (done.points, [(fault.line, fault.why) for fault in done.faults]) == (2, [(3, why)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "give a CSV with the columns name"),
        ("name,lat\nA,50.45\n", "give a CSV with the columns name"),
        ("lat,lon\n50.45,3.95\n", "give a CSV with the columns name"),
        ("name,lat,lon\n", "There is no row in it that is in force"),
        ("name,lat,lon\nA,1,2\n", "Fewer than half of the rows can be used"),
        ('name,lat,lon\n"A,50.45,3.95\n', "not a CSV file"),
    ],
)
def test_a_wrong_list_is_refused_and_the_old_one_stays(
    text: str, why: str, tmp_path: Path, target: Path
) -> None:
    do_import_points(written(tmp_path, LIST), target)
    before = target.read_bytes()
    with pytest.raises(AddressFileError, match=why):
        do_import_points(written(tmp_path, text), target)
    assert target.read_bytes() == before


def test_files_that_cannot_be_read_are_named(tmp_path: Path, target: Path) -> None:
    with pytest.raises(AddressFileError, match="there is no such file"):
        do_import_points(tmp_path / "none.csv", target)
    with pytest.raises(AddressFileError, match="cannot be read"):
        do_import_points(written(tmp_path, "name,lat,lon\né,50.45,3.95\n", "latin-1"), target)
    with pytest.raises(NoAddresses):
        points_at(target)
    do_import_points(written(tmp_path, LIST), target)
    target.write_bytes(b"rubbish")
    with pytest.raises(AddressFileError, match="import the points of reference again"):
        nearest_point(target, 504_518_000, 39_571_000)


def test_the_command_says_what_is_in_force_and_what_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGIDE_DATA", str(tmp_path / "data"))
    run = CliRunner().invoke
    result = run(addresses, ["points", str(written(tmp_path, f"{LIST};;1;2\n"))])
    assert result.exit_code == 0, result.output
    assert (
        "Points of reference in force: 3.\nCannot be used, left out: 1.\n  points.csv, line 5:"
        in result.output
    )
    wrong = run(addresses, ["points", str(tmp_path / "none")])
    assert wrong.exit_code == 2 and "Nothing was changed: the points in force stay." in wrong.output
