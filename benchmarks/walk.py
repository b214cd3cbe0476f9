"""How far a reader must walk to follow what an operator does: the files that one call goes through until it is written,
and how often it climbs back into a file that it had left, to go on from there.

Counted while it runs: `python -m benchmarks.walk [COMMAND]`, with a command of the desk that asks nothing
(`alarm/table.py`). A step is a call from one file to another that it has not made before; a climb is a step that does
not begin where the last one ended. A wrapper that only names errors counts as what it wraps.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import click

from tests.support.installation import Installation
from tests.support.pages import MIGRATED, MONS, Pages, _use, do_migrate, near
from tools.tree import ROOT

SOURCE = f"{ROOT / 'src' / 'egide'}/"
WRAPPERS = frozenset({"guarded"})
# From here on the call decides; before it the address was found, after it the page is painted.
DECIDES = "do_command"


class Walk(NamedTuple):
    """Files in the order in which they were met, and each first step from one to another."""

    files: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]

    @property
    def climbs(self) -> int:
        """How many steps begin elsewhere than where the one before them ended."""
        return sum(step[0] != before[1] for before, step in zip(self.steps, self.steps[1:], strict=False))


class Tracer:
    """Follows calls between files of the server."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._since = ""
        self._files: dict[str, None] = {}
        self._steps: dict[tuple[str, str], None] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(SOURCE) or code.co_name in WRAPPERS:
            return
        if event == "call":
            self._enter(code.co_filename.removeprefix(SOURCE), code.co_name)
        elif event == "return" and self._stack:
            self._stack.pop()

    def _enter(self, file: str, name: str) -> None:
        if not self._stack and name != DECIDES:
            return
        if self._stack and self._stack[-1] != file:
            self._steps[self._stack[-1], file] = None
        self._stack.append(file)
        self._files[file] = None

    def walk(self) -> Walk:
        return Walk(tuple(self._files), tuple(self._steps))


@contextmanager
def fresh_pages() -> Iterator[Pages]:
    """Pages over an installation that is thrown away."""
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as data:
        do_migrate(Path(made))
        migrated = Path(made) / MIGRATED
        with Installation(Path(data)) as installation:
            _use(installation, migrated)
            yield Pages(installation, migrated, partial(_made_in, Path(made)))


def _made_in(made: Path, name: str, make: Callable[[Path], None]) -> Path:
    folder = made / name
    folder.mkdir()
    make(folder)
    return folder


def walk_of(pages: Pages, command: str) -> Walk:
    """One operator says this of a fresh alarm, once the page is open and everything is loaded."""
    alarm = pages.alarm(pages.phone(), near(pages.files[MONS]))
    client = pages.client(pages.user())
    client.get(f"/desk/alarms/{alarm}")
    tracer = Tracer()
    sys.setprofile(tracer)
    try:
        reply = client.post(
            f"/desk/alarms/{alarm}/{command}", "", content_type="application/x-www-form-urlencoded"
        )
    finally:
        sys.setprofile(None)
    assert reply.status_code == 200, reply.status_code
    return tracer.walk()


@click.command(help=__doc__)
@click.argument("command", default="acknowledge")
def main(command: str) -> None:
    with fresh_pages() as pages:
        walk = walk_of(pages, command)
    for number, (before, after) in enumerate(walk.steps):
        climbs = number and walk.steps[number - 1][1] != before
        click.echo(f"{'↑' if climbs else ' '} {before} → {after}")
    click.echo(f"{command}: {len(walk.files)} files, {walk.climbs} climbs")


if __name__ == "__main__":
    main()
