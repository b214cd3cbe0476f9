"""Keeps children alive: one that ends is started again, after a pause that grows while it goes on ending."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from egide.entrypoints.stack.children import Child

LOOK_S = 0.2
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
# Who lived so long has not failed at its start.
SETTLED_S = 60.0


@dataclass
class _Kept:
    child: Child
    started_s: float
    pause_s: float = 0.0
    due_s: float | None = field(default=None)


class Keeper:
    """`tell` is called with the name of a child that ended, with what, and in how many seconds it starts again."""

    def __init__(self, children: dict[str, Child], tell: Callable[[str, int, float], None]) -> None:
        self._kept = {name: _Kept(child, time.monotonic()) for name, child in children.items()}
        self._tell = tell

    def keep_until(self, stopped: threading.Event) -> None:
        """Look after all of them until stopped."""
        while not stopped.wait(LOOK_S):
            for name, kept in self._kept.items():
                self._look_after(name, kept, time.monotonic())

    def _look_after(self, name: str, kept: _Kept, now_s: float) -> None:
        if kept.due_s is not None:
            if now_s >= kept.due_s:
                kept.due_s, kept.started_s = None, now_s
                kept.child.start()
            return
        code = kept.child.process.poll()
        if code is None:
            return
        is_new = now_s - kept.started_s < SETTLED_S
        kept.pause_s = min(2 * kept.pause_s or FIRST_PAUSE_S, LONGEST_PAUSE_S) if is_new else FIRST_PAUSE_S
        kept.due_s = now_s + kept.pause_s
        self._tell(name, code, kept.pause_s)
