"""`egide journal eido`: one alarm as an incident that other systems read, for who may take it out of the register."""

import os
from pathlib import Path

import click

from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.person import ProvenReader, as_option, reason_option
from egide.entrypoints.cli.refusing import check_journal
from egide.journal.errors import JournalError
from egide.journal.sealing.keys import KeyErased


@click.command(help=_("Write one alarm to FILE as an incident for other systems (EIDO, JSON)."))
@click.argument("alarm")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@as_option
@reason_option
def eido(alarm: str, file: Path, person: str, reason: str) -> None:
    """Write one alarm to FILE as an incident for other systems (EIDO, JSON)."""
    check_journal(Config.from_env())
    reader = ProvenReader(person, reason)
    if file.exists():
        raise click.ClickException(_("{file} exists; name another file.").format(file=file))
    content = _taken(reader, alarm, person)
    try:
        # Private: a name and a place stand in it.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise click.ClickException(text.format(file=file, why=error.strerror)) from error


def _taken(reader: ProvenReader, alarm: str, person: str) -> bytes:
    """Ends with one sentence for an alarm that does not exist, was erased, or is not theirs to take out."""
    # Django's packages load only after its settings.
    from egide.boards.register import files, pages, taking
    from egide.boards.service import NotForYou

    missing = click.ClickException(
        _("There is no alarm {alarm} that {name} may open.").format(alarm=alarm, name=person)
    )
    try:
        opened = pages.opened(reader.scope, alarm)
        if not taking.may_take(reader.scope, opened):
            raise missing
        files.do_record(reader.scope, opened.state, reader.why)
        return taking.do_take_incident(reader.scope, opened)
    except (NotForYou, files.NoSuchFile, KeyErased) as error:
        raise missing from error
    except JournalError as error:
        raise click.ClickException(str(error)) from error
