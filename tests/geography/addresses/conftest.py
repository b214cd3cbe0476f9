"""A list of invented addresses in the form of the federal files, imported once for those who only ask."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from egide.common.clock import SetClock
from egide.demo.plan import HEADER, write_plan
from egide.geography.addresses.book import AddressBook
from egide.geography.addresses.importing import Imported, do_import

CLOCK = SetClock(1_800_000_000_000_000)
# So far are two positions apart that differ by one in the fourth decimal of the latitude.
STEP_M = 11.1


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGIDE_LANG", "en")


def best_row(
    number: str = "12",
    lat: object = 50.45,
    lon: object = 3.95,
    *,
    streets: tuple[str, str, str] = ("", "Rue de l'Exemple", ""),
    municipality: tuple[str, str, str] = ("", "Mons", ""),
    postcode: str = "7000",
    postnames: tuple[str, str] = ("MONS", ""),
    box: str = "",
    status: str = "current",
) -> str:
    """A row of a BeSt file; names in the order of its columns, German, French, Dutch."""
    fields = (
        "", "", lat, lon, "1", box, number, "1", *municipality, postcode, *postnames, "1", *streets, "BE-WAL", status
    )  # fmt: skip
    return ",".join(f'"{field}"' if "," in str(field) else str(field) for field in fields)


def write_best(path: Path, rows: Iterable[str]) -> Path:
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "addresses.sqlite"


@pytest.fixture
def put(tmp_path: Path, target: Path) -> Callable[..., Imported]:
    """Import rows of a BeSt file, or a file that is there."""

    def do(*rows: str, file: Path | None = None, encoding: str = "utf-8") -> Imported:
        source = file or write_best(tmp_path / "openaddress-betest.csv", rows)
        return do_import([source], target, CLOCK, encoding)

    return do


@pytest.fixture
def book(target: Path) -> AddressBook:
    return AddressBook(target)


BRUSSELS = {
    "municipality": ("", "Ixelles", "Elsene"),
    "postcode": "1050",
    "postnames": ("Ixelles", "Elsene"),
}
EUPEN = {"municipality": ("Eupen", "", ""), "postcode": "4700", "postnames": ("", "")}
GENT = {"municipality": ("", "", "Gent"), "postcode": "9000", "postnames": ("", "GENT")}


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> AddressBook:
    """The demo's invented plan, and streets that are hard to type."""
    folder = tmp_path_factory.mktemp("addresses")
    write_plan(folder / "openaddress-bedemo.csv")
    hard = write_best(
        folder / "openaddress-behard.csv",
        [
            *(
                best_row(
                    str(n),
                    50.82,
                    4.37 + n / 1e4,
                    streets=("", "Chaussée d'Étrelle", "Etrellesteenweg"),
                    **BRUSSELS,
                )
                for n in range(1, 30)
            ),
            best_row(
                "12A",
                50.83,
                4.38,
                streets=("", "Avenue du Général Pomélo", "Generaal Pomelolaan"),
                **BRUSSELS,
            ),
            best_row(
                "12",
                50.8301,
                4.38,
                streets=("", "Avenue du Général Pomélo", "Generaal Pomelolaan"),
                **BRUSSELS,
            ),
            best_row("3", 50.46, 3.96, streets=("", "Rue du 11 Vendange", "")),
            best_row("11", 50.461, 3.961, streets=("", "Rue du 11 Vendange", "")),
            best_row("5", 50.47, 3.97, streets=("", "Rue Saint-Œuf", "")),
            best_row("8", 50.6, 6.0, streets=("Blaubärstraße", "", ""), **EUPEN),
            best_row("4", 51.05, 3.73, streets=("", "", "Burgemeester Verzinplein"), **GENT),
        ],
    )
    path = folder / "addresses.sqlite"
    do_import([folder / "openaddress-bedemo.csv", hard], path, CLOCK)
    return AddressBook(path)
