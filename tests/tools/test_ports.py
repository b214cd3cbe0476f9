"""Ports of tests are nobody else's."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.support.ports import reserved

ROOT = Path(__file__).parents[2]
ASK = "from tests.support.ports import reserved; print(*[reserved(4) for _ in range({times})])"


def asked(times: int) -> "subprocess.Popen[str]":
    """A process that asks so many times for four in a row."""
    command = [sys.executable, "-c", ASK.format(times=times) + "; input()"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_processes_that_ask_at_once_and_one_process_that_asks_again_are_given_others_each_time() -> None:
    processes = [asked(20) for _ in range(3)]
    given: list[int] = []
    for process in processes:
        assert process.stdout is not None
        given += [int(first) + step for first in process.stdout.readline().split() for step in range(4)]
    for process in processes:
        process.communicate("\n")
    assert len(given) == len(set(given)) == 3 * 20 * 4


def test_one_where_something_listens_is_not_given() -> None:
    first = reserved()
    with socket.create_server(("127.0.0.1", first + 1)):
        second = reserved(3)
        assert not {first, first + 1} & set(range(second, second + 3))
