"""The machines that an address of PostgreSQL names, and which of them a process asks first.

One that is without power, or cut off, costs whoever asks it the whole of `connect_timeout`, and it may stand first in
the address: each connection that is begun in the middle of a failover would wait for it before it came to whoever
leads meanwhile.
"""

import itertools
import socket
import struct
from collections.abc import Mapping, Sequence

_BY_HOST = ("host", "hostaddr", "port")
# Who was silent has so long for a first word: whether TLS is spoken here (PostgreSQL, section 53.7, SSLRequest).
FIRST_WORD_S = 0.5
_FIRST_WORD = struct.pack("!II", 8, 80877103)


class _Process:
    """What this one has learnt: where each machine stands, the smallest first."""

    places: dict[str, int] = {}
    numbers = itertools.count(1)


def machines_of(given: Mapping[str, str | int | None]) -> list[dict[str, str]]:
    """The same parameters for each machine alone (libpq, section 34.1.1.3: several hosts, with one port or as many)."""
    said = {name: str(value) for name, value in given.items() if value is not None}
    parts = {name: said[name].split(",") for name in _BY_HOST if name in said}
    count = max((len(part) for part in parts.values()), default=1)
    common = {name: value for name, value in said.items() if name not in parts}
    return [
        common | {name: part[at] if len(part) > 1 else part[0] for name, part in parts.items()}
        for at in range(count)
    ]


def name_of(machine: Mapping[str, str]) -> str:
    """What people call it."""
    name, port = machine.get("host") or machine.get("hostaddr", ""), machine.get("port")
    return f"{name}:{port}" if port else name


def in_turn(machines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Who took writes last, then those of whom nothing is known in the order of the address, then those that were
    silent, the longest ago first."""
    return sorted(machines, key=lambda machine: _Process.places.get(name_of(machine), 0))


def says_nothing(machine: Mapping[str, str]) -> bool:
    """Whether this one was silent when it was asked last, and is so still: asked in no more than FIRST_WORD_S, where a
    connection costs the whole of `connect_timeout`. Who refuses says something."""
    if _Process.places.get(name_of(machine), 0) <= 0:
        return False
    # Of several hosts without a port libpq says an empty one for each.
    host, port = machine.get("hostaddr") or machine.get("host", ""), machine.get("port") or "5432"
    try:
        with _line_to(host, int(port)) as line:
            line.sendall(_FIRST_WORD)
            line.recv(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def _line_to(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    if not host.startswith("/"):
        return socket.create_connection((host, port), FIRST_WORD_S)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(FIRST_WORD_S)
    try:
        line.connect(f"{host}/.s.PGSQL.{port}")
    except OSError:
        line.close()
        raise
    return line


def note_leads(machine: Mapping[str, str]) -> None:
    """It took a connection that writes."""
    _Process.places[name_of(machine)] = -next(_Process.numbers)


def note_silent(machine: Mapping[str, str]) -> None:
    """It said nothing at all."""
    _Process.places[name_of(machine)] = next(_Process.numbers)
