"""Records and measures as files for science: CSV or Parquet with the data dictionary beside them, in one zip.

Written piece by piece while it is sent, so that no copy of the whole lies in memory; what costs is counting every
measure at its end. Coarser than the records themselves (coarsening.py). The same records give the same bytes. Inside
the service only, pseudonymous; that it was taken is an event before the first byte.
"""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import override

from egide.access.templatetags.units import day
from egide.evaluation.exports import dictionary
from egide.evaluation.exports.coarsening import TOO_FEW, coarse, is_enough, splits_of
from egide.evaluation.exports.dictionary import MEASURE_COLUMNS
from egide.evaluation.exports.table_texts import TABLES
from egide.evaluation.measures import REGISTRY
from egide.evaluation.measures.answering import answer
from egide.evaluation.records.period import Period
from egide.evaluation.records.shapes import COUNTRY, Cell, Measure, Places, Query, Records, Result

CSV, PARQUET = "csv", "parquet"
FORMATS = (CSV, PARQUET)
_ROWS, _CHUNK = 50_000, 1 << 20
# Entries of a zip carry a time; a fixed one, so that the same records give the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class WantedExport:
    """What is taken out: which period and place, and in which form."""

    period: Period
    places: Places = COUNTRY
    format: str = CSV


def rows_of(records: Records, name: str, wanted: WantedExport) -> pl.DataFrame:
    """The rows as they leave: those that hold on a day of the period, at the place; all of a table without a place."""
    return coarse(name, _chosen(records, name, wanted))


def _chosen(records: Records, name: str, wanted: WantedExport) -> pl.DataFrame:
    table, text = records[name], TABLES[name]
    if wanted.places.kind in table.columns:
        table = table.filter(pl.col(wanted.places.kind).is_in(list(wanted.places.codes)))
    first, last = wanted.period.first, wanted.period.last
    if not text.first:
        return table
    if text.first == "year":
        return table.filter(pl.col("year").is_between(first.year, last.year))
    ends = pl.col(text.last)
    # The day on which something ends counts: what was decided on the first day belongs to the period.
    return table.filter((pl.col(text.first) <= last) & (ends.is_null() | (ends >= first)))


def measure_rows(records: Records, wanted: WantedExport) -> Iterator[pl.DataFrame]:
    """Every measure whole, then by region, month and year where it can be; a frame for each."""
    for measure in REGISTRY.values():
        for by in splits_of(measure):
            result = answer(records, measure, Query(wanted.period, wanted.places, by))
            cells = result.cells if by else (result.whole, *result.cells)
            yield _frame(result, by, cells)


def _frame(result: Result, by: str, cells: tuple[Cell, ...]) -> pl.DataFrame:
    measure = REGISTRY[result.measure]
    dims = (*measure.dims, "", "")[:2]
    rows = []
    for cell in cells:
        keys = (*cell.keys[1 if by else 0 :], "", "")[:2]
        split = cell.keys[0] if by and cell.keys else ""
        figure = _figure(measure, cell)
        rows.append(
            (measure.id, measure.unit, by, split, dims[0], keys[0], dims[1], keys[1], *figure, result.on)
        )
    schema = {name: kind for name, (kind, _text) in MEASURE_COLUMNS.items()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _figure(measure: Measure, cell: Cell) -> tuple[object, ...]:
    if is_enough(measure, cell):
        return cell.value, cell.count, cell.n, cell.low, cell.high, cell.left_out, cell.unknown
    return None, None, None, None, None, cell.left_out, TOO_FEW


def files(records: Records, wanted: WantedExport) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every file of the export, name and content piece by piece, in the language that is active."""
    yield "README.md", iter([_readme(records, wanted).encode()])
    yield "dictionary.csv", iter([dictionary.as_csv().encode()])
    for name in TABLES:
        rows = rows_of(records, name, wanted)
        yield f"records/{name}.{wanted.format}", _pieces([rows], rows.schema, wanted.format)
    schema = pl.Schema({name: kind for name, (kind, _text) in MEASURE_COLUMNS.items()})
    yield f"measures.{wanted.format}", _pieces(measure_rows(records, wanted), schema, wanted.format)


def _pieces(frames: Iterable[pl.DataFrame], schema: pl.Schema, format: str) -> Iterator[bytes]:
    return _csv(frames, schema) if format == CSV else _parquet(frames, schema)


def _csv(frames: Iterable[pl.DataFrame], schema: pl.Schema) -> Iterator[bytes]:
    """UTF-8, comma, one heading (RFC 4180); an unknown value is an empty field, a text of no letters is \"\"."""
    yield pl.DataFrame(schema=schema).write_csv().encode()
    for frame in frames:
        for part in frame.iter_slices(_ROWS):
            yield part.write_csv(include_header=False).encode()


def _parquet(frames: Iterable[pl.DataFrame], schema: pl.Schema) -> Iterator[bytes]:
    """A Parquet file has its table of contents at the end: written to the disk first, under no name, then read."""
    whole = pl.concat([pl.DataFrame(schema=schema), *frames])
    with tempfile.TemporaryFile() as file:
        whole.write_parquet(file)
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


class _Outlet:
    """A file that cannot seek: what is written can be taken once."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def zipped(records: Records, wanted: WantedExport, language: str) -> Iterator[bytes]:
    """The export as one zip, piece by piece."""
    outlet = _Outlet()
    with zipfile.ZipFile(cast(IO[bytes], outlet), "w") as archive:
        with override(language):
            found = files(records, wanted)
        while True:
            with override(language):
                file = next(found, None)
            if file is None:
                break
            name, content = file
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(PARQUET) else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as entry:
                for piece in content:
                    entry.write(piece)
                    yield outlet.take()
    yield outlet.take()


def do_write(records: Records, wanted: WantedExport, folder: Path) -> list[Path]:
    """The export as files in a folder. Raises FileExistsError when one of them is there already."""
    written = []
    for name, content in files(records, wanted):
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            path.chmod(0o600)
            file.writelines(content)
        written.append(path)
    return written


def rows_in_all(records: Records, wanted: WantedExport) -> int:
    """How many rows of records leave."""
    return sum(_chosen(records, name, wanted).height for name in TABLES)


def _readme(records: Records, wanted: WantedExport) -> str:
    about = records.about
    place = str(wanted.places) or _("the whole country")
    span = {"first": day(wanted.period.first), "last": day(wanted.period.last), "place": place}
    parts = ["# " + _("Records for science and measures"), ""]
    if about.is_invented:
        parts += ["**" + _("Invented data: nobody and nothing in it is real.") + "**", ""]
    parts += [
        _("Period: %(first)s to %(last)s. Place: %(place)s.") % span,
        _("Built from the journal up to event %(seq)s; the records tell until %(until)s.")
        % {"seq": about.seq, "until": day(about.until)},
        *([about.unread_text()] if about.unread else []),
        "",
        _(
            "For the service only. These are no anonymous data: whoever knows enough of somebody may recognise a row,"
            " although place and time are coarse. Keep them where only those can read who must, and do not join them"
            " with other files. Publish nothing but the tables of the yearly report."
        ),
        "",
        _(
            "The tables hold the rows that hold on a day of the period. Measures that look back further, such as"
            " “people protected so far”, are counted over all records."
        ),
        "",
        dictionary.as_markdown(),
    ]
    return "\n".join(parts)
