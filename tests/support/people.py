"""Invented people for a whole installation: written once for several of a run, each of which goes on with a copy.

To write them takes longer than to start everything else. A copy has passwords and keys like those of the others, and
nothing of what was true only while the first one ran.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from egide.common.config import Config
from egide.entrypoints.stack.installation import Stack
from tests.support.waiting import until

# Kits without phones fall silent by and by, and what was written lately is of today: older ones are written anew.
FRESH_S = 300
MadeOnce = Callable[[str, Callable[[Path], object]], Path]
_NOW_ALONE = shutil.ignore_patterns("watch.db*", "presence.db*", "bells", "painters", "*-shm")
_WAITING = "SELECT 1 FROM outbox_outboxrow WHERE copied_seq IS NULL"


def start_with_people(
    stack: Stack, made_once: MadeOnce, go_over: Callable[[Config], Config] | None = None
) -> None:
    """What `Stack.start` does, with people that another has written; `go_over` gives the settings of where all of them
    has gone before anything starts."""
    made = made_once(f"people-{int(time.monotonic()) // FRESH_S}", write)
    shutil.copytree(made / "data", stack.config.data_dir, ignore=_NOW_ALONE, dirs_exist_ok=True)
    stack.demo = json.loads((made / "demo.json").read_bytes())
    if go_over:
        stack.config = go_over(stack.config)
    stack.resume()


def write(folder: Path) -> None:
    """Start an installation in this folder, and leave it once everything of its people stands in the journal."""
    with Stack(folder / "data") as stack:
        stack.start()
        with closing(sqlite3.connect(f"file:{stack.config.app_db}?mode=ro", uri=True)) as database:
            until(lambda: database.execute(_WAITING).fetchone() is None, "the worker copied all")
        (folder / "demo.json").write_text(json.dumps(stack.demo))
    for path in (folder / "data").glob("*.db"):
        # Whole without its log.
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
