"""`egide map`: what a person reads, and the exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egide.common.config import Config
from egide.entrypoints.cli.places.maps import maps
from tests.geography.tiles.test_importing import picture, write_mbtiles
from tests.support.commands import start


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EGIDE_DATA", str(tmp_path / "data"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(maps, list(arguments))


def test_import_says_what_is_in_force(installation: Path, drawn: Path) -> None:
    result = start(Config(installation / "data"), "map", "import", str(drawn))
    assert result.returncode == 0, result.stderr
    assert f"In force: {installation}/data/maps/streets.pmtiles, tiles: " in result.stdout
    assert "vectors, zooms 10 to 15, degrees 50.40 3.91 – 50.50 4.01." in result.stdout
    assert "It is an invented plan." in result.stdout and "Named on each page: Egide" in result.stdout
    assert "Reading" in result.stderr


def test_a_wrong_file_is_refused_and_nothing_else_happens(tmp_path: Path, drawn: Path) -> None:
    run("import", str(drawn))
    wrong = tmp_path / "wrong.pmtiles"
    wrong.write_bytes(b"rubbish")
    result = run("import", str(wrong))
    assert result.exit_code == 2
    assert "wrong.pmtiles: neither a PMTiles nor an MBTiles file." in result.output
    assert "Nothing was changed: the map in force stays." in result.output
    assert run("import", str(drawn), "--aerial").exit_code == 2


def test_show_says_which_are_in_force(tmp_path: Path, drawn: Path) -> None:
    assert run("show").output == "Streets: none was imported.\nAerial picture: none was imported.\n"
    run("import", str(drawn))
    air = write_mbtiles(tmp_path / "air.mbtiles", {(12, 2093, 1381): picture("red")}, format="jpg")
    assert run("import", "--aerial", str(air)).exit_code == 0
    said = run("show").output
    assert "Streets: imported on 20" in said and "It is an invented plan." in said
    assert "Aerial picture: imported on 20" in said and "pictures, zooms 12 to 12" in said
    (tmp_path / "data" / "maps" / "aerial.pmtiles").write_bytes(b"rubbish")
    damaged = run("show")
    assert damaged.exit_code == 2 and "a damaged one" in damaged.output
