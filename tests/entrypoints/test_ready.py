"""What lies in the data directory before the first process starts, and which accounts can read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from egide.common.files import secret_file
from egide.journal.sealing.master import MASTER_FILE


def start_ready(data: Path, umask: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "egide.entrypoints.ready"],
        env={**os.environ, "EGIDE_DATA": str(data), "EGIDE_DEMO": "1"},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


def modes(data: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir() if path.is_file()}


def test_the_group_shares_the_journal_and_neither_keys_nor_records_of_people(tmp_path: Path) -> None:
    ended = start_ready(tmp_path, 0o007)
    assert ended.returncode == 0, ended.stderr
    found = modes(tmp_path)
    shared = {name for name, mode in found.items() if mode == 0o660}
    private = {name for name, mode in found.items() if mode == 0o600}
    assert {"journal.db", "watch.db", "keys.db", "checkpoints.jsonl", "erased.jsonl"} <= shared
    assert {"app.db", "web.key", "live.key", "receipt.key", "canary.key", MASTER_FILE} <= private
    assert {name for name in found if name.startswith("app.db")} <= private
    assert {name: oct(mode) for name, mode in found.items() if mode not in (0o660, 0o600)} == {}
    # A second start changes no key.
    before = {name: (tmp_path / name).read_bytes() for name in private if name.endswith(".key")}
    assert start_ready(tmp_path, 0o007).returncode == 0
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_under_another_umask_all_is_private(tmp_path: Path) -> None:
    assert start_ready(tmp_path, 0o027).returncode == 0
    assert {name: oct(mode) for name, mode in modes(tmp_path).items() if mode & 0o077} == {}


def test_a_key_that_systemd_hands_counts_and_the_file_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "live.key").write_bytes(b"h" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert secret_file(tmp_path / "live.key", 32) == b"h" * 32
    assert not (tmp_path / "live.key").exists()
    # What is not handed is made where it always was.
    assert secret_file(tmp_path / "web.key", 48) == (tmp_path / "web.key").read_bytes()
