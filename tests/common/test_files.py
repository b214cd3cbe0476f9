"""Secret files: the same bytes for every process, also when all ask at once; nobody else may read them."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from egide.common.files import secret_file

SPAWN = multiprocessing.get_context("spawn")


def test_processes_that_ask_at_once_get_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "master.key"
    with SPAWN.Pool(4) as pool:
        for round_ in range(5):
            answers = pool.starmap(secret_file, [(path.with_name(f"{round_}.key"), 32)] * 16, chunksize=1)
            assert len(set(answers)) == 1
    assert not [found for found in path.parent.iterdir() if found.suffix != ".key"]


def test_a_secret_is_kept_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    secret = secret_file(path, 32)
    assert secret == secret_file(path, 32) == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_file(tmp_path / "b.key", 32) != secret


def test_a_damaged_secret_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match=r"a\.key is damaged \(bytes: 5 instead of 32\)"):
        secret_file(path, 32)
    assert path.read_bytes() == b"short"


def test_a_draft_left_by_a_dead_process_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    for number in range(1, 100_000, 5000):
        path.with_name(f"a.key.{number}").write_bytes(b"half")
    assert len(secret_file(path, 32)) == 32
