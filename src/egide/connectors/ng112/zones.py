"""The zones in force for LoST. Loads their shapes: only a process that is asked for a place loads this."""

from pathlib import Path

from egide.geography.locate import Location, locator_of
from egide.geography.zones import Zone, zone_path


class InForce:
    """Those of now; made for each question, the shapes once for each state of their file."""

    def __init__(self, zones_dir: Path | None) -> None:
        _path, changed_ns = zone_path(zones_dir)
        self.updated_us = changed_ns // 1000
        self._locator = locator_of(zones_dir)

    def locate(self, lat_e7: int, lon_e7: int, accuracy_m: float) -> Location:
        """Whom a position concerns."""
        return self._locator.locate(lat_e7, lon_e7, accuracy_m)

    def zone(self, zone_id: str) -> Zone | None:
        """The zone of this id."""
        return self._locator.zone_set.zone(zone_id)
