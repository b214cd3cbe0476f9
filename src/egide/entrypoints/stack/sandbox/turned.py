"""The sandbox's clock: the machine's, turned on by what stands in a file, for all its processes at once."""

import os
from pathlib import Path

from egide.common.clock import SystemClock

AHEAD = "ahead"
_MOST_BYTES = 32


def ahead_us(folder: Path) -> int:
    """By how many microseconds the sandbox is ahead of the machine."""
    try:
        # Read for every look at the clock, in five microseconds.
        fd = os.open(folder / AHEAD, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        return int(os.read(fd, _MOST_BYTES))
    finally:
        os.close(fd)


def do_turn(folder: Path, further_s: int) -> int:
    """Turn it on; returns the seconds that it is ahead now. Never back: what happened would lie in the future."""
    if further_s < 0:
        raise ValueError(f"the clock is turned on, not back: {further_s} s")
    ahead = ahead_us(folder) + further_s * 1_000_000
    draft = folder / f"{AHEAD}.new"
    draft.write_text(str(ahead), encoding="ascii")
    draft.replace(folder / AHEAD)
    return ahead // 1_000_000


def follow(folder: Path) -> None:
    """From now on every clock of this process is ahead as the file says, the one that counts steadily too."""
    now_us, steady_us = SystemClock.now_us, SystemClock.steady_us

    def turned_now_us(self: SystemClock) -> int:
        return now_us(self) + ahead_us(folder)

    def turned_steady_us(self: SystemClock) -> int:
        return steady_us(self) + ahead_us(folder)

    # A process of an installation must not even ask whether its clock is another.
    SystemClock.now_us = turned_now_us  # type: ignore[method-assign]
    SystemClock.steady_us = turned_steady_us  # type: ignore[method-assign]
