"""`egide zones`: what a person at the command line reads, and the exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egide.common.config import Config
from egide.entrypoints.cli.zones import zones
from egide.geography.zones import IMPORTED_NAME, REFERENCE_FILE
from tests.support.commands import start


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EGIDE_DATA", str(tmp_path))
    monkeypatch.setenv("EGIDE_LANG", "en")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(zones, list(arguments))


def test_show_says_that_the_reference_is_no_official_map(installation: Path) -> None:
    result = start(Config(installation), "zones", "show")
    assert result.returncode == 0, result.stderr
    assert "Zones: 176 (reference zones, not an official map)" in result.stdout
    assert "CIC Hainaut" in result.stdout


def test_locate_in_words() -> None:
    result = run("locate", "50.4542", "3.9523", "--accuracy", "30")
    assert result.exit_code == 0
    assert "Zone: 5324 Mons/Quévy" in result.output
    assert "Dispatch centre: CIC Hainaut" in result.output


def test_locate_as_json_for_programs() -> None:
    result = run("locate", "50.7753", "6.0839", "--json")
    answer = json.loads(result.output)
    assert (answer["outside"], answer["nearest_zone"], answer["zones"]) == ("abroad:DE", "5292", "reference")


def test_locate_in_the_southern_hemisphere_is_not_taken_for_an_option() -> None:
    result = run("locate", "-33.9", "18.4")
    assert result.exit_code == 0
    assert "In no zone: the dispatch centre decides by hand." in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("locate", "91", "3"),
        ("locate", "50", "181"),
        ("locate", "50,45", "3"),
        ("locate", "nan", "3"),
        ("locate", "50", "3", "--accuracy", "-1"),
        ("locate", "50"),
        ("import", "nowhere.geojson"),
        ("import", __file__),
        ("import", str(REFERENCE_FILE), "--field", "colour=RED"),
        ("import", str(REFERENCE_FILE), "--field", "name=NOTHERE"),
    ],
)
def test_bad_input_ends_with_two_and_words_instead_of_a_trace(
    arguments: tuple[str, ...], installation: Path
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert isinstance(result.exception, SystemExit)
    assert not (installation / "zones" / IMPORTED_NAME).exists()


def test_import_puts_the_file_in_force() -> None:
    assert "Zones in force: 176." in run("import", str(REFERENCE_FILE)).output
    assert "Zones: 176 (official zones)" in run("show").output
