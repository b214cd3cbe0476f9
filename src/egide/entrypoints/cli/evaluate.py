"""`egide evaluate`: the figures of a period, for people or as JSON; or first write the invented national history."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec

from egide.common.text import LANGUAGES, _, language
from egide.entrypoints.cli.outputs import (
    no_place,
    no_records,
    reader_of,
    write_export,
    write_report,
    write_sheet,
)
from egide.entrypoints.cli.person import as_option, reason_option
from egide.entrypoints.cli.published import published_text
from egide.entrypoints.cli.refusing import Refused


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
    service = _service()
    if [bool(period), bool(published), bool(report)].count(True) != 1:
        raise Refused(
            _("Name a period (--period 2023), a year of published tables (--published 2023) or of a report.")
        )
    if bool(against or report) != bool(file):
        raise Refused(_("-o goes with --against or with --report."))
    asked: Any = _period(service, period) if period else None
    other = _period(service, against) if against else None
    _make_records(service, history=history, keep=keep)
    if published:
        click.echo(published_text(published, as_json=as_json, as_csv=published_csv))
        return
    if report and file:
        write_report(report, lang, file)
        return
    # What leaves the service anyway was done above; the rest is for people with the right to it.
    reader = reader_of(service, person, reason, takes_rows=folder is not None)
    if folder:
        write_export(asked, _places(service, place), folder, form, lang, reader)
        return
    if file:
        write_sheet(asked, other, _places(service, place), lang, file)
        return
    try:
        results = service.compute(asked, _places(service, place), ids, by)
        about = service.records().about
    except service.NoRecords as error:
        raise no_records() from error
    except service.UnknownPlace as error:
        raise no_place(error) from error
    except (service.UnknownMeasure, service.CannotSplit) as error:
        raise Refused(_("This cannot be asked: {what}.").format(what=error)) from error
    if as_json:
        click.echo(_as_json(service, str(asked), place, about, results))
    else:
        for line in _lines(service, str(asked), about, results):
            click.echo(line)


def _service() -> Any:
    """Evaluation's face; Django's packages load only after its settings."""
    from egide.entrypoints.processes.web import setup

    setup()
    from egide.evaluation import service

    return service


def _period(service: Any, text: str) -> Any:
    try:
        return service.Period.parse(text)
    except service.ImpossiblePeriod as error:
        why = {
            "form": _("write it as 2019-01..2023-10, 2023-10 or 2023"),
            "month": _("there is no such month"),
            "backwards": _("it ends before it begins"),
        }[error.why]
        raise Refused(_("{text} is no period: {why}.").format(text=repr(text), why=why)) from error


def _places(service: Any, text: str) -> Any:
    if not text:
        return service.COUNTRY
    kind, _colon, code = text.partition(":")
    return service.Places(kind, tuple(code.split(",")))


def _make_records(service: Any, *, history: bool, keep: bool) -> None:
    if history:
        _write_history()
    if history or not keep:
        service.rebuild()


def _write_history() -> None:
    from egide.demo.history.world import HistoryRefused
    from egide.demo.history.writing import do_write_history

    try:
        do_write_history()
    except HistoryRefused as error:
        raise Refused(str(error)) from error


def _as_json(service: Any, period: str, place: str, about: Any, results: dict[str, Any]) -> str:
    measures = service.measures()
    content = {
        "period": period,
        "place": place or "country",
        "records": {
            name: str(value) if name in ("since", "until") else value for name, value in asdict(about).items()
        },
        "invented": about.is_invented,
        "measures": [
            {
                "id": name,
                "title": measures[name].title,
                "unit": measures[name].unit_text,
                "population": measures[name].population,
                "source": measures[name].source,
                "interval": measures[name].interval,
                "dims": result.dims,
                "on": result.on,
                "notes": result.note_texts(),
                "whole": _cell(result.whole),
                "cells": [_cell(cell) for cell in result.cells],
            }
            for name, result in results.items()
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1).decode()


def _cell(cell: Any) -> dict[str, Any]:
    """Without what is empty; an unknown figure says so instead of a value."""
    content = msgspec.structs.asdict(cell)
    kept = {
        name: value
        for name, value in content.items()
        if value not in (None, "", (), 0) or name in ("value", "n")
    }
    if cell.unknown:
        kept.pop("value", None)
    return kept


def _lines(service: Any, period: str, about: Any, results: dict[str, Any]) -> list[str]:
    measures, lines = service.measures(), []
    if about.is_invented:
        lines.append(_("Invented data: nobody and nothing in it is real."))
    lines.append(
        _("{period}; records from {since} to {until}").format(
            period=period, since=about.since, until=about.until
        )
    )
    if about.unread:
        lines.append(about.unread_text())
    for name, result in results.items():
        lines.append("")
        lines.append(f"{measures[name].title}: {_figure(service, result.whole)} ({measures[name].unit_text})")
        lines += [f"  {text}" for text in (measures[name].population, *result.note_texts())]
        for cell in result.cells:
            words = " · ".join(measures[name].word(key) or "–" for key in cell.keys)
            lines.append(f"    {words}: {_figure(service, cell)}")
    return lines


def _figure(service: Any, cell: Any) -> str:
    if cell.unknown:
        from django.utils.translation import gettext

        return str(gettext(service.UNKNOWN[cell.unknown]))
    text = f"{cell.value:.4g}" if cell.value != round(cell.value) else f"{round(cell.value)}"
    if cell.count is not None:
        text += f" ({cell.count} / {cell.n})"
    if cell.low is not None:
        text += f" [{cell.low:.4g} – {cell.high:.4g}]"
    return text
