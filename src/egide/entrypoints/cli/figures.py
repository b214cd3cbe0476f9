"""The figures that `egide evaluate` shows, as text and as JSON. Loaded after Django's settings."""

from dataclasses import asdict
from typing import Any

import msgspec
from django.utils.translation import gettext

from egide.common.text import _
from egide.demo.history.past import HistoryRefused
from egide.demo.history.writing import do_write_history
from egide.entrypoints.cli.outputs import no_place, no_records
from egide.entrypoints.cli.refusing import CommandRefused
from egide.evaluation import service
from egide.evaluation.service import About, Cell, Period, Places, Result


def period_of(text: str) -> Period:
    """Raises CommandRefused."""
    try:
        return Period.parse(text)
    except service.ImpossiblePeriod as error:
        why = {
            "form": _("write it as 2019-01..2023-10, 2023-10 or 2023"),
            "month": _("there is no such month"),
            "backwards": _("it ends before it begins"),
        }[error.why]
        raise CommandRefused(_("{text} is no period: {why}.").format(text=repr(text), why=why)) from error


def places_of(text: str) -> Places:
    """ "zone:5340,5341" or the whole country."""
    if not text:
        return service.COUNTRY
    kind, _colon, code = text.partition(":")
    return Places(kind, tuple(code.split(",")))


def make_records(*, history: bool, keep: bool) -> None:
    """Write the invented history first where asked, then build the records anew. Raises CommandRefused."""
    if history:
        _write_history()
    if history or not keep:
        service.rebuild()


def _write_history() -> None:
    try:
        do_write_history()
    except HistoryRefused as error:
        raise CommandRefused(str(error)) from error


def text_of(period: Period, places: Places, ids: tuple[str, ...], by: str, *, as_json: bool) -> str:
    """The figures that were asked for. Raises CommandRefused."""
    try:
        results = service.compute(period, places, ids, by)
        about = service.records().about
    except service.NoRecords as error:
        raise no_records() from error
    except service.UnknownPlace as error:
        raise no_place(error) from error
    except (service.UnknownMeasure, service.CannotSplit) as error:
        raise CommandRefused(_("This cannot be asked: {what}.").format(what=error)) from error
    if as_json:
        return _as_json(period, places, about, results)
    return "\n".join(_lines(period, about, results))


def _as_json(period: Period, places: Places, about: About, results: dict[str, Result]) -> str:
    measures = service.measures()
    content = {
        "period": str(period),
        "place": str(places) or "country",
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


def _cell(cell: Cell) -> dict[str, Any]:
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


def _lines(period: Period, about: About, results: dict[str, Result]) -> list[str]:
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
        lines.append(f"{measures[name].title}: {_figure(result.whole)} ({measures[name].unit_text})")
        lines += [f"  {text}" for text in (measures[name].population, *result.note_texts())]
        for cell in result.cells:
            words = " · ".join(measures[name].word(key) or "–" for key in cell.keys)
            lines.append(f"    {words}: {_figure(cell)}")
    return lines


def _figure(cell: Cell) -> str:
    if cell.unknown or cell.value is None:
        return gettext(service.UNKNOWN[cell.unknown])
    text = f"{cell.value:.4g}" if cell.value != round(cell.value) else f"{round(cell.value)}"
    if cell.count is not None:
        text += f" ({cell.count} / {cell.n})"
    if cell.low is not None:
        text += f" [{cell.low:.4g} – {cell.high:.4g}]"
    return text
