"""The table that is committed: every address, every viewer, what they get. Made by `python -m tests.matrix`.

Read every line that changes: `yes` means that the viewer enters, `.` that the address does not exist for them. A method
that an address takes from nobody (405 for all) has no line.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
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
# They ask nothing but in `make test-full`: another viewer with the same rights does, nearer to what is not theirs.
# A clerk works beside a magistrate, the barred have a place of Mons besides, and the committee reads as support does.
LIKE_ANOTHER = (
    "clerk",
    "operator elsewhere",
    "zone-officer elsewhere",
    "magistrate elsewhere",
    "clerk elsewhere",
    "steering",
)
NOT_ASKED_NOW = ""
# They are asked first. Where the method is refused to all three, it is before anybody asks who they are: nobody else is
# asked then, but in `make test-full`.
FIRST = ("administrator", "data-protection", "anonymous")


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
    # By address and viewer; those who were not asked are left out.
    bodies: dict[tuple[str, str], bytes]


def look_at_everything(world: World, directory: Path, *, everybody: bool) -> Looked:
    """Every address, as every viewer, in one copy of the world."""
    rows, bodies = [], {}

    def look(route: str, path: str, viewer: str) -> str:
        reply = reply_of(world.client(viewer), "GET", path)
        bodies[route, viewer] = body_of(reply)
        # The phone's host serves nothing but its app: what it lacks is a bare answer that tells of no desk.
        is_bare = route.startswith(PHONE) and reply.status_code == 404 and not bodies[route, viewer]
        return MISSING if is_bare else word_of(reply, f"GET {path}", world.missing_for(viewer))

    with world.copied(directory / "looked-at"):
        for route, name in routes():
            words = _words(partial(look, route, world.sample.fill(route, name)), everybody)
            if route in NOT_ASKED:
                words = dict.fromkeys(VIEWERS, NOT_COMPARED)
            rows.append(Row(route, "GET", tuple(words[viewer] for viewer in VIEWERS)))
    return Looked(rows, bodies)


def ask_everything(world: World, directory: Path, looked: Looked, *, everybody: bool) -> dict[str, Row]:
    """The table as the system is now: what was looked at, and each form in a copy of the world of its own."""
    taken = [True] * len(routes())
    if not everybody:
        # Who asks with a method that is refused changes nothing: all of these share one copy.
        with world.copied(directory / "refused"):
            taken = [_takes_forms(world, route, name) for route, name in routes()]
    forms = [
        _ask_form(world, directory / str(number), route, name, everybody)
        for number, (route, name) in enumerate(routes())
        if taken[number]
    ]
    told = (row for row in (*looked.rows, *forms) if set(row.cells) != {WRONG_METHOD})
    return {row.key: row for row in sorted(told, key=lambda row: (row.address, row.method))}


def _takes_forms(world: World, route: str, name: str | None) -> bool:
    """Whether an address takes a form from anybody of those who are asked first."""
    if route in NOT_ASKED:
        return True
    path = world.sample.fill(route, name)
    replies = (world.client(viewer).post(path) for viewer in reversed(FIRST))
    return any(reply.status_code != HTTPStatus.METHOD_NOT_ALLOWED for reply in replies)


def _ask_form(world: World, directory: Path, route: str, name: str | None, everybody: bool) -> Row:
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
            words = _words(word, everybody)
    return Row(route, "POST", tuple(words[viewer] for viewer in VIEWERS))


def _words(ask: Callable[[str], str], everybody: bool) -> dict[str, str]:
    """What each viewer gets, asked in the order of ASKED behind those who come first."""
    words = {viewer: ask(viewer) for viewer in FIRST}
    if set(words.values()) == {WRONG_METHOD} and not everybody:
        return dict.fromkeys(VIEWERS, WRONG_METHOD)
    if not everybody:
        words |= dict.fromkeys(LIKE_ANOTHER, NOT_ASKED_NOW)
    return words | {viewer: ask(viewer) for viewer in ASKED if viewer not in words}


def write(rows: Iterable[Row]) -> str:
    """The table as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["address", "method", *VIEWERS])
    writer.writerows([row.address, row.method, *row.cells] for row in rows)
    return out.getvalue()
