"""Writes matrix.csv as the system is now; then read what changed before it is committed."""

import logging
import tempfile
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    # This loads Django, which everything else needs.
    pages = import_module("tests.support.pages")
    table = import_module("tests.matrix.table")
    world = import_module("tests.matrix.world")
    # Thousands of refusals are what it is about.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as directory:
        filled, empty = Path(directory) / "world", Path(directory) / "empty"
        for folder in (filled, empty):
            folder.mkdir()
        made = world.build(filled, pages.do_migrate(empty))
        looked = table.look_at_everything(made, Path(directory), everybody=True)
        rows = table.ask_everything(made, Path(directory), looked, everybody=True)
    table.FILE.write_text(table.write(rows.values()), encoding="utf-8")
