"""Verify an export of Egide's journal, and open it, without any of Egide's software.

    python verify_export.py FILE                                    verify; of one alarm also print its events, opened
    python verify_export.py FILE --checkpoints FILE --key HEX       hold a copy of the whole journal against checkpoints

Needs Python 3.11 and the package `cryptography`. What is checked, and how, stands in docs/journal-export.md. It ends
with 0 when everything holds, with 1 and a sentence when something does not.
"""

import argparse
import base64
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NOTHING = bytes(32)
Row = dict[str, Any]


class Wrong(Exception):
    """What does not hold."""


def unpacked(line: bytes) -> Row:
    """One JSON line, with its bytes as bytes."""
    names = ("body", "prev", "hash", "running", "public_key", "signature")
    names += ("next_key", "next_signature")
    return {name: base64.b64decode(v) if name in names else v for name, v in json.loads(line).items()}


def row_hash(row: Row) -> bytes:
    """Step 2 of docs/journal-export.md."""
    clear = ("seq", "stream", "version", "kind", "at_us", "centre", "zone", "key")
    line = "\t".join([*(str(row[name]) for name in clear), str(row["cause"] or "")]) + "\n"
    return hashlib.sha256(row["prev"] + line.encode() + row["body"]).digest()


def check_rows(rows: list[Row], whole: bool) -> tuple[int, dict[int, bytes]]:
    """Steps 1 to 4: returns the number of streams, and the running hash after each seq."""
    heads: dict[str, tuple[int, bytes]] = {}
    sums: dict[int, bytes] = {}
    running, last = NOTHING, 0
    for row in rows:
        seq, stream = row["seq"], row["stream"]
        if seq != last + 1 if whole else seq <= last:
            raise Wrong(f"event {seq} does not follow event {last}: something is missing or out of order")
        version, head = heads.get(stream, (0, NOTHING))
        if row["version"] != version + 1 or row["prev"] != head:
            raise Wrong(f"event {seq} does not follow version {version} of {stream}")
        if row_hash(row) != row["hash"]:
            raise Wrong(f"event {seq} was changed: its hash does not fit")
        heads[stream] = (row["version"], row["hash"])
        running = sums[seq] = hashlib.sha256(running + row["hash"]).digest()
        last = seq
    return len(heads), sums


def check_footer(line: bytes, rows: list[Row], streams: int, sums: dict[int, bytes]) -> None:
    """The last line says what the rows above it must add up to."""
    proof = json.loads(line).get("proof")
    if proof is None:
        raise Wrong("the last line is no proof: the file was cut off")
    last = rows[-1]["seq"] if rows else 0
    expected = (len(rows), streams, last, sums.get(last, NOTHING))
    said = (proof["events"], proof["streams"], proof["last_seq"], base64.b64decode(proof["running"]))
    if said != expected:
        raise Wrong("the last line does not fit: events are missing, or it was changed")


