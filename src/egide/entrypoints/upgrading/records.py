"""What has been done to the records, read without Django: changes that were made, and those that must be understood.

A change that only adds (a table, a column that may be empty) leaves an earlier release right, which may go on beside a
later one or be installed again. Any other is noted in the table `egide_needs` by the release that makes it, so that a
release that does not know it can refuse instead of misreading (decision 0056).
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import egide
from egide.common.config import Config
from egide.common.database import open_to_read
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.outbox.place import check_place

NEEDS = "egide_needs"
# Packages that Django knows by another name.
_CALLED = {"boards": "response"}


def migrations_done(config: Config) -> set[str]:
    """Which changes the records have had, as APP.NAME; none before the first start. Raises OSError, NotSetUp."""
    return column(config, "SELECT app || '.' || name FROM django_migrations")


def migrations_needed(config: Config) -> set[str]:
    """Those of them that whoever reads it must understand. Raises OSError, NotSetUp."""
    return column(config, f"SELECT migration FROM {NEEDS}") & migrations_done(config)


def migrations_known() -> set[str]:
    """Those of our own packages that this release brings."""
    found = Path(egide.__file__).parent.glob("*/migrations/[0-9]*.py")
    folders = ((path.parents[1].name, path.stem) for path in found)
    return {f"{_CALLED.get(folder, folder)}.{name}" for folder, name in folders}


def of_egide(migrations: Iterable[str]) -> set[str]:
    """Without those of libraries."""
    ours = {one.partition(".")[0] for one in migrations_known()}
    return {one for one in migrations if one.partition(".")[0] in ours}


def not_understood(name: str) -> str:
    """The sentence for a change that a later release made and this one cannot live with."""
    text = _(
        "A later Egide has changed the records in a way that this release cannot read ({name}): install that release"
        " again, or restore the back-up that was made before it."
    )
    return text.format(name=name)


def check_understood(needed: Iterable[str], known: Iterable[str]) -> None:
    """Raises NotSetUp where one that is needed is not known."""
    unknown = sorted(set(needed) - set(known))
    if unknown:
        raise NotSetUp(not_understood(unknown[0]))


def check_understood_here(config: Config) -> None:
    """For a process that reads them without Django. Raises NotSetUp, OSError."""
    check_place(config)
    if config.records:
        # Its driver is loaded where the settings name a database.
        from egide.outbox.postgres.address import check_reached

        check_reached(config)
    check_understood(of_egide(migrations_needed(config)), migrations_known())


def column(config: Config, sql: str) -> set[str]:
    """What a query gives, without making or changing anything; nothing where there is no such table. Raises OSError,
    NotSetUp."""
    if config.records:
        # Its driver is loaded where the settings name a database.
        from egide.outbox.postgres.address import asked

        return {value for (value,) in asked(config, sql)}
    app_db = config.app_db
    if not app_db.exists():
        return set()
    try:
        with closing(open_to_read(app_db)) as connection:
            return {value for (value,) in connection.execute(sql)}
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return set()
        raise OSError(f"{app_db}: {error}") from error
