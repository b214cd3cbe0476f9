"""A machine that starts while its journal's database is away: ready to keep presses where it was ready before, and not
where it never was.
"""

import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from egide.common.clock import SystemClock
from egide.entrypoints.processes import ready
from egide.journal.errors import JournalUnavailable
from egide.journal.now import known
from tests.support.installation import Installation
from tests.support.postgres import Server


def test_a_machine_that_was_ready_before_is_ready_without_a_database(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        for name, value in installation.config.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(ready, "prepare", lambda: None)
        postgres.stop(signal.SIGQUIT)
        try:
            assert isinstance(CliRunner().invoke(ready.main).exception, JournalUnavailable)
            known.file_of(installation.config).touch()
            done = CliRunner().invoke(ready.main)
            assert done.exit_code == 0 and '"ready":"ready"' in done.output
            assert (tmp_path / "live.key").exists()
        finally:
            postgres.start()
