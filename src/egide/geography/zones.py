"""The police zones in force, their centres, and where they are read from: the imported official file, else the packaged
reference set. Without shapes: the pages load no geometry (`zone_set` has them)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from egide.common.encoding import decoder_of
from egide.geography.geojson import read_features

DATA: Final = Path(__file__).parent / "data"
REFERENCE_FILE: Final = DATA / "reference_zones.geojson"
IMPORTED_NAME: Final = "zones.geojson"  # inside the installation's zones directory


class ZoneFileError(ValueError):
    """A zone file that cannot be used; the text says which feature, why, and what to do."""


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A local police zone. `id` is its number as text, or a word while it has none; `lang` its official language(s);
    `province` the NIS code; `municipalities` NIS codes (Statbel REFNIS)."""

    id: str
    number: int | None = None
    name: str
    names: dict[str, str] = {}
    lang: str = ""
    centre: str
    province: str = ""
    prosecutor: str = ""
    predecessors: tuple[int, ...] = ()
    municipalities: tuple[str, ...] = ()


class Centre(msgspec.Struct, frozen=True):
    """A dispatch centre (CIC): one for each province and one for Brussels; `languages` in order of use."""

    code: str
    names: dict[str, str]
    languages: tuple[str, ...]

    @property
    def own_name(self) -> str:
        """The name in the centre's own first language."""
        return self.names[self.languages[0]]


class ZoneFile(msgspec.Struct, frozen=True):
    """What a zone file holds: zones and their outlines as GeoJSON text, in the same order. `label` is "reference" or
    "official"; `problem` tells why an imported file was passed over, else it is empty; `path` is the file read."""

    path: Path
    label: str
    attribution: str
    zones: tuple[Zone, ...]
    outlines: tuple[msgspec.Raw, ...]
    problem: str = ""

    @property
    def is_official(self) -> bool:
        """False for the reference set, which every map must say."""
        return self.label == "official"


def zone_path(zones_dir: Path | None) -> tuple[Path, int]:
    """The imported file where there is one, else the reference set; and when it last changed (ns), so that anyone who
    keeps what was made of it knows when to make it anew."""
    imported = zones_dir / IMPORTED_NAME if zones_dir else None
    path = imported if imported is not None and imported.exists() else REFERENCE_FILE
    return path, path.stat().st_mtime_ns


def read_zones(path: Path) -> ZoneFile:
    """A file in the project's own form (as `make zones` and `egide zones import` write it).

    Raises ZoneFileError when it is not one.
    """
    try:
        found = read_features(path, Zone)
    except (OSError, msgspec.MsgspecError) as error:
        raise unreadable(path, error) from error
    return ZoneFile(
        path=path,
        label=found.label,
        attribution=found.attribution,
        zones=tuple(feature.properties for feature in found.features),
        outlines=tuple(feature.geometry for feature in found.features),
    )


def unreadable(path: Path, error: Exception) -> ZoneFileError:
    """The error that says so, and what to do."""
    return ZoneFileError(f"{path.name}: {error}. Import the official file again: egide zones import FILE")


def zones_in_force(path: Path) -> ZoneFile:
    """The zones of `path` (`zone_path` names it).

    A file that cannot be read stops neither the routing of alarms nor a page: the reference set stands in, labelled as
    such, and `problem` says why.
    """
    try:
        return read_zones(path)
    except ZoneFileError as error:
        return msgspec.structs.replace(read_zones(REFERENCE_FILE), problem=str(error))


def read_centres() -> dict[str, Centre]:
    """The eleven centres by their code, such as HAI."""
    found = decoder_of(list[Centre]).decode((DATA / "centres.json").read_bytes())
    return {centre.code: centre for centre in found}
