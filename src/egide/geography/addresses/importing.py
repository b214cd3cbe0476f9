"""Puts a list of addresses, or of points of reference, in force: read whole, then replaced at one stroke."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from egide.common.clock import Clock
from egide.common.text import _
from egide.geography.addresses.building import Builder
from egide.geography.addresses.points import POINTS, Point, PointList, read_points
from egide.geography.addresses.rows import AddressFileError, Fault, read_rows, sources_of
from egide.geography.replacing import replacing

ENCODINGS: Final = ("utf-8", "latin-1", "cp1252")
# So many faults are named one by one; the others are counted by what is wrong with them.
NAMED: Final = 20


class Imported(msgspec.Struct, frozen=True):
    """What an import did. `addresses` counts rows, `houses` not their boxes; `out_of_force` by the list's own word."""

    addresses: int
    houses: int
    streets: int
    places: int
    out_of_force: int
    faults: int
    reasons: dict[str, int]
    first_faults: list[Fault]
    bytes: int
    path: Path


def do_import(
    files: Sequence[Path],
    target: Path,
    clock: Clock,
    encoding: str = ENCODINGS[0],
    progress: Callable[[int], object] = lambda _bytes: None,
) -> Imported:
    """Make the addresses of `files` those in force at `target`; whoever reads has the old file or the new one, whole.

    `progress` hears how many bytes of the files were read since it was last asked. Raises AddressFileError; the
    addresses in force then stay.
    """
    sources = [source for file in files for source in sources_of(file)]
    needs = _("It needs some 150 bytes on the disk for each address.")
    with replacing(target, AddressFileError, needs) as draft:
        builder, reasons, first = Builder(), Counter[str](), list[Fault]()
        out_of_force = 0
        for source in sources:
            for row in read_rows(source, encoding, progress):
                if row is None:
                    out_of_force += 1
                elif isinstance(row, Fault):
                    reasons[row.why] += 1
                    if len(first) < NAMED:
                        first.append(row)
                else:
                    builder.add(row)
        faults = reasons.total()
        if faults >= len(builder):
            raise AddressFileError(_refusal(len(builder), first))
        counts = builder.write(
            draft,
            {"made_at_s": clock.now_us() // 1_000_000, "files": ", ".join(source.name for source in sources)},
        )
        return Imported(
            addresses=len(builder),
            houses=counts[0],
            streets=counts[1],
            places=counts[2],
            out_of_force=out_of_force,
            faults=faults,
            reasons=dict(reasons.most_common()),
            first_faults=first,
            bytes=draft.stat().st_size,
            path=target,
        )


class ImportedPoints(msgspec.Struct, frozen=True):
    """What an import of points of reference did."""

    points: int
    faults: list[Fault]
    path: Path


def do_import_points(file: Path, target: Path) -> ImportedPoints:
    """Make the points of reference of `file` those in force at `target`. Raises AddressFileError; those before stay."""
    points, faults = list[Point](), list[Fault]()
    for row in read_points(file):
        if isinstance(row, Fault):
            faults.append(row)
        else:
            points.append(row)
        if len(points) > POINTS:
            text = _("More than {count} points: this is no list of points.")
            raise AddressFileError(text.format(count=POINTS))
    if len(faults) >= len(points):
        raise AddressFileError(_refusal(len(points), faults))
    points.sort(key=lambda point: point.lat_e7)
    needs = _("It needs some 150 bytes on the disk for each point.")
    with replacing(target, AddressFileError, needs) as draft:
        draft.write_bytes(msgspec.json.encode(PointList(file.name, tuple(points))))
    return ImportedPoints(len(points), faults, target)


def fault_text(fault: Fault) -> str:
    """A fault as a line."""
    return _("{file}, line {line}: {why}").format(file=fault.file, line=fault.line, why=fault.why)


def _refusal(good: int, first: list[Fault]) -> str:
    if not first:
        return _("There is no row in it that is in force.")
    text = _("Fewer than half of the rows can be used ({count}). The first that cannot: {fault}")
    return text.format(count=good, fault=fault_text(first[0]))
