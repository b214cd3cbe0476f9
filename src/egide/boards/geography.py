"""Names and outlines of the zones in force, and addresses near a position, in the reader's words."""

from functools import lru_cache
from pathlib import Path

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from egide.alarm.events import FEDERAL
from egide.geography import maps
from egide.geography.addresses.book import answered, book_at, length_text
from egide.geography.addresses.nearest import Nearest, nearest
from egide.geography.addresses.points import nearest_point
from egide.geography.tiles.archive import STREETS
from egide.geography.tiles.crossings import nearest_crossing
from egide.geography.zones import zone_path
from egide.protocol.envelope import Position


class Atlas(maps.Atlas, frozen=True):
    """All zones of the file in force, and the federal unit, which is none of them."""

    def zone_name(self, zone: str, language: str) -> str:
        """The zone's name with its number, or the bare id when it is unknown."""
        return _("Federal unit") if zone == FEDERAL else super().zone_name(zone, language)


def atlas() -> Atlas:
    """The zones in force: the imported file where there is one, else the reference set."""
    return _read(*zone_path(settings.EGIDE.zones_dir))


@lru_cache(maxsize=2)
def _read(path: Path, changed_ns: int) -> Atlas:
    return Atlas(**msgspec.structs.asdict(maps.read_atlas(path, changed_ns)))


def point_near(position: Position, language: str) -> str:
    """The nearest point of reference, as it is said; empty where there is none, or no list of them."""
    path = settings.EGIDE.points_file
    found = answered(
        language, lambda: nearest_point(path, position.lat_e7, position.lon_e7, position.accuracy_m)
    )
    return found.text if found else ""


def crossing_near(position: Position, language: str) -> str:
    """The nearest crossing by its streets; empty where there is none, or no map that has streets."""
    path = settings.EGIDE.map_file(STREETS)
    found = nearest_crossing(path, position.lat_e7, position.lon_e7, position.accuracy_m, language)
    if found is None:
        return ""
    one, other = found.streets
    told = {"one": one, "other": other, "distance": length_text(found.distance_m)}
    return _("crossing %(one)s / %(other)s at %(distance)s") % told


def address_near(position: Position, language: str) -> Nearest | None:
    """What may be said of where it is; None as long as no list of addresses can be read."""
    book = book_at(settings.EGIDE.addresses_file)
    return answered(language, lambda: nearest(book, position.lat_e7, position.lon_e7, position.accuracy_m))
