"""Which engine keeps an installation's journal: by its settings alone, and never two."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.journal.engines.base import Engine, KeyPlace, Small, Turn
from egide.journal.engines.keys.sqlite import KeyFile
from egide.journal.engines.small.sqlite import RenewedFile, SmallFile
from egide.journal.engines.small.tables import HEARTBEATS_SQL, OPENINGS_SQL, PRESENCE_SQL, SIGNS_SQL
from egide.journal.engines.sqlite import SqliteEngine

if TYPE_CHECKING:
    from egide.journal.engines.postgres import PostgresEngine

# Lies in the data directory once the journal was seen in PostgreSQL: a setting that is lost must not begin another one.
ELSEWHERE = "journal.elsewhere"
# `egide journal move` puts the keys of a file aside under the second name.
KEYS, MOVED_KEYS = "keys.db", "keys.db.moved"


def opened(config: Config, max_pages: int | None = None) -> Engine:
    """The engine, with its tables ready. Raises NotSetUp, JournalUnavailable."""
    engine = engine_of(config, max_pages)
    engine.prepare()
    elsewhere = config.data_dir / ELSEWHERE
    if config.journal and not elsewhere.exists():
        # A process that may write nothing here has nothing to lose here either.
        with suppress(PermissionError):
            elsewhere.touch(mode=0o640)
    return engine


def engine_of(config: Config, max_pages: int | None = None) -> Engine:
    """The engine, whatever it finds. Raises NotSetUp."""
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not config.journal:
        if (config.data_dir / ELSEWHERE).exists():
            text = _("The journal stands in PostgreSQL, no longer in {place}: set EGIDE_JOURNAL as it was.")
            raise NotSetUp(text.format(place=config.data_dir))
        return SqliteEngine(config, max_pages)
    if config.journal_db.exists():
        raise NotSetUp(_beside(config.journal_db))
    return postgres(config)


def _beside(file: Path) -> str:
    text = _(
        "EGIDE_JOURNAL is set, and {file} is there too: `egide journal move` brings it over, or take the setting back."
    )
    return text.format(file=file)


def postgres(config: Config) -> "PostgresEngine":
    """That of EGIDE_JOURNAL, whatever is in it. Raises NotSetUp, and ModuleNotFoundError without its driver."""
    # Loaded where it is used alone: a machine without it needs no driver.
    from egide.journal.engines.postgres import PostgresEngine

    return PostgresEngine(config.journal, config.journal_password)


def signs_of(config: Config) -> Small:
    """Where processes say that they are there, and watch what is wrong. Raises NotSetUp."""
    if config.journal:
        return _small_tables(config)
    return SmallFile(config.data_dir / "watch.db", SIGNS_SQL, "NORMAL", timeout_s=2)


def presence_of(config: Config) -> Small:
    """Where boards say that they are there. Raises NotSetUp."""
    if config.journal:
        return _small_tables(config)
    return SmallFile(config.data_dir / "presence.db", PRESENCE_SQL, "OFF")


def heartbeats_of(config: Config) -> Small:
    """Where phones are heard. Raises NotSetUp."""
    if config.journal:
        return _small_tables(config)
    return RenewedFile(config.data_dir / "heartbeats.db", HEARTBEATS_SQL, "OFF")


def openings_of(config: Config) -> Small:
    """Where tried codes are counted, durable before anything is answered. Raises NotSetUp."""
    if config.journal:
        return _small_tables(config, is_forced=True)
    return SmallFile(config.data_dir / "openings.db", OPENINGS_SQL, "FULL")


def keys_of(config: Config) -> KeyPlace:
    """Where the wrapped keys stand: with the journal. Raises NotSetUp."""
    file = config.data_dir / KEYS
    if not config.journal:
        return KeyFile(file)
    if file.exists():
        raise NotSetUp(_beside(file))
    return key_tables(config)


def key_tables(config: Config) -> KeyPlace:
    """Those of EGIDE_JOURNAL, whatever is in them. Raises NotSetUp."""
    from egide.journal.engines.keys.postgres import KeyTables

    return KeyTables(config.journal, config.journal_password)


class OnlyMachine:
    """Where the journal is a file, whoever works on it is the only one, as systemd or the demo starts it."""

    is_held = True
    grace_s = 0.0

    def take(self) -> bool:
        return True

    def close(self) -> None:
        """Nobody waits."""


def turn_of(config: Config, name: str, clock: Clock) -> Turn:
    """Whose turn it is to do the work of this name. Raises NotSetUp."""
    if not config.journal:
        return OnlyMachine()
    from egide.journal.engines.postgres_turn import PostgresTurn

    return PostgresTurn(config.journal, config.journal_password, name, clock)


def _small_tables(config: Config, *, is_forced: bool = False) -> Small:
    from egide.journal.engines.small.postgres import small_tables

    return small_tables(config.journal, config.journal_password, is_forced=is_forced)
