"""`egide keys`: split the master key between two authorities, join it again (safety rule 36), replace keys."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from egide.common.config import Config
from egide.common.sealing import SealingKey
from egide.common.text import _
from egide.entrypoints.cli.keeping.rotating import rotate
from egide.entrypoints.cli.keeping.rotating_pairs import checkpoint, receipt, ticket
from egide.journal.engines.base import KeyPlace
from egide.journal.engines.chosen import keys_of
from egide.journal.sealing.keys import KeyStore
from egide.journal.sealing.master import (
    MASTER_FILE,
    MasterKeyError,
    join_parts,
    open_master,
    read_part,
    split_key,
    write_part,
)

new_file = click.Path(dir_okay=False, path_type=Path)
old_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help=_("Split the master key between two authorities, join it again, and replace keys."))
def keys() -> None:
    """Split the master key between two authorities, join it again, and replace keys."""


keys.add_command(rotate)
for one in (receipt, checkpoint, ticket):
    rotate.add_command(one)


@keys.command(
    help=_(
        "Write the master key as two files, FIRST and SECOND. Each alone says nothing; together they are the key."
    )
)
@click.argument("first", type=new_file)
@click.argument("second", type=new_file)
@click.option("--remove", is_flag=True, help=_("then delete master.key: processes start from the two parts"))
def split(first: Path, second: Path, remove: bool) -> None:
    """Write the master key as two files, FIRST and SECOND."""
    config = Config.from_env()
    master = _master(config)
    with _in_a_sentence():
        for part, path in zip(split_key(master.raw), (first, second), strict=True):
            write_part(part, path)
        # Read again from the disk before anything is deleted.
        is_whole = join_parts((read_part(first), read_part(second))) == master.raw
    if not is_whole:
        raise click.ClickException(_("The parts do not give the key back; master.key stays."))
    click.echo(
        _(
            "Split. Give each file to another authority, with a copy in its safe: if one is lost, everything is lost."
            " Start the processes with EGIDE_MASTER_PARTS={first}:{second}"
        ).format(first=first.absolute(), second=second.absolute())
    )
    path = config.data_dir / MASTER_FILE
    if remove:
        path.unlink(missing_ok=True)
        click.echo(
            _("{path} is deleted. Copies of it in back-ups open everything until they expire.").format(
                path=path
            )
        )
    elif path.exists():
        click.echo(_("{path} is still there, and opens everything: --remove deletes it.").format(path=path))


@keys.command(
    help=_(
        "Check that FIRST and SECOND are the two parts of this installation's key; write master.key again."
    )
)
@click.argument("first", type=old_file)
@click.argument("second", type=old_file)
@click.option("--check", is_flag=True, help=_("only check, write nothing"))
def join(first: Path, second: Path, check: bool) -> None:
    """Check that FIRST and SECOND are the two parts of this installation's key; write master.key again."""
    config = Config.from_env()
    place = _place(config)
    try:
        master = SealingKey(join_parts((read_part(first), read_part(second))))
        KeyStore(place, master).check_master()
    except MasterKeyError as error:
        raise click.ClickException(str(error)) from error
    if check:
        click.echo(_("These two parts open the keys of this installation."))
        return
    path = config.data_dir / MASTER_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(
            _("{path} exists already; nothing was written.").format(path=path)
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(master.raw)
        file.flush()
        os.fsync(descriptor)
    click.echo(_("{path} is written again. Now one file opens everything.").format(path=path))


@keys.command(
    help=_(
        "Write a new key that opens back-ups to FILE, and print to whom they are sealed then. Keep FILE away from this"
        " machine, with a copy in a safe."
    )
)
@click.argument("file", type=new_file)
def backup(file: Path) -> None:
    """Write a new key that opens back-ups to FILE, and print to whom they are sealed then."""
    from egide.entrypoints.backup.archive import new_identity

    identity, recipient = new_identity()
    with _in_a_sentence():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(f"# {recipient}\n{identity}\n")
            out.flush()
            os.fsync(descriptor)
    click.echo(f"EGIDE_BACKUP_RECIPIENT={recipient}")


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """Say which file exists already or cannot be written, and why."""
    try:
        yield
    except FileExistsError as error:
        raise click.ClickException(
            _("{file} exists; name another file.").format(file=error.filename)
        ) from error
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise click.ClickException(text.format(file=error.filename, why=error.strerror)) from error


def _place(config: Config) -> KeyPlace:
    place = keys_of(config)
    if not place.is_there():
        raise click.ClickException(
            _("There are no keys in {place}. Set EGIDE_DATA to the data directory.").format(
                place=config.data_dir
            )
        )
    return place


def _master(config: Config) -> SealingKey:
    try:
        return open_master(config, _place(config))
    except MasterKeyError as error:
        raise click.ClickException(str(error)) from error
