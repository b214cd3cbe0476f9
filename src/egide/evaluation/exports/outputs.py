"""The face of everything that is handed out as a file: exports for science, and who took them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import override

from egide.access.rules import Scope
from egide.common.sealing import UnsealError
from egide.evaluation import service
from egide.evaluation.exports import exporting
from egide.evaluation.exports.coarsening import may_leave
from egide.evaluation.exports.exporting import CSV, FORMATS, PARQUET, WantedExport
from egide.evaluation.records.shapes import Records
from egide.events.register import RecordsExported
from egide.journal.errors import JournalError
from egide.journal.service import Entry
from egide.outbox.service import journal

STREAM = "evaluation:exports"
_SHOWN = 20


class NotNoted(Exception):
    """The journal could not take the note that something leaves: nothing leaves."""


class TooFine(ValueError):
    """An export of a single zone or office would tell where its rows lie."""


@dataclass(frozen=True)
class Taken:
    """An export that somebody took."""

    at_us: int
    event: RecordsExported


def do_export(wanted: WantedExport, scope: Scope, language: str) -> Iterator[bytes]:
    """The export as a zip, piece by piece; noted before. Raises NoRecords, UnknownPlace, TooFine, NotNoted."""
    records = _checked(wanted, scope)
    _do_note(records, wanted, scope.user)
    return exporting.zipped(records, wanted, language)


def do_write_export(wanted: WantedExport, scope: Scope, language: str, folder: Path, why: str) -> list[Path]:
    """The export as files; noted before.

    Raises NoRecords, UnknownPlace, TooFine, NotNoted, FileExistsError, OSError.
    """
    records = _checked(wanted, scope)
    _do_note(records, wanted, scope.user, why)
    with override(language):
        return exporting.do_write(records, wanted, folder)


def _checked(wanted: WantedExport, scope: Scope) -> Records:
    records = service.checked(wanted.period, wanted.places)
    if not may_leave(wanted.places):
        raise TooFine(str(wanted.places))
    return service.readable_by(scope, records)


def _do_note(records: Records, wanted: WantedExport, by: str, why: str = "") -> None:
    event = RecordsExported(
        by=by,
        period=str(wanted.period),
        place=str(wanted.places),
        format=wanted.format,
        rows=exporting.rows_in_all(records, wanted),
        seq=records.about.seq,
        why=why,
    )
    try:
        journal().append([Entry(stream=STREAM, event=event)])
    except JournalError as error:
        raise NotNoted(str(error)) from error


def taken() -> list[Taken]:
    """The last exports, newest first."""
    found = []
    for row in reversed(journal().stream(STREAM)[-_SHOWN:]):
        try:
            event = journal().open_event(row)
        except UnsealError:
            continue
        assert isinstance(event, RecordsExported)
        found.append(Taken(row.at_us, event))
    return found


__all__ = [
    "CSV",
    "FORMATS",
    "PARQUET",
    "NotNoted",
    "Taken",
    "TooFine",
    "WantedExport",
    "do_export",
    "do_write_export",
    "taken",
]
