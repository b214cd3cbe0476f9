"""What `egide evaluate` writes as files: the export for science, documents as PDF. Loaded after Django's settings."""

from dataclasses import dataclass
from pathlib import Path

import click

from egide.access import rules
from egide.access.scope import scope_of
from egide.common.text import _
from egide.entrypoints.cli.journal import system_account
from egide.entrypoints.cli.person import checked_reason, prove
from egide.entrypoints.cli.refusing import CommandRefused
from egide.evaluation import service
from egide.evaluation.exports import outputs
from egide.evaluation.pages import report, sheet
from egide.evaluation.published import editions
from egide.evaluation.service import Period, Places, UnknownPlace


def no_records() -> CommandRefused:
    """Nothing was built."""
    return CommandRefused(_("No records were built yet: leave out --keep."))


def no_place(error: UnknownPlace) -> CommandRefused:
    """A place that does not exist."""
    return CommandRefused(_("There is no {kind} {code}.").format(kind=error.kind, code=repr(error.code)))


@dataclass(frozen=True)
class Taker:
    """Who takes figures or rows, and why; the scope says of which files they must not hear."""

    scope: rules.Scope
    why: str = ""


def reader_of(person: str, reason: str, *, takes_rows: bool) -> Taker:
    """Somebody who may read the figures of real people, proven; rows want an evaluator and a reason. Raises
    CommandRefused.

    An invented past is everybody's: nobody in it is real, and it has no accounts.
    """
    try:
        is_invented = service.records().about.is_invented
    except service.NoRecords as error:
        raise no_records() from error
    if is_invented:
        return Taker(rules.Scope(user=system_account(), title=""))
    why = checked_reason(reason) if takes_rows else ""
    scope = scope_of(prove(person))
    if scope.roles.isdisjoint((rules.EVALUATOR,) if takes_rows else rules.FIGURE_ROLES):
        raise CommandRefused(_("There is nothing here that {name} may read.").format(name=person))
    return Taker(scope, why)


def write_export(
    period: Period, places: Places, folder: Path, form: str, language: str, taker: Taker
) -> None:
    """Records and measures as files. Raises CommandRefused."""
    if folder.exists() and any(folder.iterdir()):
        raise CommandRefused(_("{folder} holds something already: name an empty one.").format(folder=folder))
    try:
        wanted = outputs.WantedExport(period, places, form)
        written = outputs.do_write_export(wanted, taker.scope, language, folder, taker.why)
    except service.NoRecords as error:
        raise no_records() from error
    except service.UnknownPlace as error:
        raise no_place(error) from error
    except outputs.TooFine as error:
        raise CommandRefused(_("An export is for the country or for dispatch centres.")) from error
    except outputs.NotNoted as error:
        raise CommandRefused(
            _("The journal takes nothing now, so nothing may leave: {why}").format(why=error)
        ) from error
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise CommandRefused(text.format(file=folder, why=error.strerror)) from error
    click.echo(_("Files in {folder}: {n}.").format(n=len(written), folder=folder))


def write_sheet(period: Period, other: Period, places: Places, language: str, file: Path) -> None:
    """The steering committee's page. Raises CommandRefused."""
    try:
        service.checked(period, places)
        content = sheet.make_sheet(sheet.WantedSheet(period, other, language, places))
    except service.NoRecords as error:
        raise no_records() from error
    except service.UnknownPlace as error:
        raise no_place(error) from error
    write_pdf(content, file)


def write_report(year: int, language: str, file: Path) -> None:
    """The yearly report. Raises CommandRefused."""
    try:
        content = report.make_report(year, language)
    except service.NoRecords as error:
        raise no_records() from error
    except editions.NotPublishable as error:
        raise CommandRefused(_("There are no tables of {year}.").format(year=year)) from error
    write_pdf(content, file)


def write_pdf(content: bytes, file: Path) -> None:
    """A document, over one of before. Raises CommandRefused."""
    try:
        file.write_bytes(content)
    except OSError as error:
        text = _("{file} cannot be written: {why}")
        raise CommandRefused(text.format(file=file, why=error.strerror)) from error
    click.echo(_("{file}: {n} bytes.").format(file=file, n=len(content)))
