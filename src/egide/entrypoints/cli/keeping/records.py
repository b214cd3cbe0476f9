"""`egide records`: accounts, files and kits in PostgreSQL."""

import os
from dataclasses import replace

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.cli.groups import LazyGroup
from egide.entrypoints.cli.keeping.database import as_role, check_nobody_runs
from egide.entrypoints.stack.children import Child
from egide.entrypoints.upgrading.preparing import MODULE


@click.group(cls=LazyGroup, lazy={}, help=_("Accounts, files and kits in PostgreSQL."))
def records() -> None:
    """Accounts, files and kits in PostgreSQL."""


@records.command(
    help=_(
        "Make the tables of the records in the database of EGIDE_RECORDS, or complete them after an upgrade, as the"
        " role that owns them. It also makes the role egide_records, for you to grant to web and worker."
    )
)
@click.option(
    "--as", "owner", default="", help=_("the role that owns them, in place of the one in EGIDE_RECORDS")
)
def prepare(owner: str) -> None:
    """Make the tables of the records in PostgreSQL."""
    config = Config.from_env()
    if not config.records:
        raise NotSetUp(_("Set EGIDE_RECORDS to the database that shall keep the records."))
    if owner:
        # Its password, if it needs one, is not the one of the settings: PGPASSFILE names a file for it.
        config = replace(config, records=as_role(config.records, owner), records_password="")
    environment = {**os.environ, **config.environment()}
    ended = Child.finish(MODULE, environment)
    if ended.returncode != 0:
        raise click.ClickException(ended.stderr.strip())
    click.echo(_("The tables are there. Now grant egide_records to the role of web and worker."))


@records.command(
    help=_(
        "Bring the records of the data directory over into the database of EGIDE_RECORDS, prove them the same on both"
        " sides, and put the file aside. All processes must have stopped. What ended in the middle goes on when it is"
        " given again."
    )
)
def move() -> None:
    """Bring the records over into PostgreSQL."""
    config = Config.from_env()
    check_nobody_runs(config, SystemClock())
    # Its driver is loaded where the settings name a database.
    from egide.outbox.postgres.moving import MoveRefused, do_move

    def tell(table: str, rows: int) -> None:
        click.echo(f"{table}: {rows}", err=True)

    try:
        found = do_move(config, tell)
    except (MoveRefused, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(_("The same on both sides (rows: {rows}).").format(rows=found))
    click.echo(_("The records stand in PostgreSQL now. Keep app.db.moved until a back-up was made."))
