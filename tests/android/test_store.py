"""The phone's memory in Java when its process is killed and its disk is full: no press lost, no counter used twice."""

import itertools
import random
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import android_core

PRESSING = "egide.core.store.Pressing"
FOREVER = 1_000_000


class Lives:
    """One phone over many lives of its process, held against what each of them said."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes: dict[int, str] = {}
        self.buttons: dict[int, int] = {}
        self.kept: set[int] = set()
        self.sent: set[int] = set()

    def live(self, steps: int, until: int, before: Callable[[], None] | None = None) -> list[str]:
        """A life of so many steps, ended by kill -9 once `until` of them were heard; all that it said of them."""
        command = [*android_core.java(PRESSING), str(self.path), str(steps)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=before) as process:
            assert process.stdout is not None
            lines = iter(process.stdout)
            try:
                self._check_beginning(lines)
                said = list(itertools.islice(lines, until))
            finally:
                process.kill()
            # It was ahead of us: what stands in the pipe was said, too.
            said += [line for line in lines if line.endswith("\n")]
        for line in said:
            self._take(line.split())
        return [line.rstrip("\n") for line in said]

    def _check_beginning(self, lines: Iterator[str]) -> None:
        unsent: dict[int, str] = {}
        for line in lines:
            word, *rest = line.split()
            if word == "begins":
                break
            if word == "opened":
                assert int(rest[1]) >= max(self.buttons.values(), default=0)
                assert rest[2] == "false"
            else:
                counter, data = int(rest[0]), rest[1]
                unsent[counter] = data
                # One that was durable before it could be said, or one that was said.
                assert self.bytes.setdefault(counter, data) == data
        assert self.kept - self.sent <= unsent.keys()
        self.kept |= unsent.keys()

    def _take(self, said: list[str]) -> None:
        word, *rest = said
        if word in ("kept", "added"):
            counter = int(rest[0])
            assert counter not in self.bytes, f"counter {counter} was used twice"
            self.bytes[counter] = rest[1]
        if word == "kept":
            button = int(rest[2])
            assert button not in self.buttons.values(), f"press {button} of the button was kept twice"
            self.buttons[counter] = button
            self.kept.add(counter)
        if word == "sent":
            self.sent.add(int(rest[0]))


def kill(path: Path, times: int, chance: random.Random) -> Lives:
    lives = Lives(path)
    for _ in range(times):
        lives.live(FOREVER, chance.randrange(60))
    # However early all of them ended, this one says something.
    lives.live(40, FOREVER)
    lives.live(0, 1)
    return lives


@pytest.mark.usefixtures("built")
def test_kill_9_loses_no_press_and_uses_no_counter_twice(tmp_path: Path, chance: random.Random) -> None:
    lives = kill(tmp_path / "phone", 3, chance)
    assert len(lives.kept) > 20


@pytest.mark.full("tests/android/test_store.py::test_kill_9_loses_no_press_and_uses_no_counter_twice")
@pytest.mark.usefixtures("built")
def test_two_hundred_times_kill_9_lose_no_press_and_use_no_counter_twice(
    tmp_path: Path, chance: random.Random
) -> None:
    lives = kill(tmp_path / "phone", 200, chance)
    assert len(lives.kept) > 2000


@pytest.mark.usefixtures("built")
def test_a_full_disk_takes_presses_longer_than_all_else_and_loses_none(tmp_path: Path) -> None:
    lives = Lives(tmp_path / "phone")

    def limit() -> None:
        # The file may grow no more: what a full disk says to whoever needs another block.
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    said = lives.live(2000, FOREVER, limit)
    first = said.index("full 2")
    later = [line.split()[0] for line in said[first:]]
    assert later.count("kept") > 40
    assert "added" not in later
    assert "full 0" in said
    # With room again everything is there and goes on.
    more = lives.live(40, FOREVER)
    assert [line.split()[0] for line in more[:3]] == ["kept", "kept", "added"]
    lives.live(0, 1)
