"""pgBackRest, Debian's own, over a server of the tests: a sealed repository, and the database back from it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from tests.support.postgres import USER, Server
from tests.support.waiting import until

STANZA, PASSPHRASE = "egide", "a passphrase of this test alone"


class Repository:
    """Back-ups of the server in `folder`, which has to be started with `settings`."""

    def __init__(self, folder: Path, cluster: Path) -> None:
        self.place, self._file = folder / "repository", folder / "pgbackrest.conf"
        for name in ("repository", "log", "lock", "spool"):
            (folder / name).mkdir(parents=True)
        self._file.write_text(
            f"[global]\nrepo1-path={self.place}\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass={PASSPHRASE}\n"
            "repo1-retention-full-type=time\nrepo1-retention-full=27\nstart-fast=y\nlog-level-file=off\n"
            f"log-path={folder / 'log'}\nlock-path={folder / 'lock'}\nspool-path={folder / 'spool'}\n"
            f"[{STANZA}]\npg1-path={cluster / 'data'}\npg1-socket-path={cluster}\npg1-user={USER}\n"
            "pg1-database=postgres\n"
        )

    @property
    def settings(self) -> Mapping[str, str]:
        """What the server needs besides."""
        push = " ".join([*self._command(), "archive-push", "%p"])
        return {"archive_mode": "on", "archive_command": push, "wal_level": "replica", "max_wal_senders": "2"}

    def do(self, *words: str) -> str:
        """One of its commands; what it says. Raises AssertionError with its words when it fails."""
        ended = subprocess.run([*self._command(), *words], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def info(self) -> Any:
        """What it tells of its back-ups."""
        return json.loads(self.do("info", "--output=json"))

    def archive_all(self, server: Server) -> None:
        """Have everything that was committed reach the repository."""
        with server.asked() as asked:
            (file,) = asked.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone() or ("",)
            asked.execute("SELECT pg_switch_wal()")
            until(lambda: _last(asked) >= str(file), "what was written is archived")

    def _command(self) -> list[str]:
        return [_program(), f"--config={self._file}", f"--stanza={STANZA}"]


def _last(asked: psycopg.Connection[tuple[object, ...]]) -> str:
    (found,) = asked.execute("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver").fetchone() or (
        "",
    )
    return str(found)


def _program() -> str:
    """Installed, or as `make pgbackrest` unpacks it."""
    found = shutil.which("pgbackrest") or str(Path(sys.prefix, "pgbackrest", "usr/bin", "pgbackrest"))
    assert os.access(found, os.X_OK), "needs pgBackRest: `make pgbackrest`, or Debian's package pgbackrest"
    return found
