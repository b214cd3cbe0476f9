"""What lies outside every zone: a neighbouring country, the sea, or nothing that is known."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from egide.geography.borders import Tiles
from egide.geography.geojson import read_features
from egide.geography.projection import lonlat_to_metres
from egide.geography.zones import DATA

NEIGHBOURS_FILE: Final = DATA / "neighbours.geojson"
SEA: Final = "sea"
UNKNOWN: Final = "unknown"
# Natural Earth's lines are drawn for 1:10,000,000: between them and the zones there may be a gap of this width.
_GAP_M: Final = 3_000.0
_TILE_M: Final = 20_000.0


class _Code(msgspec.Struct):
    code: str


class Surroundings:
    """Outlines of the neighbours and of the sea. Only for positions outside every zone: the zones' lines are better."""

    def __init__(self, path: Path = NEIGHBOURS_FILE) -> None:
        features = read_features(path, _Code).features
        shapes = shapely.transform(
            np.asarray(shapely.from_geojson([bytes(f.geometry) for f in features]), dtype=object),
            lonlat_to_metres,
        )
        self._words = [_word(feature.properties.code) for feature in features]
        self._tiles = Tiles(shapes, _TILE_M)

    def word_for(self, point: BaseGeometry) -> str:
        """ "abroad:NL", "sea" ... of what is around a point or at most a drawing error away, else "unknown"."""
        inside = self._tiles.zone_at(point)
        if inside is not None:
            return self._words[inside]
        nearest, away_m = self._tiles.nearest(point)
        return self._words[nearest] if away_m <= _GAP_M else UNKNOWN


def _word(code: str) -> str:
    return SEA if code == SEA else f"abroad:{code}"
