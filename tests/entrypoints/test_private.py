"""What others on the machine can see of an installation: files, arguments of processes, what processes log."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import pytest

from egide.entrypoints.cli.demo_once import press_once
from egide.entrypoints.stack.children import Child, begin
from egide.entrypoints.stack.installation import Stack
from tests.support.clear_text import secrets_of


def test_nobody_else_reads_directory_files_arguments_or_logs_of_a_press(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of what begins in the tests' nursery, nobody reads the arguments.
    monkeypatch.setattr(Child, "begin", staticmethod(begin))
    place = tmp_path / "new"
    with Stack(place) as stack:
        stack.start()
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        # A directory that somebody made before may be open: each file is private by itself.
        place.chmod(0o755)
        stack.start_radio()
        asyncio.run(press_once(stack))
        pids = [child.process.pid for child in stack.children.values()]
        arguments = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in pids)
        seen = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*")}
        secrets = secrets_of(stack)
        codes = (place / "codes").read_text().split()
        for pid in pids:
            os.kill(pid, signal.SIGUSR1)
    assert {"journal.db", "app.db", "keys.db", "phone-1.db", "buttons.json", "codes"} <= seen.keys()
    assert [name for name, mode in seen.items() if mode & 0o077] == []
    # Where the invented phones stand is an argument; what opens something is not.
    assert [secret for secret in secrets if secret in arguments and not secret[0].isdigit()] == []
    assert len(codes) == len(stack.demo["kits"])
    assert [code for code in codes if code in arguments] == []
    logged = capfd.readouterr().err
    # Each process has said where its threads stand, as an administrator asks one that seems to stand still.
    assert logged.count("(most recent call first)") >= len(pids)
    assert "in route_until" in logged
    assert [secret for secret in (*secrets, *codes) if secret in logged] == []
