"""`egide journal verify`: prove the journal whole, also against what signed checkpoints saw (safety rule 36)."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import click

from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.journal import open_journal, whole
from egide.journal.chain import Stored
from egide.journal.errors import ChainBroken, JournalError, JournalUnavailable
from egide.journal.proof.checkpoint import Checkpoint, CheckpointDisagrees, check_signatures, read_checkpoints
from egide.journal.proof.checkpoints import KEY_FILE, Comparison, signing_key
from egide.journal.proof.export import read_export
from egide.journal.proof.verify import Proof, verify
from egide.journal.service import Journal


@click.command(
    name="verify",
    help=_(
        "Prove that no event was removed or changed; of an EXPORT file (no system needed) or of the journal."
    ),
)
@click.argument("export", required=False, type=click.File("rb"))
@click.option(
    "--expect", metavar="SEQ:HASH", help=_("a running hash noted earlier: also shows a cut-off end")
)
@click.option(
    "--checkpoints",
    "file",
    type=click.File("rb"),
    help=_("signed checkpoints, best from the second place: also shows what was replaced or cut off"),
)
@click.option(
    "--key", metavar="PUBLIC", help=_("the public key that must have signed them, in hex, or a file with it")
)
def verify_command(
    export: BinaryIO | None, expect: str | None, file: BinaryIO | None, key: str | None
) -> None:
    """Prove that no event was removed or changed; of an EXPORT file (no system needed) or of the journal."""
    checkpoints: list[Checkpoint] = []
    try:
        if file is not None:
            checkpoints = _read(file, key, has_installation=export is None)
        comparison = Comparison(checkpoints)
        proof = _prove(export, expect, checkpoints, comparison)
        comparison.check()
    except ChainBroken as error:
        click.echo(_("BROKEN at event {seq}: {why}").format(seq=error.seq, why=error.why), err=True)
        _name_witness(checkpoints, error.seq)
        sys.exit(1)
    except CheckpointDisagrees as error:
        click.echo(_("BROKEN: {why}").format(why=error), err=True)
        sys.exit(1)
    except JournalUnavailable as error:
        click.echo(_("BROKEN: the database cannot be read ({why})").format(why=error), err=True)
        sys.exit(1)
    except JournalError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(whole(proof))
    if checkpoints:
        last = max(checkpoints, key=lambda one: one.at_us)
        text = _("{count} checkpoints agree, the last of {time} at event {seq}, signed by {key}")
        values = {"count": len(checkpoints), "time": last.when, "seq": last.seq, "key": last.public_key.hex()}
        click.echo(text.format(**values))
        _name_handed_on(checkpoints)
        _name_restores(checkpoints)


def _prove(
    export: BinaryIO | None, expect: str | None, checkpoints: list[Checkpoint], comparison: Comparison
) -> Proof:
    """Raises ChainBroken, JournalError."""
    if export is not None:
        found = read_export(export)
        if checkpoints and found.header.stream:
            raise JournalError(_("Checkpoints cover the whole journal; this export holds one alarm only."))
        for row in found.rows:
            comparison.add(row.seq, row.hash)
        return found.proof
    here = open_journal()
    if expect is not None:
        _check_expected(here, expect)
    # Asked before: what people press meanwhile may already be among the events, and is no end that is missing.
    given = here.last_given_seq()
    proof = verify(comparison.passing(here.every()))
    if proof.last_seq < given:
        raise ChainBroken(proof.last_seq + 1, _("events are missing at the end"))
    return proof


def _check_expected(found: Journal, expect: str) -> None:
    """Compare with a proof noted earlier. Raises ChainBroken, JournalError."""
    seq_text, _colon, running = expect.partition(":")
    if not seq_text.isdigit():
        raise JournalError(_("--expect takes SEQ:HASH as an earlier 'verify' printed it"))
    seq = int(seq_text)
    proof = verify(_until(found.every(), seq))
    if proof.last_seq != seq or proof.running.hex() != running:
        raise ChainBroken(proof.last_seq, _("the journal is not the one whose running hash was noted"))


def _until(rows: Iterable[Stored], seq: int) -> Iterable[Stored]:
    return (row for row in rows if row.seq <= seq)


def _read(file: BinaryIO, key: str | None, *, has_installation: bool) -> list[Checkpoint]:
    """The checkpoints of a file, their signatures checked. Raises JournalError, CheckpointDisagrees."""
    found, unreadable = read_checkpoints(file.read())
    if not found:
        raise JournalError(_("There is no checkpoint in this file."))
    if unreadable:
        click.echo(
            _("Lines of the checkpoints that cannot be read: {count}.").format(count=unreadable), err=True
        )
    check_signatures(found, _public_key(key, found, has_installation=has_installation))
    return found


def _public_key(key: str | None, found: list[Checkpoint], *, has_installation: bool) -> bytes:
    """The key that must have signed: the one given, else this installation's, else the one that the file names."""
    config = Config.from_env()
    if key is not None:
        text = Path(key).read_text().strip() if Path(key).is_file() else key
        try:
            public_key = bytes.fromhex(text)
        except ValueError:
            public_key = b""
        if len(public_key) != 32:
            raise JournalError(_("--key takes 64 hexadecimal digits, or a file that holds them."))
        return public_key
    if has_installation and (config.data_dir / KEY_FILE).exists():
        return bytes(signing_key(config).verify_key)
    click.echo(_("No --key was given: compare the key below with the one that was handed to you."), err=True)
    return found[-1].public_key


def _name_witness(checkpoints: list[Checkpoint], seq: int) -> None:
    """Name the first checkpoint that saw what is broken now."""
    witness = next((checkpoint for checkpoint in checkpoints if checkpoint.seq >= seq), None)
    if witness is not None:
        text = _("The checkpoint of {time} still saw it whole (up to event {seq}).")
        click.echo(text.format(time=witness.when, seq=witness.seq), err=True)


def _name_restores(checkpoints: list[Checkpoint]) -> None:
    """Say after which event a back-up was restored, and what checkpoints had seen that is gone since."""
    restored = [one for one in checkpoints if one.seen]
    lost = [one for one in checkpoints if one.was_lost(restored)]
    for one in restored:
        gone = [each.seq for each in lost if each.was_lost([one])]
        text = _(
            "On {time} the journal was restored from a back-up, up to event {seq}; events seen after it: {count}."
        )
        click.echo(text.format(time=one.when, seq=one.seq, count=max(gone, default=one.seq) - one.seq))


def _name_handed_on(checkpoints: list[Checkpoint]) -> None:
    """Say from which key to which, and when: the second authority compares them with its papers."""
    for one in checkpoints:
        if one.next_key:
            text = _("On {time}, at event {seq}, the key was handed on from {old} to {new}.")
            values = {
                "time": one.when,
                "seq": one.seq,
                "old": one.public_key.hex(),
                "new": one.next_key.hex(),
            }
            click.echo(text.format(**values))


@click.command(name="key", help=_("Print the public key of this installation's checkpoints, in hex."))
def checkpoint_key() -> None:
    """Print the public key of this installation's checkpoints, in hex."""
    open_journal()
    click.echo(bytes(signing_key(Config.from_env()).verify_key).hex())
