"""Puts a list of addresses in force: reads it whole, writes a file beside the old one, changes them at one stroke."""

import fcntl
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from egide.common.clock import Clock
from egide.common.files import lock_file, put_in_place
from egide.common.text import _
from egide.geography.addresses.building import Builder
from egide.geography.addresses.rows import AddressFileError, Fault, read_rows, sources_of

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
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_file(target.with_name(f"{target.name}.lock"))
    except OSError as error:
        raise _unwritable(target, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AddressFileError(_("Another import is under way: wait until it has ended.")) from error
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
        counts = _replace(
            builder,
            target,
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
            bytes=target.stat().st_size,
            path=target,
        )


def fault_text(fault: Fault) -> str:
    """A fault as a line."""
    return _("{file}, line {line}: {why}").format(file=fault.file, line=fault.line, why=fault.why)


def _refusal(good: int, first: list[Fault]) -> str:
    if not first:
        return _("There is no address in it that is in force.")
    text = _("Fewer than half of the rows can be used ({count}). The first that cannot: {fault}")
    return text.format(count=good, fault=fault_text(first[0]))


def _replace(builder: Builder, target: Path, meta: dict[str, object]) -> tuple[int, int, int]:
    """Write beside, flush to the disk, rename. Raises AddressFileError."""
    draft = target.with_name(f"{target.name}.new")
    try:
        draft.unlink(missing_ok=True)  # of an import that was ended
        counts = builder.write(draft, meta)
        put_in_place(draft, target)
    except (OSError, sqlite3.Error) as error:
        raise _unwritable(target, error) from error
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _unwritable(target: Path, error: Exception) -> AddressFileError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    text = _("{path} cannot be written ({why}). It needs some 150 bytes on the disk for each address.")
    return AddressFileError(text.format(path=target, why=why))
