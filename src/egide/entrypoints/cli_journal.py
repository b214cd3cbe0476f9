"""`egide journal`: look at the journal, prove it whole, take a copy out."""

import contextlib
import json
import sqlite3
import sys
from pathlib import Path
from typing import BinaryIO

import click

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.common.sealing import UnsealError
from egide.common.text import _
from egide.events import base
from egide.events.register import JournalExported
from egide.journal.bell import Bell
from egide.journal.chain import Stored
from egide.journal.errors import ChainBroken, JournalError
from egide.journal.export import FORMAT, Header, read_export, write_export
from egide.journal.keys import KeyErased
from egide.journal.service import Entry, Journal, KeyStore
from egide.journal.verify import Proof, verify

_EXPORTS = "system:exports"


def open_journal() -> Journal:
    """The journal of this installation. Ends with a clear word when there is none."""
    config = Config.from_env()
    if not config.journal_db.exists():
        raise click.ClickException(
            _("There is no journal in {place}. Set EGIDE_DATA to the data directory.").format(
                place=config.data_dir
            )
        )
    return Journal.open(config, SystemClock(), KeyStore.open(config))


@click.group(help=_("Look at the journal, prove it whole, take a copy out."))
def journal() -> None:
    """Look at the journal, prove it whole, take a copy out."""


@journal.command(help=_("Print the last events: seq, time, stream, version, kind, centre, zone."))
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("-f", "--follow", is_flag=True, help=_("go on as events come"))
@click.option("--open", "opened", is_flag=True, help=_("unseal the bodies (needs the keys)"))
def tail(lines: int, follow: bool, opened: bool) -> None:
    """Print the last events: seq, time, stream, version, kind, centre, zone."""
    found = open_journal()
    seq = max(0, found.head() - lines)
    with contextlib.ExitStack() as stack:
        bell = Bell(found.bells_dir, "tail")
        stack.callback(bell.close)
        try:
            while True:
                for row in found.read(after=seq):
                    click.echo(_line(found, row, opened))
                    seq = row.seq
                if not follow and seq >= found.head():
                    return
                bell.wait()
        except KeyboardInterrupt:
            return


def _line(found: Journal, row: Stored, opened: bool) -> str:
    at = utc(row.at_us).isoformat(timespec="milliseconds")
    clear = (
        f"{row.seq:>8}  {at}  {row.stream}  {row.version}  {row.kind}  {row.centre or '-'}  {row.zone or '-'}"
    )
    if not opened:
        return clear
    try:
        return f"{clear}\n          {base.encode(found.open_event(row)).decode()}"
    except (KeyErased, UnsealError) as error:
        return f"{clear}\n          ({error})"


@journal.command(
    name="verify",
    help=_(
        "Prove that no event was removed or changed; of an EXPORT file (no system needed) or of the journal."
    ),
)
@click.argument("export", required=False, type=click.File("rb"))
@click.option(
    "--expect", metavar="SEQ:HASH", help=_("a running hash noted earlier: also shows a cut-off end")
)
def verify_command(export: BinaryIO | None, expect: str | None) -> None:
    """Prove that no event was removed or changed; of an EXPORT file (no system needed) or of the journal."""
    try:
        if export is not None:
            proof = read_export(export).proof
        else:
            found = open_journal()
            if expect is not None:
                _check_expected(found, expect)
            proof = verify(found.every())
            if proof.last_seq != found.last_given_seq():
                raise ChainBroken(proof.last_seq + 1, _("events are missing at the end"))
    except ChainBroken as error:
        click.echo(_("BROKEN at event {seq}: {why}").format(seq=error.seq, why=error.why), err=True)
        sys.exit(1)
    except sqlite3.DatabaseError as error:
        click.echo(_("BROKEN: the database cannot be read ({why})").format(why=error), err=True)
        sys.exit(1)
    except JournalError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(_whole(proof))


def _whole(proof: Proof) -> str:
    return _("whole: {events} events in {streams} streams, running hash {seq}:{running}").format(
        events=proof.events, streams=proof.streams, seq=proof.last_seq, running=proof.running.hex()
    )


def _check_expected(found: Journal, expect: str) -> None:
    """Compare with a proof noted earlier. Raises ChainBroken, JournalError."""
    seq_text, _colon, running = expect.partition(":")
    if not seq_text.isdigit():
        raise JournalError(_("--expect takes SEQ:HASH as an earlier 'verify' printed it"))
    seq = int(seq_text)
    proof = verify(row for row in found.every() if row.seq <= seq)
    if proof.last_seq != seq or proof.running.hex() != running:
        raise ChainBroken(proof.last_seq, _("the journal is not the one whose running hash was noted"))


@journal.command(
    help=_("Write a self-contained copy to FILE: everything still sealed, or one alarm with its key.")
)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--alarm", help=_("only this alarm, with the key that opens it"))
def export(file: Path, alarm: str | None) -> None:
    """Write a self-contained copy to FILE: everything still sealed, or one alarm with its key."""
    found = open_journal()
    stream = f"alarm:{alarm}" if alarm else ""
    rows = found.stream(stream) if stream else None
    if rows == []:
        raise click.ClickException(_("There is no alarm {alarm}.").format(alarm=alarm))
    key = found.keys.stream_key(rows[0].key, stream).raw if rows else b""
    header = Header(FORMAT, SystemClock().now_us(), stream, key)
    try:
        with file.open("xb") as out:
            proof = write_export(header, rows if rows else found.every(), out)
    except FileExistsError as error:
        raise click.ClickException(_("{file} exists; name another file.").format(file=file)) from error
    except ChainBroken as error:
        raise click.ClickException(str(error)) from error
    found.append([Entry(stream=_EXPORTS, event=JournalExported(stream=stream, last_seq=proof.last_seq))])
    click.echo(_whole(proof))


@journal.command(help=_("Verify an export of one alarm and print its events, opened, as JSON lines."))
@click.argument("file", type=click.File("rb"))
def show(file: BinaryIO) -> None:
    """Verify an export of one alarm and print its events, opened, as JSON lines."""
    try:
        found = read_export(file)
        for row in found.rows:
            event = json.loads(base.encode(found.open_event(row)))
            click.echo(json.dumps({"seq": row.seq, "at_us": row.at_us, "kind": row.kind, **event}))
    except (JournalError, UnsealError) as error:
        raise click.ClickException(str(error)) from error
