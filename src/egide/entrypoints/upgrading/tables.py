"""The tables of the records: made when there are none, and brought up to what this release needs. In app.db whoever
comes first does it; in PostgreSQL `egide records prepare` alone, since no process owns them."""

import fcntl
import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.stack.migrated import copy_migrated
from egide.entrypoints.upgrading.migrations import check_records, do_note_breaking
from egide.outbox.place import check_place, note_place


def setup(*, from_kept: bool = True) -> None:
    """Load Django with this project's settings and bring app.db up to date, or look whether PostgreSQL is.

    A new file begins with the tables that are kept, unless told otherwise: to make them takes seconds.
    Raises NotSetUp where a later release has changed them in a way that this one cannot read, or where tables or
    rights are missing.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "egide.entrypoints.settings")
    django.setup()
    config: Config = settings.EGIDE
    check_place(config)
    if config.records:
        _check_made(config)
        return
    with (config.data_dir / "app.lock").open("w") as lock:
        # Several of these processes may start at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if from_kept:
            copy_migrated(config.app_db)
        # Records of people are of this account alone, whatever its group may read beside them.
        config.app_db.touch(mode=0o600)
        do_bring_up_to_date()


def do_bring_up_to_date() -> None:
    """Make the changes that are missing, as who owns the tables. Raises NotSetUp."""
    executor = MigrationExecutor(connection)
    check_records(executor)
    pending = _pending(executor)
    if pending:
        do_note_breaking(executor, pending)
        call_command("migrate", verbosity=0, interactive=False)


def _check_made(config: Config) -> None:
    # Its driver is loaded where the settings name a database.
    from egide.outbox.postgres.address import check_reached

    check_reached(config)
    executor = MigrationExecutor(connection)
    check_records(executor)
    if _pending(executor):
        text = _(
            "The records' tables are of an older Egide: run `egide records prepare` as the role that owns them."
        )
        raise NotSetUp(text)
    note_place(config)


def _pending(executor: MigrationExecutor) -> list[str]:
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label}.{one.name}" for one, _is_backwards in plan]
