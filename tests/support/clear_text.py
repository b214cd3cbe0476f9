"""Looks through everything that an installation leaves on its disk for what must lie there sealed."""

import json
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from egide.entrypoints.stack.installation import Stack

SQLITE = b"SQLite format 3\0"
# Half a metre: a rounded position is a position.
NEAR_E7 = 50


def secrets_of(stack: Stack) -> list[str]:
    """Passwords, names, numbers of files and positions of the demo: none of them may be written down."""
    found = [user["password"] for user in stack.demo["users"]]
    for kit in stack.demo["kits"]:
        found += [kit["name"], kit["case"], f"{kit['lat']:.4f}", f"{round(kit['lat'] * 1e7)}"]
    return found


def find_clear_text(
    data_dir: Path,
    printed: Iterable[str],
    words: Iterable[str],
    places: Iterable[tuple[float, float]] = (),
    pieces: Iterable[bytes] = (),
) -> list[str]:
    """Where something lies in clear, as "file: what".

    `printed` are the lines of the processes; `places` are positions in degrees, looked for as text, as integers of 1e-7
    degree in msgpack, CBOR and JSON, as floating-point numbers, as values of a table; `pieces` are bytes of pictures.
    The public list of all addresses says nothing of anybody, and is left out.
    """
    needles = {**_written(words), **{f"picture {n}": piece for n, piece in enumerate(pieces)}}
    numbers = [round(degrees * 1e7) for place in places for degrees in place]
    needles |= _numbers(numbers)
    found = []
    public = data_dir / "addresses"
    for path in sorted(path for path in data_dir.rglob("*") if path.is_file() and public not in path.parents):
        content = path.read_bytes()
        found += [f"{path.name}: {name}" for name, needle in needles.items() if needle in content]
        if content.startswith(SQLITE):
            found += [f"{path.name}: {where}" for where in _near_values(path, numbers)]
    told = "\n".join(printed).encode()
    return found + [f"printed: {name}" for name, needle in needles.items() if needle in told]


def _written(words: Iterable[str]) -> dict[str, bytes]:
    """Each word as UTF-8, and as JSON escapes it."""
    needles = {}
    for word in words:
        needles[word] = word.encode()
        needles[f"{word} (JSON)"] = json.dumps(word)[1:-1].encode()
    return needles


def _numbers(numbers: Iterable[int]) -> dict[str, bytes]:
    needles = {}
    for number in numbers:
        needles[f"{number} as text"] = str(number).encode()
        needles[f"{number} to four digits"] = f"{number / 1e7:.4f}".encode()
        # One byte says what follows: four alone would be met by chance once in some hundred runs.
        needles[f"{number} as msgpack"] = b"\xce" + struct.pack(">I", number)
        needles[f"{number} as CBOR"] = b"\x1a" + struct.pack(">I", number)
        needles[f"{number} as a float"] = struct.pack(">d", number / 1e7)
        needles[f"{number} as a float, other way round"] = struct.pack("<d", number / 1e7)
    return needles


def _near_values(path: Path, numbers: list[int]) -> Iterator[str]:
    """Integers and floating-point numbers of any table that lie near one of the numbers."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield from (f"{table}: {value}" for value in row if _is_near(value, numbers))
    connection.close()


def _is_near(value: object, numbers: list[int]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    shapes = (value, value * 1e7)
    return any(abs(shape - number) <= NEAR_E7 for shape in shapes for number in numbers)
