"""`python -m tools.reference.publishing` makes what contracts/ say now the promise that later ones are held against."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from egide.common.clock import SystemClock, utc
from tools.reference.changes import broken, lost
from tools.reference.contracts import ASYNCAPI, CONTRACTS, EVENTS, OPENAPI, document

PUBLISHED = CONTRACTS / "published"
DOCUMENTS = (*OPENAPI, *ASYNCAPI)
VECTORS, EVENTS_FILE = "vectors.sha256.json", "events.json"
# Files of bytes that were published: a phone, a button or a gateway of others was built by them.
TRIED = ("vectors.json", "bthome.json", "sms.json")


def now_said() -> dict[str, Any]:
    """What contracts/ say now, by the name of its file in contracts/published/."""
    said: dict[str, Any] = {f"{name.removesuffix('.yaml')}.json": document(name) for name in DOCUMENTS}
    schemas = sorted((CONTRACTS / EVENTS).glob("*.schema.json"))
    found = {
        path.name.partition(".")[0]: _of_event(json.loads(path.read_text(encoding="utf-8")))
        for path in schemas
    }
    said[EVENTS_FILE] = {"schemas": found}
    said[VECTORS] = dict(_vectors())
    return said


def _of_event(schema: dict[str, Any]) -> dict[str, Any]:
    """Its fields alone: words of a description may become better. Nobody outside writes events, so a new one may always
    be there."""
    return {
        "schemas": {
            name: {"properties": {field: _plain(one) for field, one in part["properties"].items()}}
            for name, part in schema["$defs"].items()
            if "properties" in part
        }
    }


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name not in ("description", "default")}


def _vectors() -> Iterator[tuple[str, str]]:
    """Each by what it is, so that lists may grow and change their order."""
    for file in TRIED:
        for name, found in json.loads((CONTRACTS / file).read_text(encoding="utf-8")).items():
            for one in found if isinstance(found, list) and name != "about" else ():
                text = json.dumps(one, sort_keys=True, ensure_ascii=False)
                digest = hashlib.sha256(text.encode()).hexdigest()[:16]
                yield f"{file} {name} {digest}", digest


def read() -> dict[str, Any]:
    """What was published. Raises OSError."""
    return {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PUBLISHED.glob("*.json"))
    }


def faults() -> list[str]:
    """A sentence for each promise that contracts/ break."""
    today, now, found = utc(SystemClock().now_us()).date(), now_said(), []
    for name, said in read().items():
        if name == VECTORS:
            found += [f"{name}: {one}: these bytes are tried no more" for one in lost(said, now[name])]
        else:
            found += [f"{name}: {one}" for one in broken(said, now[name], today)]
    return found


def main(folder: Path = PUBLISHED) -> int:
    """Write it down; 1 where it would break what was published, which is done by hand or not at all."""
    if found := faults():
        print("\n".join(found), file=sys.stderr)
        return 1
    folder.mkdir(exist_ok=True)
    for name, said in now_said().items():
        text = json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
