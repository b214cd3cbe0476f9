"""Exports: a self-contained file of JSON lines (docs/journal-export.md) that can be verified without the system.

First line: what this is. Then one line for each event, as stored, still sealed. Last line: the proof. An export of one
stream carries that stream's key, so that it opens alone; it opens nothing else.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from egide.common.encoding import NotJson, from_json
from egide.common.sealing import SealingKey
from egide.journal.chain import Stored, seal_label
from egide.journal.errors import JournalError
from egide.journal.proof.verify import Proof, verify

FORMAT = "egide-journal-1"


class BadExport(JournalError):
    """The file is not an export, or not a whole one."""


class Header(msgspec.Struct, frozen=True):
    """First line. `stream` and `key` (32 bytes) are set in an export of one stream."""

    format: str
    exported_at_us: int
    stream: str = ""
    key: bytes = b""


class Footer(msgspec.Struct, frozen=True):
    """Last line: what `verify` must find."""

    proof: Proof


class Export(msgspec.Struct, frozen=True):
    """An export that was read and verified."""

    header: Header
    rows: tuple[Stored, ...]
    proof: Proof

    def open_body(self, row: Stored) -> bytes:
        """The JSON of one event of an export that carries its key. Raises BadExport, UnsealError."""
        if not self.header.key:
            raise BadExport("this export carries no key: it can be verified, not opened")
        return SealingKey(self.header.key).unseal(row.body, seal_label(row.stream, row.version, row.kind))


def write_export(header: Header, rows: Iterable[Stored], file: BinaryIO) -> Proof:
    """Write an export; it is verified while it is written. Raises ChainBroken."""
    file.write(msgspec.json.encode(header) + b"\n")

    def written() -> Iterator[Stored]:
        for row in rows:
            file.write(msgspec.json.encode(row) + b"\n")
            yield row

    proof = verify(written(), complete=not header.stream)
    file.write(msgspec.json.encode(Footer(proof)) + b"\n")
    return proof


def read_export(file: BinaryIO) -> Export:
    """Read and verify an export. Raises BadExport, ChainBroken."""
    lines = file.read().splitlines()
    if len(lines) < 2:
        raise BadExport("the file is empty or cut off")
    try:
        header = from_json(lines[0], Header)
        rows = tuple(from_json(line, Stored) for line in lines[1:-1])
        footer = from_json(lines[-1], Footer)
    except NotJson as error:
        raise BadExport(f"not an export, or cut off: {error}") from error
    if header.format != FORMAT:
        raise BadExport(f"format {header.format!r}, expected {FORMAT!r}")
    if header.stream and {row.stream for row in rows} != {header.stream}:
        raise BadExport(f"this export of {header.stream} holds another stream, or none")
    proof = verify(rows, complete=not header.stream)
    if proof != footer.proof:
        raise BadExport("events are missing at the end, or the proof was changed")
    return Export(header, rows, proof)
