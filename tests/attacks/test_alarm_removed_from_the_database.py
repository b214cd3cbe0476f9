"""Within the hour somebody with every right removes an alarm, makes each chain flawless and signs anew.

The second place has seen it seconds after the press.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.rewriting import rewrite
from tests.support.waiting import until


def test_an_alarm_that_was_removed_within_the_hour_shows_against_the_second_place(tmp_path: Path) -> None:
    place = tmp_path / "second place"
    place.mkdir()
    with Installation(tmp_path / "data", SystemClock()) as installation:
        installation.config = replace(installation.config, checkpoints_to=str(place))
        watcher = Child("egide.entrypoints.watch", [], installation.config.environment())
        try:
            watcher.ready()
            alarm = installation.open_alarm(installation.enrol())
            pressed = installation.journal.head()

            def is_sealed() -> bool:
                file = place / FILE_NAME
                return file.exists() and read_checkpoints(file.read_bytes())[0][-1].seq >= pressed

            until(is_sealed, "a checkpoint of the press is in the second place")
        finally:
            watcher.kill()
        seen = tmp_path / "seen.jsonl"
        shutil.copy(place / FILE_NAME, seen)
        rewrite(installation, lambda rows: [row for row in rows if row.alarm != alarm])
        (installation.config.data_dir / FILE_NAME).unlink()
        answer = run(installation.config, "journal", "verify", "--checkpoints", str(seen))
        assert answer.returncode != 0
        assert "was removed or replaced" in answer.stderr or "cut off" in answer.stderr


def test_a_journal_that_nobody_seals_elsewhere_is_red_on_every_board(tmp_path: Path) -> None:
    with Installation(tmp_path / "data", SystemClock()) as installation:
        watcher = Child("egide.entrypoints.watch", [], installation.config.environment())
        try:
            watcher.ready()
            until(lambda: "no second place is set" in run(installation.config, "status").stdout, "it is said")
        finally:
            watcher.stop()
