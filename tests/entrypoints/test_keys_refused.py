"""A key that is damaged, not for this account, or of another installation: the process says so in one sentence, and
does not start."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.stack.migrated import copy_migrated
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.nursery import run_loaded
from tests.support.sms_road import keep_secret

# Which keys each process needs.
OF = [
    ("intake", "master.key"),
    ("intake", "receipt.key"),
    ("live", "live.key"),
    ("web", "master.key"),
    ("web", "web.key"),
    ("web", "live.key"),
    ("web", "team-codes.key"),
    ("web", "vapid.key"),
    ("worker", "master.key"),
    ("watch", "canary.key"),
    ("watch", "checkpoint.key"),
    ("sms", "master.key"),
    ("sms", "sms.key"),
    ("ready", "master.key"),
    ("ready", "receipt.key"),
]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data", SystemClock()) as made:
        secrets, contact = str(keep_secret(tmp_path)), "mailto:keeper@egide.example"
        made.config = replace(made.config, demo=True, sms_secrets=secrets, push_contact=contact)
        made.enrol()
        copy_migrated(made.config.app_db)
        yield made


def refused(running: Installation, process: str) -> str:
    """What a process says that does not start."""
    environment = os.environ | running.config.environment() | {"EGIDE_LANG": "en"}
    arguments = [] if process in ("worker", "watch", "ready") else ["--port", "0"]
    ended = run_loaded(f"egide.entrypoints.{process}", arguments, environment)
    assert ended.returncode == 1 and ended.stdout == "", ended
    # Of intake and sms it is the writer that opens the keys, and the one that reads says that it did not start.
    assert "Traceback" not in ended.stderr and ended.stderr.count("\n") <= 2, ended.stderr
    return ended.stderr


@pytest.mark.parametrize(("process", "name"), OF)
def test_a_key_that_was_cut_off_starts_nothing(running: Installation, process: str, name: str) -> None:
    path = running.config.data_dir / name
    path.write_bytes(b"x" * 31)
    told = refused(running, process)
    assert f"{path} is damaged (bytes: 31 instead of " in told
    assert path.read_bytes() == b"x" * 31


@pytest.mark.parametrize("process", ["intake", "web", "worker", "ready"])
def test_a_master_key_of_another_installation_starts_nothing(running: Installation, process: str) -> None:
    (running.config.data_dir / "master.key").write_bytes(bytes(32))
    assert "another installation" in refused(running, process)


@pytest.mark.parametrize("process", ["intake", "web", "worker", "ready"])
def test_a_file_of_keys_that_is_damaged_starts_nothing_and_stays_as_it_is(
    running: Installation, process: str, tmp_path: Path
) -> None:
    path, damaged = running.config.data_dir / "keys.db", b"damaged " * 1000
    (tmp_path / "keys.db").write_bytes(damaged)
    for beside in path.parent.glob("keys.db-*"):
        beside.unlink()
    # Who has the old one open keeps it.
    (tmp_path / "keys.db").rename(path)
    assert f"{path}: file is not a database" in refused(running, process)
    assert path.read_bytes() == damaged
    looked = run(running.config, "doctor")
    assert f"keys          {path}: file is not a database" in looked.stdout, looked.stderr


def test_a_key_that_the_account_may_not_read_is_told_with_what_to_do(running: Installation) -> None:
    path = running.config.data_dir / "live.key"
    path.write_bytes(bytes(32))
    path.chmod(0)
    # Root, too, may not read it then.
    within = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*within, sys.executable, "-m", "egide.entrypoints.live", "--port", "0"]
    environment = os.environ | running.config.environment() | {"EGIDE_LANG": "en"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    (told,) = ended.stderr.splitlines()
    assert ended.returncode == 1 and ended.stdout == ""
    assert told.startswith(f"{path} cannot be read (Permission denied): it must belong to the account")
