"""The table that is committed: every address, every viewer, what they get. Made by `python -m tests.matrix`.

Read every line that changes: `yes` means that the viewer enters, `.` that the address does not exist for them. A method
that an address takes from nobody (405 for all) has no line.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from tests.matrix.ask import NOT_COMPARED, WRONG_METHOD, Row, word_for
from tests.matrix.world import ASKED, VIEWERS, World, routes

FILE = Path(__file__).parent / "matrix.csv"
# Files of the phone's web app: for everybody, and only there once the app was built.
NOT_ASKED = ("app/", "app/<path:name>")
# What some forms need to get anywhere, and those that find nothing the second time.
FORMS = {"file-document": "document=request&language=fr"}
TAKES_AWAY = ("file-paper-remove", "surveys-hand")


def read() -> dict[str, Row]:
    """The committed table, by method and address. Raises AssertionError when its columns are not the viewers."""
    with FILE.open(newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    assert head[2:] == list(VIEWERS), "columns of matrix.csv and VIEWERS differ"
    rows = [Row(line[0], line[1], tuple(line[2:])) for line in lines]
    return {row.key: row for row in rows}


def ask_everything(world: World, directory: Path) -> dict[str, Row]:
    """The table as the system is now. Looking is asked in one copy of the world, each form in its own."""
    with world.copied(directory / "looked-at"):
        rows = [_ask(world, route, name, "GET") for route, name in routes()]
    for number, (route, name) in enumerate(routes()):
        rows.append(_ask_form(world, directory / str(number), route, name))
    told = (row for row in rows if set(row.cells) != {WRONG_METHOD})
    return {row.key: row for row in sorted(told, key=lambda row: (row.address, row.method))}


def _ask(world: World, route: str, name: str | None, method: str) -> Row:
    """What every viewer gets from one address, in the world that is in force."""
    if route in NOT_ASKED:
        return Row(route, method, (NOT_COMPARED,) * len(VIEWERS))
    path, form = world.sample.fill(route, name), FORMS.get(name or "", "")
    words = {
        viewer: word_for(world.client(viewer), method, path, form, world.missing_for(viewer))
        for viewer in ASKED
    }
    return Row(route, method, tuple(words[viewer] for viewer in VIEWERS))


def _ask_form(world: World, directory: Path, route: str, name: str | None) -> Row:
    """The same for a form, in copies of the world: one for all, or one for each where the first takes all away."""
    if name not in TAKES_AWAY:
        with world.copied(directory):
            return _ask(world, route, name, "POST")
    path, cells = world.sample.fill(route, name), []
    for number, viewer in enumerate(VIEWERS):
        with world.copied(directory.with_name(f"{directory.name}-{number}")):
            cells.append(word_for(world.client(viewer), "POST", path))
    return Row(route, "POST", tuple(cells))


def write(rows: Iterable[Row]) -> str:
    """The table as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["address", "method", *VIEWERS])
    writer.writerows([row.address, row.method, *row.cells] for row in rows)
    return out.getvalue()
