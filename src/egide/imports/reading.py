"""Reads a CSV file that somebody uploads: all its rows, or every fault with line and column, in the reader’s words."""

import csv
import io
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MOST_BYTES = 1024 * 1024
MOST_LINES = 20_000
MOST_SIGNS = 200


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place of the file. `line` counts from 1, the heading included; 0 is the file as a whole."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class CsvLine:
    """One row of the file: its number and the values of the known columns, without spaces around; `named` are the
    columns of the heading."""

    number: int
    values: Mapping[str, str]
    named: Container[str] = ()

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def fault(self, column: str, text: str) -> Fault:
        return Fault(self.number, column, text)


@dataclass
class Table:
    """What was read: lines, and faults. Only a table without faults may be imported."""

    lines: list[CsvLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_table(
    data: bytes,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    why_not: Callable[[str], str] = lambda name: "",
) -> Table:
    """The rows of a CSV (RFC 4180; comma or semicolon, UTF-8) whose heading names `columns` and perhaps `optional`.

    A column that is not known is a fault, never passed over: it may be something that must not come this way.
    `why_not` may say more of one by its name.
    """
    if len(data) > MOST_BYTES:
        return _refused(_("The file is larger than 1 MiB. Split it."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refused(_("The file is not UTF-8 text. Save it as “CSV UTF-8”."))
    if "\0" in text or not text.strip():
        return _refused(_("The file is empty, or is not a CSV file."))
    heading, *_rest = text.splitlines()
    delimiter = ";" if heading.count(";") >= heading.count(",") else ","
    try:
        return _read(text, delimiter, columns, optional, why_not)
    except csv.Error as error:
        return _refused(_("The file is not a CSV file: %(error)s") % {"error": error})


def _read(
    text: str, delimiter: str, columns: Sequence[str], optional: Sequence[str], why_not: Callable[[str], str]
) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in next(reader)]
    table = Table(faults=list(_heading_faults(names, columns, optional, why_not)))
    if table.faults:
        return table
    for row in reader:
        number = reader.line_num
        if not any(cell.strip() for cell in row):
            continue
        if number > MOST_LINES:
            return _refused(_("The file has more than 20,000 lines. Split it."))
        if len(row) != len(names):
            counts = {"have": len(row), "need": len(names)}
            table.faults.append(
                Fault(number, "", _("Cells in this line: %(have)s; in the heading: %(need)s.") % counts)
            )
            continue
        values = dict.fromkeys(optional, "") | dict(zip(names, (cell.strip() for cell in row), strict=True))
        table.lines.append(CsvLine(number, values, names))
        table.faults += _cell_faults(table.lines[-1], columns)
    if not table.lines and not table.faults:
        table.faults.append(Fault(0, "", _("The file has a heading and no row.")))
    return table


def _heading_faults(
    names: list[str], columns: Sequence[str], optional: Sequence[str], why_not: Callable[[str], str]
) -> Iterator[Fault]:
    for missing in [column for column in columns if column not in names]:
        yield Fault(1, missing, _("This column is missing in the heading."))
    for name in names:
        if name not in columns and name not in optional:
            yield Fault(1, name, why_not(name) or _("This column is not known. Take it out of the file."))
    for name in {name for name in names if names.count(name) > 1}:
        yield Fault(1, name, _("This column is there twice."))


def _cell_faults(line: CsvLine, columns: Sequence[str]) -> Iterator[Fault]:
    for column, value in line.values.items():
        if column in columns and not value:
            yield line.fault(column, _("This cell is empty."))
        elif len(value) > MOST_SIGNS:
            yield line.fault(column, _("This cell has more than 200 characters."))


def repeated(lines: Sequence[CsvLine], *columns: str) -> Iterator[Fault]:
    """A fault for each line that repeats what an earlier line says in these columns."""
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        key = tuple(line[column].casefold() for column in columns)
        if key in seen:
            yield line.fault(columns[-1], _("The same as in line %(line)s.") % {"line": seen[key]})
        seen.setdefault(key, line.number)


def _refused(text: str) -> Table:
    return Table(faults=[Fault(0, "", text)])
