"""A process of `egide records prepare`: makes the records' tables in PostgreSQL, or completes them, as the role that
owns them.

Of its own: Django reads its settings once, and here they name another role than those of the processes.
"""

import os
import sys

import django
import psycopg

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.entrypoints.serving.lines import prepare
from egide.outbox.postgres import tables
from egide.outbox.postgres.address import connect, told

MODULE = "egide.entrypoints.upgrading.preparing"


def make_tables(config: Config) -> None:
    """Safe to repeat. Raises psycopg.Error, NotSetUp."""
    from egide.entrypoints.upgrading.tables import do_bring_up_to_date

    with connect(config) as connection, tables.alone(connection):
        tables.make_schema(connection)
        do_bring_up_to_date()
        tables.grant(connection)


def main() -> None:
    """Make what is missing; what refuses is one sentence on the error output, and 1."""
    prepare()
    try:
        config = Config.from_env()
        os.environ["DJANGO_SETTINGS_MODULE"] = "egide.entrypoints.settings"
        django.setup()
        make_tables(config)
    except (psycopg.Error, NotSetUp, django.db.Error) as error:
        sys.exit(told(error))


if __name__ == "__main__":
    main()
