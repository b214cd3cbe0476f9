"""Invented streets in the form of the federal address files: no real ones can come along, and none is meant.

Each street bears an invented word, so that nobody looks for it on a real map. The same seed makes the same file.
"""

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from egide.common.clock import Clock
from egide.geography.addresses.importing import do_import

# Columns of openaddress-be*.csv; the two in Lambert 72 are left empty, nothing here reads them.
HEADER: Final = (
    "EPSG:31370_x,EPSG:31370_y,EPSG:4326_lat,EPSG:4326_lon,address_id,box_number,house_number,municipality_id,"
    "municipality_name_de,municipality_name_fr,municipality_name_nl,postcode,postname_fr,postname_nl,street_id,"
    "streetname_de,streetname_fr,streetname_nl,region_code,status"
)
_SYLLABLES: Final = (
    *("bal", "dri", "fo", "gam", "hel", "jor", "ku", "lim", "mor", "nel"),
    *("pas", "quil", "ros", "sim", "tru", "vel", "wim", "xan", "yol", "zep"),
)
_FRENCH: Final = ("Rue", "Avenue", "Chaussée", "Boulevard", "Place", "Chemin", "Allée", "Rue de l'Étang")
_DUTCH: Final = ("straat", "laan", "steenweg", "plein", "dreef", "weg", "lei", "kaai")
_GERMAN: Final = ("straße", "allee", "weg", "platz", "gasse", "straße", "weg", "platz")
_OF: Final = ("", "de ", "du ", "des ", "d'", "de la ")
_DEGREE_M: Final = 111_195


@dataclass(frozen=True)
class Town:
    """Where streets are invented: its names by language ("fr", "nl", "de"), in which its streets are named as well.

    Each `home` is a street's name (in all languages the same), a number in it, and where that house stands.
    """

    names: dict[str, str]
    postcode: str
    lat: float
    lon: float
    radius_m: float
    streets: int
    homes: tuple[tuple[str, int, float, float], ...] = ()


@dataclass(frozen=True)
class Planned:
    """A street that was drawn: its names in German, French and Dutch ("" for none), and its houses: latitude and
    longitude in degrees, number."""

    town: Town
    names: tuple[str, ...]
    houses: tuple[tuple[float, float, int], ...]
    boxes: tuple[tuple[str, ...], ...]


# Around the homes of the demo's four people, whose addresses are in it.
DEMO_TOWNS: Final = (
    Town({"fr": "Mons"}, "7000", 50.4518, 3.9571, 1_200, 40, (("Rue de l’Exemple", 12, 50.4518, 3.9571),)),
    Town({"nl": "Gent"}, "9000", 51.0432, 3.7325, 1_200, 40, (("Voorbeeldstraat", 3, 51.0432, 3.7325),)),
    Town({"fr": "Liège"}, "4000", 50.6362, 5.5836, 1_200, 40, (("Rue du Spécimen", 1, 50.6362, 5.5836),)),
    Town({"de": "Eupen"}, "4700", 50.6297, 6.0352, 1_200, 40, (("Musterweg", 5, 50.6297, 6.0352),)),
)


def write_plan(path: Path, towns: Iterable[Town] = DEMO_TOWNS, seed: int = 1, most: int | None = None) -> int:
    """Write the addresses of all streets, or the first `most`; how many they are. Raises OSError."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        for line in islice(_lines(drawn(towns, seed)), most):
            file.write(line)
            count += 1
    return count


def do_import_plan(target: Path, clock: Clock) -> None:
    """Put the demo's streets in force at `target`. Raises AddressFileError, OSError."""
    with TemporaryDirectory(prefix="egide-plan-") as folder:
        drawn = Path(folder) / "openaddress-bedemo.csv"
        write_plan(drawn)
        do_import([drawn], target, clock)


def drawn(towns: Iterable[Town] = DEMO_TOWNS, seed: int = 1) -> Iterator[Planned]:
    """All streets, town by town."""
    chance = random.Random(seed)
    for town in towns:
        for i in range(town.streets):
            home = town.homes[i] if i < len(town.homes) else None
            names = tuple(
                (home[0] if home else _called(language, chance)) if town.names.get(language) else ""
                for language in ("de", "fr", "nl")
            )
            houses = tuple(_houses(town, chance, home and home[1:]))
            # A house in eight has flats: each is a row at the same place.
            boxes = tuple(("",) if chance.random() > 0.125 else ("", "1", "2", "RDC") for _house in houses)
            yield Planned(town, names, houses, boxes)


def _lines(streets: Iterable[Planned]) -> Iterator[str]:
    address = 0
    towns: dict[str, int] = {}
    for number, street in enumerate(streets, 1):
        town = street.town
        names = [town.names.get(language, "") for language in ("de", "fr", "nl")]
        region = "BE-BRU" if names[1] and names[2] else "BE-VLG" if names[2] else "BE-WAL"
        which = towns.setdefault(f"{town.postcode} {names}", len(towns) + 1)
        begin = f"{which},{','.join(names)},{town.postcode},{names[1] or names[0]},{names[2]}"
        end = f"{begin},{number},{','.join(street.names)},{region},current\n"
        for (lat, lon, house), boxes in zip(street.houses, street.boxes, strict=True):
            for box in boxes:
                address += 1
                yield f",,{lat:.5f},{lon:.5f},{address},{box},{house},{end}"


def _called(language: str, chance: random.Random) -> str:
    """A street's name in this language."""
    word = "".join(chance.choice(_SYLLABLES) for _ in range(chance.choice((2, 3, 3, 4))))
    kind = chance.randrange(len(_FRENCH))
    if language == "fr":
        return f"{_FRENCH[kind]} {chance.choice(_OF)}{word.capitalize()}"
    return f"{word.capitalize()}{(_DUTCH if language == 'nl' else _GERMAN)[kind]}"


def _houses(
    town: Town, chance: random.Random, home: tuple[int, float, float] | None
) -> Iterator[tuple[float, float, int]]:
    """Even numbers on one side and odd ones on the other, as far apart as houses are in a row or in a village."""
    count, apart_m = chance.choice((8, 16, 24, 40, 60, 120)), chance.choice((6, 7, 9, 12, 25))
    away_m, turn = town.radius_m * math.sqrt(chance.random()), chance.uniform(0, 2 * math.pi)
    north_m, east_m = away_m * math.cos(turn), away_m * math.sin(turn)
    first, origin_lat, origin_lon = home or (1, town.lat, town.lon)
    if home:
        north_m = east_m = 0.0
    along = chance.uniform(0, 2 * math.pi)
    across = along + math.pi / 2
    narrow = _DEGREE_M * math.cos(math.radians(origin_lat))
    for house in range(1, max(count, first) + 1):
        steps_m, side_m = (house - first) // 2 * apart_m, 16 * ((house - first) % 2)
        yield (
            origin_lat + (north_m + steps_m * math.cos(along) + side_m * math.cos(across)) / _DEGREE_M,
            origin_lon + (east_m + steps_m * math.sin(along) + side_m * math.sin(across)) / narrow,
            house,
        )
