"""The one reader of GeoJSON (RFC 7946): outlines stay text until somebody draws or measures them."""

from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from egide.common.encoding import decoder_of

P = TypeVar("P")

# (lon, lat) in degrees, as the format has them; a third number would be a height.
Ring = list[list[float]]
Polygon = list[Ring]


class Feature(msgspec.Struct, Generic[P], tag_field="type", tag="Feature"):
    """One thing with its properties; `geometry` is the text of its outline."""

    properties: P
    geometry: msgspec.Raw


class Collection(msgspec.Struct, Generic[P], tag_field="type", tag="FeatureCollection", kw_only=True):
    """A file; `label` and `attribution` are this project's own, beside what the format knows."""

    label: str = ""
    attribution: str = ""
    features: list[Feature[P]]


class _Outline(msgspec.Struct):
    type: str
    coordinates: list[Any]


def read_features(path: Path, kind: type[P]) -> Collection[P]:
    """The file, with properties of this `kind`. Raises OSError, msgspec.MsgspecError."""
    return decoder_of(Collection[kind]).decode(path.read_bytes())  # type: ignore[valid-type]


def polygons_of(geometry: msgspec.Raw) -> list[Polygon]:
    """The polygons of a Polygon or MultiPolygon; the first ring of each is its outer line."""
    outline = decoder_of(_Outline).decode(geometry)
    return [outline.coordinates] if outline.type == "Polygon" else outline.coordinates
