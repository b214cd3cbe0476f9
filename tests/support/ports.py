"""Ports for programs that open theirs themselves, and for those that go and come back at the same one.

A port that was found free and let go is anybody's until it is opened again: the system hands it to the next connection
of another test. So these lie below those that it hands out by itself (`ip_local_port_range`, from 32768 where nobody
chose others), and no two processes of tests are given the same.
"""

import os
import socket
from itertools import chain

_RANGE = range(20_000, 32_000)
_held: list[socket.socket] = []


def reserved(number: int = 1) -> int:
    """The first of so many free ports of 127.0.0.1 in a row, which are this process's until it ends."""
    begin = _RANGE.start + os.getpid() * 8 % len(_RANGE)
    for first in chain(range(begin, _RANGE.stop - number), range(_RANGE.start, begin)):
        marks = [_mark(port) for port in range(first, first + number)]
        if all(marks):
            _held.extend(mark for mark in marks if mark)
            return first
        for mark in marks:
            if mark:
                mark.close()
    raise AssertionError(f"no {number} free ports in a row")


def _mark(port: int) -> socket.socket | None:
    """What holds this port for us: a name in the machine's network that goes with the process. None if it is another's
    or if something listens there."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        mark.bind(f"\0egide-tests-port-{port}")
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as knock:
                # As a server does, which does not mind connections that have ended.
                if kind == socket.SOCK_STREAM:
                    knock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                knock.bind(("127.0.0.1", port))
    except OSError:
        mark.close()
        return None
    return mark
