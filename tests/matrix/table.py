"""The table that is committed: every address, every viewer, what they get. Made by `python -m tests.matrix`.

Read every line that changes: `yes` means that the viewer enters, `.` that the address does not exist for them. A method
that an address takes from nobody (405 for all) has no line.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.matrix.ask import MISSING, NOT_COMPARED, WRONG_METHOD, Row, body_of, reply_of, word_of
from tests.matrix.world import ASKED, VIEWERS, World, routes

FILE = Path(__file__).parent / "matrix.csv"
# Files of the phone's web app: for everybody, and only there once the app was built.
NOT_ASKED = ("app/", "app/<path:name>")
PHONE = "app/"
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


@dataclass(frozen=True)
class Looked:
    """What came back for everybody who looked at every address, before any form was sent."""

    rows: list[Row]
    # By address and viewer.
    bodies: dict[tuple[str, str], bytes]


def look_at_everything(world: World, directory: Path) -> Looked:
    """Every address, as every viewer, in one copy of the world."""
    rows, bodies = [], {}
    with world.copied(directory / "looked-at"):
        for route, name in routes():
            path, words = world.sample.fill(route, name), {}
            for viewer in ASKED:
                reply = reply_of(world.client(viewer), "GET", path)
                bodies[route, viewer] = body_of(reply)
                # The phone's host serves nothing but its app: what it lacks is a bare answer that tells of no desk.
                is_bare = route.startswith(PHONE) and reply.status_code == 404 and not bodies[route, viewer]
                words[viewer] = (
                    MISSING if is_bare else word_of(reply, f"GET {path}", world.missing_for(viewer))
                )
            if route in NOT_ASKED:
                words = dict.fromkeys(VIEWERS, NOT_COMPARED)
            rows.append(Row(route, "GET", tuple(words[viewer] for viewer in VIEWERS)))
    return Looked(rows, bodies)


def ask_everything(world: World, directory: Path, looked: Looked) -> dict[str, Row]:
    """The table as the system is now: what was looked at, and each form in a copy of the world of its own."""
    forms = [
        _ask_form(world, directory / str(number), route, name)
        for number, (route, name) in enumerate(routes())
    ]
    told = (row for row in (*looked.rows, *forms) if set(row.cells) != {WRONG_METHOD})
    return {row.key: row for row in sorted(told, key=lambda row: (row.address, row.method))}


def _ask_form(world: World, directory: Path, route: str, name: str | None) -> Row:
    """What every viewer gets for a form: in one copy of the world, or in one each where the first takes all away."""
    if route in NOT_ASKED:
        return Row(route, "POST", (NOT_COMPARED,) * len(VIEWERS))
    path, form = world.sample.fill(route, name), FORMS.get(name or "", "")

    def word(viewer: str) -> str:
        reply = reply_of(world.client(viewer), "POST", path, form)
        return word_of(reply, f"POST {path}", world.missing_for(viewer))

    words = {}
    if name in TAKES_AWAY:
        for number, viewer in enumerate(ASKED):
            with world.copied(directory.with_name(f"{directory.name}-{number}")):
                words[viewer] = word(viewer)
    else:
        with world.copied(directory):
            words = {viewer: word(viewer) for viewer in ASKED}
    return Row(route, "POST", tuple(words[viewer] for viewer in VIEWERS))


def write(rows: Iterable[Row]) -> str:
    """The table as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["address", "method", *VIEWERS])
    writer.writerows([row.address, row.method, *row.cells] for row in rows)
    return out.getvalue()
