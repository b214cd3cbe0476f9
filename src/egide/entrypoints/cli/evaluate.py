"""`egide evaluate`: the figures of a period, for people or as JSON; or first write the invented national history."""

from pathlib import Path

import click

from egide.common.text import LANGUAGES, _, language
from egide.entrypoints.cli.person import as_option, reason_option
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.upgrading.tables import setup


@click.command(
    help=_(
        "The figures of a period, each with its population, unit and source. The records are built anew from the"
        " journal first."
    )
)
@click.option(
    "--period", default="", metavar="FROM..TO", help=_("months, such as 2019-01..2023-10, or a year")
)
@click.option(
    "--published",
    default=0,
    metavar="YEAR",
    help=_("instead: the yearly tables that leave the service, those that are out or else as they would be"),
)
@click.option("--published-csv", is_flag=True, help=_("print the published tables as CSV"))
@click.option(
    "--place",
    default="",
    metavar="KIND:CODE",
    help=_("centre:OVL, zone:5415 or office:mons; else the country"),
)
@click.option(
    "--by", default="", metavar="WHAT", help=_("split by centre, zone, office, hour, month or year")
)
@click.option("--measure", "ids", multiple=True, metavar="ID", help=_("only this measure; can be repeated"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON"))
@click.option("--keep", is_flag=True, help=_("take the records as they were built last"))
@click.option(
    "--history",
    is_flag=True,
    help=_("first write the invented national history into an empty data directory"),
)
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=_("write records and measures with their data dictionary into this folder"),
)
@click.option("--format", "form", type=click.Choice(("csv", "parquet")), default="csv", show_default=True)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=language,
    help=_("language of what is written; that of the command else"),
)
@click.option(
    "--report",
    default=0,
    metavar="YEAR",
    help=_("instead, with -o: the yearly report of the tables that leave the service"),
)
@click.option(
    "--against",
    default="",
    metavar="FROM..TO",
    help=_("with -o: the steering committee’s page, both periods side by side"),
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("the PDF to write"),
)
@as_option
@reason_option
def evaluate(
    period: str,
    published: int,
    published_csv: bool,
    place: str,
    by: str,
    ids: tuple[str, ...],
    as_json: bool,
    keep: bool,
    history: bool,
    folder: Path | None,
    form: str,
    lang: str,
    report: int,
    against: str,
    file: Path | None,
    person: str,
    reason: str,
) -> None:
    """The figures of a period."""
    if [bool(period), bool(published), bool(report)].count(True) != 1:
        raise CommandRefused(
            _("Name a period (--period 2023), a year of published tables (--published 2023) or of a report.")
        )
    if bool(against or report) != bool(file):
        raise CommandRefused(_("-o goes with --against or with --report."))
    setup()
    # What stands on Django's packages loads only after its settings.
    from egide.entrypoints.cli import figures, outputs
    from egide.entrypoints.cli.published import published_text

    asked = figures.period_of(period or str(published or report))
    other = figures.period_of(against) if against else None
    figures.make_records(history=history, keep=keep)
    if published:
        click.echo(published_text(published, as_json=as_json, as_csv=published_csv))
        return
    if report and file:
        outputs.write_report(report, lang, file)
        return
    # What leaves the service anyway was done above; the rest is for people with the right to it.
    reader = outputs.reader_of(person, reason, takes_rows=folder is not None)
    places = figures.places_of(place)
    if folder:
        outputs.write_export(asked, places, folder, form, lang, reader)
    elif file and other:
        outputs.write_sheet(asked, other, places, lang, file)
    else:
        click.echo(figures.text_of(asked, places, ids, by, as_json=as_json))