def is_signed(key: bytes, signature: bytes, statement: str) -> bool:
    """Whether the holder of this key signed it."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def read_checkpoint(line: bytes) -> Row | None:
    """One line that is signed by the key that it names; with `seen` that of a restore, with `next_key` that of a key
    which was handed on, signed by both.
    """
    found = unpacked(line)
    fields = [found["format"], found["seq"], found["running"].hex(), found["at_us"]]
    fields += [found["seen"]] if "seen" in found else []
    fields += [found["next_key"].hex()] if "next_key" in found else []
    statement = "\t".join(str(field) for field in fields)
    if not is_signed(found["public_key"], found["signature"], statement):
        return None
    if "next_key" in found and not is_signed(found["next_key"], found["next_signature"], statement):
        return None
    return found


def trusted(checkpoints: list[Row], public_key: bytes, restores: list[Row]) -> dict[bytes, float]:
    """Which keys may have signed, and up to which event: the one on your paper, those it came from, those it was handed
    on to. A key that was handed on signs nothing later, unless a restore says that this is gone.
    """
    found = {public_key: math.inf}
    handed = [one for one in checkpoints if "next_key" in one]
    for come, go in (("public_key", "next_key"), ("next_key", "public_key")):
        key = public_key
        while steps := [one for one in handed if one[come] == key]:
            beside = [one for one in handed if one["public_key"] == steps[0]["public_key"]]
            if len({(one["public_key"], one["next_key"]) for one in (*steps, *beside)}) > 1:
                raise Wrong("the key of the checkpoints was handed on twice: somebody else has it")
            step, key = steps[0], steps[0][go]
            if key in found:
                break
            found[key] = math.inf
            if not is_gone(step, restores):
                found[step["public_key"]] = step["seq"]
    return found


def is_gone(seen: Row, restores: list[Row]) -> bool:
    """Whether a restore says that what this checkpoint saw is gone."""
    return any(r["seq"] < seen["seq"] <= r["seen"] and seen["at_us"] <= r["at_us"] for r in restores)


def check_checkpoints(lines: list[bytes], public_key: bytes, sums: dict[int, bytes]) -> None:
    """Each checkpoint is signed by the key, and saw what stands here now, unless a restore says that it is gone."""
    last = max(sums, default=0)
    checkpoints = []
    for line in lines:
        try:
            one = read_checkpoint(line)
        except ValueError:
            sys.stderr.write("one line of the checkpoints cannot be read\n")
            continue
        if one is None:
            raise Wrong("a checkpoint is not signed by this key, nor by the one that it names")
        checkpoints.append(one)
    checkpoints.sort(key=lambda one: (one["seq"], one["at_us"]))
    restores = [one for one in checkpoints if "seen" in one]
    until = trusted(checkpoints, public_key, restores)
    for one in checkpoints:
        if one["seq"] > until.get(one["public_key"], -1):
            raise Wrong(f"the checkpoint at event {one['seq']} is not signed by this key")
    for restore in restores:
        sys.stderr.write(f"the journal was restored from a back-up, up to event {restore['seq']}\n")
    for seen in checkpoints:
        seq, running = seen["seq"], seen["running"]
        if is_gone(seen, restores):
            continue
        if seq > last:
            raise Wrong(f"a checkpoint saw {seq} events; here are {last}: the end was cut off")
        if sums[seq] != running:
            raise Wrong(f"the checkpoint at event {seq} saw something else: events were removed or replaced")


def opened(row: Row, key: bytes) -> Row:
    """The event of one row, as it was before it was sealed."""
    label = f"{row['stream']}\t{row['version']}\t{row['kind']}".encode()
    try:
        plain = AESGCM(key).decrypt(row["body"][:12], row["body"][12:], label)
    except InvalidTag:
        raise Wrong(f"event {row['seq']} cannot be opened with the key of this export") from None
    return {"seq": row["seq"], "at_us": row["at_us"], "kind": row["kind"], **json.loads(plain)}


def check(arguments: argparse.Namespace) -> list[Row]:
    """Everything; returns the lines to print."""
    lines = arguments.file.read_bytes().splitlines()
    if len(lines) < 2:
        raise Wrong("the file is empty or cut off")
    header, rows = json.loads(lines[0]), [unpacked(line) for line in lines[1:-1]]
    if header.get("format") != "egide-journal-1":
        raise Wrong(f"the format is {header.get('format')!r}, expected 'egide-journal-1'")
    whole = not header.get("stream")
    if not whole and {row["stream"] for row in rows} != {header["stream"]}:
        raise Wrong("this export of one alarm holds another stream, or none")
    streams, sums = check_rows(rows, whole)
    check_footer(lines[-1], rows, streams, sums)
    if arguments.checkpoints:
        if not whole:
            raise Wrong("checkpoints cover the whole journal; this export holds one alarm only")
        check_checkpoints(arguments.checkpoints.read_bytes().splitlines(), bytes.fromhex(arguments.key), sums)
    key = base64.b64decode(header.get("key") or "")
    return [opened(row, key) for row in rows] if key else [{"whole": len(rows), "streams": streams}]


def main() -> None:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--checkpoints", type=Path)
    parser.add_argument("--key", help="the public key of the checkpoints, 64 hexadecimal digits")
    arguments = parser.parse_args()
    if arguments.checkpoints and not arguments.key:
        parser.error("--checkpoints needs --key: the public key that was handed to you")
    try:
        for line in check(arguments):
            sys.stdout.write(json.dumps(line) + "\n")
    except (Wrong, OSError) as error:
        sys.exit(f"does not hold: {error}")
    except (ValueError, KeyError, TypeError) as error:
        sys.exit(f"does not hold: this is not an export, or it is damaged ({error})")


if __name__ == "__main__":
    main()
