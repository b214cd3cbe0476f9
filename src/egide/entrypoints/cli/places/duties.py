"""`egide duties`: rosters from and for another program, unattended: by the rules of the page that imports them."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from egide.common.config import Config
from egide.common.files import replace_secret
from egide.common.text import _, language
from egide.entrypoints.cli.journal import system_account
from egide.entrypoints.cli.refusing import CommandRefused, check_journal

if TYPE_CHECKING:
    from egide.imports.reading import Fault

_STANDARD = "-"


@click.group(help=_("Duty rosters: in and out, as the file of another program."))
def duties() -> None:
    """Duty rosters: in and out, as the file of another program."""


@duties.command(
    "import",
    help=_(
        "Keep the lines of FILE (CSV, or - for stdin): kind, place, name, number, from, until, and perhaps account."
        " A wrong line is named, and then nothing is changed at all."
    ),
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--replace",
    "is_whole",
    is_flag=True,
    help=_("The file says all: other lines that begin in the time that it covers at a place are taken out."),
)
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def import_file(file: Path, is_whole: bool, as_json: bool) -> None:
    """Keep the lines of FILE."""
    _begin()
    # What stands on Django's packages loads only after its settings.
    from django.db import transaction
    from django.utils.translation import override

    from egide.imports.service import plan_of
    from egide.rollout.duties import do_keep, every_roster
    from egide.rollout.imports import duties_of, duty_of

    with override(language()), transaction.atomic():
        plan = plan_of(duties_of(every_roster()), _read(file))
        if not plan.faults:
            gone = do_keep(map(duty_of, plan.lines), system_account(), is_whole=is_whole)
    if plan.faults:
        raise _refused(plan.faults, as_json)
    said = {verb: plan.count(verb) for verb in ("new", "changed", "same")} | {"gone": gone}
    if as_json:
        click.echo(msgspec.json.encode(said).decode())
        return
    text = _("Lines: {new} new, {changed} changed, {same} unchanged; {gone} taken out.")
    click.echo(text.format(**said))


@duties.command(help=_("Write what is on or to come to FILE (or stdout), as the import reads it."))
@click.argument("file", default=_STANDARD, type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
def export(file: Path) -> None:
    """Write what is on or to come to FILE (or stdout), as the import reads it."""
    _begin()
    from egide.rollout.duties import every_roster, lines_of
    from egide.rollout.imports import as_csv

    rows = lines_of(every_roster())
    if str(file) == _STANDARD:
        click.echo(as_csv(rows), nl=False)
        return
    try:
        # Names and numbers of people: for its owner alone, and whole whenever somebody looks.
        replace_secret(file, as_csv(rows).encode())
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise CommandRefused(text.format(file=file, why=error.strerror)) from error
    click.echo(_("{file}, lines: {n}.").format(file=file, n=len(rows)))


def _begin() -> None:
    """The records of this installation. Raises NotSetUp where there is none."""
    check_journal(Config.from_env())
    from egide.entrypoints.upgrading.tables import setup

    setup()


def _read(file: Path) -> bytes:
    """Raises CommandRefused."""
    from egide.imports.reading import MOST_BYTES

    try:
        # One byte more than is allowed is enough to be refused.
        if str(file) == _STANDARD:
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandRefused(
            _("{file} cannot be read: {why}").format(file=file, why=error.strerror)
        ) from error


def _refused(faults: Iterable["Fault"], as_json: bool) -> CommandRefused:
    """Every fault, named; on stdout for a program."""
    faults = list(faults)
    if as_json:
        click.echo(msgspec.json.encode({"faults": faults}).decode())
    else:
        for fault in faults:
            place = _("line {line}, {column}: {fault}").format(
                line=fault.line, column=fault.column or "–", fault=fault.text
            )
            click.echo(place, err=True)
    return CommandRefused(_("Nothing was changed. Faults in the file: {n}.").format(n=len(faults)))
