"""The tables of app.db: made when there are none, and brought up to what this release needs."""

import fcntl
import os

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from egide.entrypoints.stack.migrated import copy_migrated
from egide.entrypoints.upgrading.migrations import check_records, do_note_breaking


def setup(*, from_kept: bool = True) -> None:
    """Load Django with this project's settings and bring app.db up to date.

    A new one begins with the tables that are kept, unless told otherwise: to make them takes seconds.
    Raises NotSetUp where a later release has changed it in a way that this one cannot read.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "egide.entrypoints.settings")
    django.setup()
    with (settings.EGIDE.data_dir / "app.lock").open("w") as lock:
        # Several of these processes may start at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if from_kept:
            copy_migrated(settings.EGIDE.app_db)
        # Records of people are of this account alone, whatever its group may read beside them.
        settings.EGIDE.app_db.touch(mode=0o600)
        executor = MigrationExecutor(connection)
        check_records(executor)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            do_note_breaking(executor, (f"{one.app_label}.{one.name}" for one, _is_backwards in pending))
            call_command("migrate", verbosity=0, interactive=False)
