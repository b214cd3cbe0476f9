"""An installation in a directory of its own, with an invented world, under a clock that is set."""

from pathlib import Path

from egide.common.clock import Clock, SetClock
from egide.common.config import Config
from egide.demo.world import (
    HERE,
    HOME_CENTRE,
    HOME_ZONE,
    MANAGING_ZONE,
    NOW_S,
    ORIGIN,
    Phone,
    World,
)
from egide.journal.service import Journal, KeyStore

__all__ = ["HERE", "HOME_CENTRE", "HOME_ZONE", "MANAGING_ZONE", "NOW_S", "ORIGIN", "Installation", "Phone"]


class Installation(World):
    """Journal and keys in `data_dir`. Use as a context."""

    def __init__(
        self, data_dir: Path, clock: Clock | None = None, max_pages: int | None = None, address: str = ""
    ) -> None:
        self.set_clock = SetClock(NOW_S * 1_000_000)
        clock = clock or self.set_clock
        super().__init__(self.open(data_dir, max_pages, clock, address), clock)

    def open(
        self, data_dir: Path, max_pages: int | None = None, clock: Clock | None = None, address: str = ""
    ) -> Journal:
        """Open the journal and the keys of this directory; with `address` the journal is in that PostgreSQL."""
        # A worker does the same at every hour: no figures are built because it is night.
        self.config = Config(
            data_dir=data_dir,
            journal=address,
            web_origins=("http://desk.localhost:8400",),
            figures_by_night=False,
        )
        self.keys = KeyStore.open(self.config)
        self.journal = Journal.open(self.config, clock or self.clock, self.keys, max_pages)
        return self.journal

    def __enter__(self) -> "Installation":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing of its journal and keys is open any more."""
        self.journal.close()
        self.keys.close()
