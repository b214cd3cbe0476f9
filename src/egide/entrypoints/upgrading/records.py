"""What has been done to app.db, read without Django: changes that were made, and those that must be understood.

A change that only adds (a table, a column that may be empty) leaves an earlier release right, which may go on beside a
later one or be installed again. Any other is noted in the table `egide_needs` by the release that makes it, so that a
release that does not know it can refuse instead of misreading (decision 0056).
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import egide
from egide.common.database import open_to_read
from egide.common.settings import NotSetUp
from egide.common.text import _

NEEDS = "egide_needs"
# Packages that Django knows by another name.
_CALLED = {"boards": "response"}


def migrations_done(app_db: Path) -> set[str]:
    """Which changes app.db has had, as APP.NAME; none before the first start."""
    return column(app_db, "SELECT app || '.' || name FROM django_migrations")


def migrations_needed(app_db: Path) -> set[str]:
    """Those of them that whoever reads it must understand."""
    return column(app_db, f"SELECT migration FROM {NEEDS}") & migrations_done(app_db)


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
        "A later Egide has changed app.db in a way that this release cannot read ({name}): install that release again,"
        " or restore the back-up that was made before it."
    )
    return text.format(name=name)


def check_understood(needed: Iterable[str], known: Iterable[str]) -> None:
    """Raises NotSetUp where one that is needed is not known."""
    unknown = sorted(set(needed) - set(known))
    if unknown:
        raise NotSetUp(not_understood(unknown[0]))


def check_app_db(app_db: Path) -> None:
    """For a process that reads it without Django. Raises NotSetUp."""
    check_understood(of_egide(migrations_needed(app_db)), migrations_known())


def column(app_db: Path, sql: str) -> set[str]:
    """What a query gives, without making or changing anything; nothing where there is no such table. Raises OSError."""
    if not app_db.exists():
        return set()
    try:
        with closing(open_to_read(app_db)) as connection:
            return {value for (value,) in connection.execute(sql)}
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return set()
        raise OSError(f"{app_db}: {error}") from error
