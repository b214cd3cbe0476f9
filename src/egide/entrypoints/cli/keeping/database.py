"""`egide journal prepare` and `egide journal move`: the journal in PostgreSQL."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import click

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.cli.journal import whole
from egide.entrypoints.cli.refusing import CommandRefused
from egide.journal.engines.chosen import postgres
from egide.journal.errors import JournalError
from egide.journal.now.signs import Signs
from egide.journal.proof.moving import do_move

# Whoever gave a sign of life this lately may append at any moment.
HEARD_US = 10_000_000


as_owner = click.option(
    "--as", "owner", default="", help=_("the role that owns them, in place of the one in EGIDE_JOURNAL")
)


@click.command(
    help=_(
        "Make the tables of the journal in the database of EGIDE_JOURNAL, or complete them after an upgrade, as the"
        " role that owns them. It also makes the roles that carry the rights, for you to grant to those of the"
        " processes."
    )
)
@as_owner
def prepare(owner: str) -> None:
    """Make the tables of the journal in PostgreSQL."""
    config = Config.from_env()
    if not config.journal:
        raise NotSetUp(_("Set EGIDE_JOURNAL to the database that shall keep the journal."))
    try:
        postgres(of_owner(config, owner)).make_tables()
    except JournalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        _(
            "The tables are there. Now give the roles of the processes their rights, as docs/operations/postgresql.md"
            " says."
        )
    )


@click.command(
    help=_(
        "Bring journal and keys of the data directory over into the database of EGIDE_JOURNAL, prove them whole on both"
        " sides, and put the files aside. All processes must have stopped. What ended in the middle goes on when it is"
        " given again."
    )
)
@as_owner
def move(owner: str) -> None:
    """Bring the journal over into PostgreSQL."""
    config = of_owner(Config.from_env(), owner)
    check_nobody_runs(config, SystemClock())

    def tell(arrived: int, of: int) -> None:
        click.echo(_("{arrived} of {of} events").format(arrived=arrived, of=of), err=True)

    try:
        proof = do_move(config, tell)
    except JournalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(whole(proof))
    click.echo(
        _(
            "Journal and keys stand in PostgreSQL now. Keep journal.db.moved and keys.db.moved until a back-up was"
            " made, then delete them: what is erased from now on stands in them."
        )
    )


def of_owner(config: Config, owner: str) -> Config:
    """The same settings with that role, if one is named, for the journal."""
    if not owner or not config.journal:
        return config
    # Its password, if it needs one, is not the one of the settings: PGPASSFILE names a file for it.
    return replace(config, journal=as_role(config.journal, owner), journal_password="")


def as_role(address: str, role: str) -> str:
    """The address of the same database for another role."""
    parts = urlsplit(address)
    hosts = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}@{hosts}"))


def check_nobody_runs(config: Config, clock: Clock) -> None:
    """Raises CommandRefused while a process may append."""
    now_us = clock.now_us()
    # Who works on the file says so in one: nobody starts on the database as long as the file is there.
    place = replace(config, journal="") if config.journal_db.exists() else config
    beats = Signs(place, clock).beats().values()
    heard = [beat.name for beat in beats if abs(now_us - beat.at_us) < HEARD_US]
    if heard:
        text = _(
            "Stop all processes first (systemctl stop egide.target): {names} gave a sign of life just now."
        )
        raise CommandRefused(text.format(names=", ".join(heard)))
