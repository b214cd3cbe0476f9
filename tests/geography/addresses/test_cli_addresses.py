"""`egide addresses`: what a person and a program read, and the exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egide.common.config import Config
from egide.entrypoints.cli.places.addresses import addresses
from tests.geography.addresses.conftest import best_row, write_best
from tests.support.commands import start


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EGIDE_DATA", str(tmp_path / "data"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(addresses, list(arguments))


@pytest.fixture
def file(tmp_path: Path) -> str:
    rows = [best_row("12"), best_row("14", 50.46), best_row("", 50.46), best_row("16", status="retired")]
    return str(write_best(tmp_path / "openaddress-bewal.csv", rows))


def test_import_says_what_is_in_force_and_what_was_left_out(installation: Path, file: str) -> None:
    result = start(Config(installation / "data"), "addresses", "import", file)
    assert result.returncode == 0, result.stderr
    assert "Addresses in force: 2 (houses: 2, streets: 1, places: 1)." in result.stdout
    assert "Not in force by the list's own word, left out: 1." in result.stdout
    assert "Cannot be used, left out: 1.\n  1 × no house number\n" in result.stdout
    assert "openaddress-bewal.csv, line 4: no house number" in result.stdout
    assert "Reading" in result.stderr


def test_show_says_from_where(file: str) -> None:
    run("import", file)
    assert "from openaddress-bewal.csv.\nHouses: 2, streets: 1, places: 1." in run("show").output


def test_nearest_in_words_and_for_programs(file: str) -> None:
    run("import", file)
    assert run("nearest", "50.45", "3.95", "--accuracy", "20").output == (
        "about Rue de l'Exemple 12, 7000 MONS (± 20 m)\n"
    )
    found = json.loads(run("nearest", "50.45", "3.95", "--accuracy", "20", "--json").output)
    assert (found["level"], found["number"], found["distance_m"]) == ("house", "12", 0)
    assert found["place"] == {"postcode": "7000", "names": {"fr": "MONS"}, "municipality": {"fr": "Mons"}}


def test_search_in_words_and_for_programs(file: str) -> None:
    run("import", file)
    assert run("search", "14", "exemple").output == "Rue de l'Exemple 14, 7000 MONS  (50.46000 3.95000)\n"
    found = json.loads(run("search", "14 exemple", "--json").output)["matches"]
    assert (found[0]["level"], found[0]["lat_e7"], found[0]["lon_e7"]) == ("house", 504_600_000, 39_500_000)
    assert run("search", "zzzz").output == "No address is like it.\n"
    assert json.loads(run("search", "zzzz", "--json").output) == {"matches": []}


def test_a_wrong_file_ends_with_2_and_changes_nothing(installation: Path, file: str) -> None:
    run("import", file)
    result = run("import", str(installation / "nowhere.csv"))
    assert result.exit_code == 2
    assert "there is no such file" in result.output
    assert "Nothing was changed: the addresses in force stay." in result.output
    assert run("search", "exemple 12").output.startswith("Rue de l'Exemple 12")


def test_without_a_list_it_says_how_to_get_one() -> None:
    for asked in (("search", "rue"), ("nearest", "50", "4"), ("show",)):
        result = run(*asked)
        assert result.exit_code == 2
        assert "`egide addresses import FILE`" in result.output


def test_the_file_lies_where_the_setting_says(
    installation: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = installation / "elsewhere" / "streets.sqlite"
    monkeypatch.setenv("EGIDE_ADDRESSES", str(place))
    assert run("import", file).exit_code == 0
    assert place.exists()
    assert not (installation / "data" / "addresses").exists()


@pytest.mark.parametrize(
    "asked", [("nearest", "91", "4"), ("nearest", "50.4,4", "4"), ("search", "x", "--limit", "0")]
)
def test_a_wrong_number_is_refused(asked: tuple[str, ...]) -> None:
    assert run(*asked).exit_code == 2
