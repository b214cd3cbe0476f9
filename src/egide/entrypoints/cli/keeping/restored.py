"""`egide journal restored`: its database came back from a back-up of its own, and nothing has started on it yet."""

from pathlib import Path

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _
from egide.entrypoints.backup import restored_database as d
from egide.entrypoints.backup.restoring import RestoreRefused
from egide.entrypoints.cli.keeping.database import check_nobody_runs
from egide.entrypoints.cli.keeping.restore import (
    at,
    check_one_place,
    erase_again,
    place_option,
    say,
    without_option,
)
from egide.journal.errors import JournalError
from egide.outbox.copy import OutboxUnavailable


@click.command(
    help=_(
        "After the database of EGIDE_JOURNAL was restored by its own tools, before anything starts: prove the journal"
        " whole, hold it against the second place, erase what was erased since, and say what is missing. Give it with"
        " the address of a role that may destroy keys."
    )
)
@place_option
@without_option
def restored(place: Path | None, is_without: bool) -> None:
    """Hold a restored database against the second place, and erase again what was erased since."""
    check_one_place(place, is_without)
    config, clock = Config.from_env(), SystemClock()
    if not config.journal:
        raise NotSetUp(_("The journal is a file here: `egide restore` brings it back from a back-up."))
    check_nobody_runs(config, clock)
    try:
        done = d.prove_database(config, clock, place)
        if not erase_again(config, done.to_erase):
            raise click.ClickException(
                _(
                    "What was erased since could not be erased again (see above): start nothing, and give this command"
                    " again."
                )
            )
        again = d.do_fit(config, done.manifest)
    except (RestoreRefused, JournalError, OutboxUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    text = _("The journal in the restored database: the chain is whole up to event {head} ({time}).")
    click.echo(text.format(head=done.manifest.head, time=at(done.manifest.at_us)))
    say(done, clock.now_us())
    if again:
        click.echo(_("Told to the journal once more by the records: {count}.").format(count=again))
