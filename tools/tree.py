"""Which files the tools look at: what is in the work tree, without what was installed or generated into it."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {"node_modules", "__pycache__", "var"}


def find_files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Files below `root` that end in one of `suffixes`, sorted; hidden and installed folders are left out."""
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") or path.name in SKIPPED:
            continue
        if path.is_dir():
            yield from find_files(path, *suffixes)
        elif path.suffix in suffixes:
            yield path
