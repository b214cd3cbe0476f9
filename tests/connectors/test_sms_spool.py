"""The file in which pieces of messages by SMS wait, read by many threads."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

from egide.connectors.sms.spool import Spool
from tests.support.installation import Installation

ROUNDS, READERS, PIECES = 20, 4, 40


def test_it_is_closed_under_readers_without_taking_the_process_along(installation: Installation) -> None:
    """The process ends while it looks for halves: what SQLite still reads must not be freed."""
    for _ in range(ROUNDS):
        spool = Spool(installation.config)
        for number in range(PIECES):
            spool.keep(1, bytes([number]) * 60, "call", now_us=number)
        begun = threading.Barrier(READERS + 1)
        with ThreadPoolExecutor(READERS) as readers:
            told = [readers.submit(read_on, spool, begun) for _ in range(READERS)]
            begun.wait()
            spool.close()
        assert [type(one.exception()) for one in told] == [sqlite3.ProgrammingError] * READERS


def read_on(spool: Spool, begun: threading.Barrier) -> None:
    begun.wait()
    while len(spool.waiting(1)) == PIECES:
        pass
