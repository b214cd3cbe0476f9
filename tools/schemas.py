"""JSON Schema of every event, and of what dispatch systems are told and answer: generated into contracts/events/ and
contracts/cad/, and compared in `make check`."""

import argparse
import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

import egide.alarm.events  # noqa: F401  the alarm's events become known to REGISTRY
from egide.connectors.cad import report
from egide.events import REGISTRY
from tools.tree import ROOT

FOLDER, CAD = ROOT / "contracts" / "events", ROOT / "contracts" / "cad"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str, event: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one event's body as the journal seals it, or of a message."""
    return {"$schema": DIALECT, "title": kind, **_with_clean_texts(msgspec.json.schema(event))}


def _with_clean_texts(part: Any) -> Any:
    """Descriptions come from docstrings, whose indentation Python itself takes out only from 3.13 on."""
    if isinstance(part, dict):
        return {
            key: inspect.cleandoc(value)
            if key == "description" and isinstance(value, str)
            else _with_clean_texts(value)
            for key, value in part.items()
        }
    return [_with_clean_texts(item) for item in part] if isinstance(part, list) else part


def render(registry: Mapping[str, type[msgspec.Struct]]) -> dict[str, str]:
    """File name -> text, for every event or message."""
    return {
        f"{kind}.schema.json": json.dumps(schema_of(kind, event), indent=2, ensure_ascii=False) + "\n"
        for kind, event in sorted(registry.items())
    }


def find_faults(wanted: dict[str, str], folder: Path) -> list[str]:
    """Which files are missing, stale, or describe an event that is gone."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.schema.json")}
    return sorted(
        [f"{name}: missing" for name in wanted.keys() - present.keys()]
        + [f"{name}: no such event" for name in present.keys() - wanted.keys()]
        + [
            f"{name}: not what the event says"
            for name in wanted.keys() & present.keys()
            if wanted[name] != present[name]
        ]
    )


def do_write(wanted: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.schema.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare only; fail when a file is not up to date"
    )
    options = parser.parse_args(None if arguments is None else list(arguments))
    wanted = {
        FOLDER: render(REGISTRY),
        CAD: render({"message": report.Message, "answer": report.Answer, "feed": report.Feed}),
    }
    if not options.check:
        for folder, files in wanted.items():
            do_write(files, folder)
        return 0
    faults = [fault for folder, files in wanted.items() for fault in find_faults(files, folder)]
    for fault in faults:
        print(f"contracts: {fault}", file=sys.stderr)
    if faults:
        print("`make contracts` writes them again.", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
