"""Intake, live, worker and watch as processes over one journal, without pages: what watch looks at."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, open_listener, stop_all
from egide.journal.now.presence import Presence
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S, until

SERVED = ("intake", "live")


class Chain:
    """The processes by name. Boards are played: `note_board` gives a sign of life of one."""

    def __init__(
        self, data_dir: Path, canary_every_s: int = 1, journal: str = "", **settings: object
    ) -> None:
        self.listeners = {name: open_listener() for name in SERVED}
        ports = {name: listener.getsockname()[1] for name, listener in self.listeners.items()}
        self.installation = Installation(data_dir, SystemClock(), address=journal)
        second_place = data_dir / "second place"
        second_place.mkdir()
        self.config = replace(
            self.installation.config,
            intake_urls=(f"http://127.0.0.1:{ports['intake']}",),
            live_url=f"http://127.0.0.1:{ports['live']}",
            canary_every_s=canary_every_s,
            checkpoints_to=str(second_place),
            **settings,  # type: ignore[arg-type]
        )
        self.journal = self.installation.journal
        self.signs = Signs(self.config, SystemClock())
        self.presence = Presence(self.config)
        self.children: dict[str, Child] = {}
        self.play_boards = True

    def start(self, names: Sequence[str] = (*SERVED, "worker", "watch")) -> None:
        """Start these, and wait until they are ready."""
        environment = self.config.environment() | {"EGIDE_LANG": "en"}
        for name in names:
            module, listener = f"egide.entrypoints.{name}", self.listeners.get(name)
            self.children[name] = Child(module, [], environment, listener)
        for name in names:
            self.children[name].ready()

    def restart(self, name: str) -> None:
        """Start a killed process again."""
        self.children[name].start()
        self.children[name].ready()

    def revive(self) -> bool:
        """Beside a database a worker ends that was stuck, since its turn is lost; it begins again, as its unit does.
        True."""
        if self.config.journal and self.children["worker"].process.poll() is not None:
            self.restart("worker")
        return True

    def note_board(self) -> None:
        """A board says that it is there, unless nobody plays boards."""
        if not self.play_boards:
            return
        self.presence.note_board("board-1", "op", "mons", SystemClock().now_us(), 0)

    def broken(self) -> list[str]:
        """The parts that watch calls broken."""
        return [trouble.part for trouble in self.signs.troubles()]

    def kinds(self) -> list[str]:
        """The kinds of all events of canaries, in order."""
        return [row.kind for row in self.journal.every() if row.stream.startswith("canary:")]

    def until(self, is_true: Callable[[], object], what: str, within_s: float = WITHIN_S) -> float:
        """Look until it is so, with a board that is alive all the while; seconds that it took."""

        def is_so() -> bool:
            self.note_board()
            return bool(is_true())

        began_s = time.monotonic()
        until(is_so, lambda: f"within {within_s} s: {what}; broken: {self.broken()}", within_s, 0.05)
        return time.monotonic() - began_s

    def close(self) -> None:
        stop_all(list(self.children.values()))
        for listener in self.listeners.values():
            listener.close()
        self.journal.connection.close()
