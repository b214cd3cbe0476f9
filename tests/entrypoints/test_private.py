"""What others on the machine can see of an installation: files, arguments of processes, what processes log."""

import asyncio
import os
import signal
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from egide.entrypoints.cli.demo_once import press_once
from egide.entrypoints.stack.children import Child, Process
from egide.entrypoints.stack.installation import Stack
from egide.journal.now.presence import Presence
from tests.support.clear_text import secrets_of
from tests.support.nursery import begin_loaded
from tests.support.once_pressed import check_steps
from tests.support.waiting import until

STANDS = "(most recent call first)"


def test_nobody_else_reads_directory_files_arguments_or_logs_of_a_press(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    place, logs = tmp_path / "new", tmp_path / "logs"
    logs.mkdir()

    def begin(
        module: str, arguments: Sequence[str], environment: Mapping[str, str], fds: Sequence[int]
    ) -> Process:
        # A fork shows what its parent was given: these are what a process of its own would show.
        given.extend(arguments)
        with (logs / module).open("a") as log:
            return begin_loaded(module, arguments, environment, fds, log.fileno())

    def said() -> str:
        return "\n".join(log.read_text() for log in logs.iterdir())

    monkeypatch.setattr(Child, "begin", staticmethod(begin))
    with Stack(place) as stack:
        stack.start()
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        # A directory that somebody made before may be open: each file is private by itself.
        place.chmod(0o755)
        stack.start_radio(stack.demo["kits"][:1])
        pressed: dict[str, Any] = asyncio.run(press_once(stack))
        # By what the operator did, and by sitting there: else the alarm rings as new wherever a step takes long.
        assert [board.user for board in Presence(stack.config).boards()] == ["hainaut-12"] * 2
        pids = [child.process.pid for child in stack.children.values()]
        seen = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*")}
        secrets = secrets_of(stack)
        codes = (place / "codes").read_text().split()
        for pid in pids:
            os.kill(pid, signal.SIGUSR1)
        # Each process says where its threads stand, as an administrator asks one that seems to stand still.
        until(lambda: all(STANDS in log.read_text() for log in logs.iterdir()), said)
        until(lambda: "in route_until" in said(), said)
    check_steps(pressed["steps"])
    assert {"journal.db", "app.db", "keys.db", "phone-1.db", "buttons.json", "codes"} <= seen.keys()
    assert [name for name, mode in seen.items() if mode & 0o077] == []
    # Where the invented phones stand is an argument; what opens something is not.
    assert "--position" in given
    arguments = "".join(given)
    assert [secret for secret in secrets if secret in arguments and not secret[0].isdigit()] == []
    assert len(codes) == 1 and codes[0] not in arguments
    assert len(list(logs.iterdir())) == len(pids)
    assert [secret for secret in (*secrets, *codes) if secret in said()] == []
