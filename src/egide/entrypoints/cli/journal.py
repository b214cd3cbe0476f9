"""`egide journal`: look at the journal, prove it whole, take a copy out."""

import contextlib
import json
import os
import pwd
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.sealing import UnsealError
from egide.common.text import _
from egide.entrypoints.cli.groups import LazyGroup
from egide.entrypoints.cli.person import ProvenReader, as_option, reason_option
from egide.entrypoints.cli.refusing import check_journal
from egide.events import base
from egide.events.register import JournalExported
from egide.journal.chain import Stored
from egide.journal.ending.erasing import EXPORTS_STREAM
from egide.journal.errors import JournalError
from egide.journal.proof.export import FORMAT, Header, read_export, write_export
from egide.journal.proof.verify import Proof
from egide.journal.sealing.keys import KeyErased
from egide.journal.sealing.master import MasterKeyError
from egide.journal.service import Entry, Journal, KeyStore


def open_journal() -> Journal:
    """The journal of this installation. Ends with a clear word when there is none."""
    config = Config.from_env()
    check_journal(config)
    try:
        return Journal.open(config, SystemClock(), KeyStore.open(config))
    except MasterKeyError as error:
        raise click.ClickException(str(error)) from error


@click.group(
    cls=LazyGroup,
    lazy={
        "eido": "keeping.eido:eido",
        "erase": "erase:erase",
        "hold": "erase:hold",
        "key": "verify:checkpoint_key",
        "move": "keeping.database:move",
        "prepare": "keeping.database:prepare",
        "release": "erase:release",
        "restored": "keeping.restored:restored",
        "verify": "verify:verify_command",
    },
    help=_("Look at the journal, prove it whole, take a copy out."),
)
def journal() -> None:
    """Look at the journal, prove it whole, take a copy out."""


@journal.command(help=_("Print the last events: seq, time, stream, version, kind, centre, zone."))
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("-f", "--follow", is_flag=True, help=_("go on as events come"))
@click.option(
    "--open",
    "opened",
    is_flag=True,
    help=_("unseal what you may read, with --as and --reason: a reading on record"),
)
@as_option
@reason_option
def tail(lines: int, follow: bool, opened: bool, person: str, reason: str) -> None:
    """Print the last events: seq, time, stream, version, kind, centre, zone."""
    found = open_journal()
    reader = ProvenReader(person, reason) if opened else None
    # Without --follow, up to the present end: the readings that this makes come behind it.
    head = found.head()
    seq = max(0, head - lines)
    with contextlib.ExitStack() as stack:
        bell = found.bell("tail")
        stack.callback(bell.close)
        try:
            while True:
                for row in found.read(after=seq):
                    if not follow and row.seq > head:
                        return
                    if reader is None or reader.may_know_of(row):
                        click.echo(_line(found, row, reader))
                    seq = row.seq
                if not follow and seq >= head:
                    return
                bell.wait()
                if reader is not None:
                    reader.look_again()
        except KeyboardInterrupt:
            return


def _line(found: Journal, row: Stored, reader: ProvenReader | None) -> str:
    at = utc(row.at_us).isoformat(timespec="milliseconds")
    clear = (
        f"{row.seq:>8}  {at}  {row.stream}  {row.version}  {row.kind}  {row.centre or '-'}  {row.zone or '-'}"
    )
    if reader is None or not reader.opens(row):
        return clear
    try:
        return f"{clear}\n          {base.encode(found.open_event(row)).decode()}"
    except (KeyErased, UnsealError, KeyError, msgspec.MsgspecError) as error:
        return f"{clear}\n          ({error})"


def whole(proof: Proof) -> str:
    """One line that says what was proven."""
    return _("whole: {events} events in {streams} streams, running hash {seq}:{running}").format(
        events=proof.events, streams=proof.streams, seq=proof.last_seq, running=proof.running.hex()
    )


def system_account() -> str:
    """The account of the machine under which this runs; behind sudo, whose it was before."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name


@journal.command(
    help=_("Write a self-contained copy to FILE: everything still sealed, or one alarm with its key.")
)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--alarm", help=_("only this alarm, with the key that opens it; needs --as and --reason"))
@click.option("--to", default="", help=_("whom the copy is for; recorded, and listed before an erasing"))
@as_option
@reason_option
def export(file: Path, alarm: str | None, to: str, person: str, reason: str) -> None:
    """Write a self-contained copy to FILE: everything still sealed, or one alarm with its key."""
    found = open_journal()
    stream = f"alarm:{alarm}" if alarm else ""
    rows, key = _of_alarm(found, stream, person, reason) if stream else (None, b"")
    try:
        # Private: anybody who reads the copy of one alarm can open it.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            # Recorded first: no copy may exist of which nobody knows.
            last_seq = rows[-1].seq if rows else found.head()
            taken = JournalExported(
                stream=stream, last_seq=last_seq, by=person if stream else system_account(), to=to
            )
            found.append([Entry(stream=EXPORTS_STREAM, event=taken)])
            header = Header(FORMAT, SystemClock().now_us(), stream, key)
            proof = write_export(header, rows if rows else found.every(), out)
    except FileExistsError as error:
        raise click.ClickException(_("{file} exists; name another file.").format(file=file)) from error
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise click.ClickException(text.format(file=file, why=error.strerror)) from error
    except JournalError as error:
        raise click.ClickException(str(error)) from error
    click.echo(whole(proof))


def _of_alarm(found: Journal, stream: str, person: str, reason: str) -> tuple[list[Stored], bytes]:
    """The events of an alarm and the key that opens them, for somebody who may read it; the reading is recorded.

    Ends with one sentence for an alarm that does not exist, was erased, or is not theirs.
    """
    reader, rows = ProvenReader(person, reason), found.stream(stream)
    missing = click.ClickException(
        _("There is no alarm {alarm} that {name} may open.").format(alarm=stream[6:], name=person)
    )
    try:
        if not rows or not reader.opens(rows[0]):
            raise missing
        return rows, found.keys.stream_key(rows[0].key, stream).raw
    except KeyErased as error:
        raise missing from error


@journal.command(help=_("Verify an export of one alarm and print its events, opened, as JSON lines."))
@click.argument("file", type=click.File("rb"))
def show(file: BinaryIO) -> None:
    """Verify an export of one alarm and print its events, opened, as JSON lines."""
    try:
        found = read_export(file)
        for row in found.rows:
            # Not through the vocabulary: kinds that a newer system wrote are shown too.
            event = json.loads(found.open_body(row))
            click.echo(json.dumps({"seq": row.seq, "at_us": row.at_us, "kind": row.kind, **event}))
    except (JournalError, UnsealError) as error:
        raise click.ClickException(str(error)) from error
