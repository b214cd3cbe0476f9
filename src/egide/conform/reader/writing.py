"""Exports of a journal and checkpoints over it, written as docs/journal-export.md says and not by the journal.

Everything in them is invented, and everything can be spoilt: rows are plain values until they are written.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from egide.protocol.keys import SigningKey

FORMAT = "egide-journal-1"
CHECKPOINT, RESTORED, HANDED_ON = "egide-checkpoint-1", "egide-restored-1", "egide-checkpoint-key-1"
NOTHING = bytes(32)
# 2027-01-15T08:00:00Z, and a minute between two events.
BEGIN_US, STEP_US = 1_800_000_000_000_000, 60_000_000


class Row(msgspec.Struct, frozen=True):
    """One event as it is exported; bytes are bytes."""

    seq: int
    stream: str
    version: int
    kind: str
    at_us: int
    centre: str
    zone: str
    key: str
    cause: int | None
    body: bytes
    prev: bytes
    hash: bytes = b""

    def hashed(self) -> "Row":
        """With the hash that it must have (step 2)."""
        clear = (self.seq, self.stream, self.version, self.kind, self.at_us, self.centre, self.zone, self.key)
        line = "\t".join([*map(str, clear), str(self.cause or "")]) + "\n"
        return msgspec.structs.replace(
            self, hash=hashlib.sha256(self.prev + line.encode() + self.body).digest()
        )


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first line; `stream` and `key` for one alarm alone."""

    format: str
    exported_at_us: int
    stream: str = ""
    key: bytes = b""


class Told(msgspec.Struct, frozen=True):
    """What happens in an invented journal: in which stream, and what the event says."""

    stream: str
    kind: str
    says: dict[str, Any]
    centre: str = "HAI"
    zone: str = "5341"
    cause: int | None = None


def sealed(key: bytes, stream: str, version: int, kind: str, says: dict[str, Any]) -> bytes:
    """A nonce of 12 bytes and AES-256-GCM under the key of the case."""
    nonce = secrets.token_bytes(12)
    label = f"{stream}\t{version}\t{kind}".encode()
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(says).encode(), label)


def written(told: Iterable[Told], key: bytes, case: str) -> list[Row]:
    """The rows of a journal in which this happened."""
    rows: list[Row] = []
    heads: dict[str, Row] = {}
    for seq, one in enumerate(told, start=1):
        before = heads.get(one.stream)
        version = before.version + 1 if before else 1
        row = Row(
            seq=seq,
            stream=one.stream,
            version=version,
            kind=one.kind,
            at_us=BEGIN_US + seq * STEP_US,
            centre=one.centre,
            zone=one.zone,
            key=case,
            cause=one.cause,
            body=sealed(key, one.stream, version, one.kind, one.says),
            prev=before.hash if before else NOTHING,
        ).hashed()
        rows.append(row)
        heads[one.stream] = row
    return rows


def chained(rows: Sequence[Row]) -> list[Row]:
    """The same with versions, predecessors and hashes made anew: what somebody does who rebuilds a journal."""
    heads: dict[str, Row] = {}
    made: list[Row] = []
    for row in rows:
        before = heads.get(row.stream)
        version = before.version + 1 if before else 1
        row = msgspec.structs.replace(row, version=version, prev=before.hash if before else NOTHING).hashed()
        heads[row.stream] = row
        made.append(row)
    return made


def running_after(rows: Sequence[Row]) -> bytes:
    """Step 4."""
    running = NOTHING
    for row in rows:
        running = hashlib.sha256(running + row.hash).digest()
    return running


def footer(rows: Sequence[Row]) -> dict[str, Any]:
    """What the last line must say of these rows."""
    return {
        "events": len(rows),
        "streams": len({row.stream for row in rows}),
        "last_seq": rows[-1].seq if rows else 0,
        "running": base64.b64encode(running_after(rows)).decode(),
    }


def export(header: Header, rows: Sequence[Row], proof: dict[str, Any] | None) -> bytes:
    """The file; without a proof it is cut off."""
    lines = [msgspec.json.encode(header), *(msgspec.json.encode(row) for row in rows)]
    if proof is not None:
        lines.append(msgspec.json.encode({"proof": proof}))
    return b"".join(line + b"\n" for line in lines)


def checkpoint(
    key: SigningKey,
    rows: Sequence[Row],
    seq: int,
    at_us: int = 0,
    seen: int | None = None,
    following: SigningKey | None = None,
) -> dict[str, Any]:
    """One line over the first `seq` events; with `seen` that of a restore, with `following` that of a key that is
    handed on.
    """
    running, at_us = running_after(rows[:seq]), at_us or BEGIN_US + (seq + 1) * STEP_US
    form = RESTORED if seen is not None else HANDED_ON if following is not None else CHECKPOINT
    fields = [form, str(seq), running.hex(), str(at_us)]
    line: dict[str, Any] = {"format": form, "seq": seq, "running": _text(running), "at_us": at_us}
    if seen is not None:
        fields.append(str(seen))
        line["seen"] = seen
    if following is not None:
        next_key = bytes(following.verify_key)
        fields.append(next_key.hex())
        line["next_key"] = _text(next_key)
    statement = "\t".join(fields).encode()
    line["public_key"] = _text(bytes(key.verify_key))
    line["signature"] = _text(key.sign(statement).signature)
    if following is not None:
        line["next_signature"] = _text(following.sign(statement).signature)
    return line


def lines_of(checkpoints: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in checkpoints)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
