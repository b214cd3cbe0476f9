"""What a group asks of a journal in PostgreSQL: as often as one message, and nothing that takes longer with years."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from egide.alarm.events import NoteAdded
from egide.intake.passing import Arrival
from egide.intake.writer import Writer
from egide.journal.engines.postgres_connection import PostgresConnection
from egide.journal.queries import kits
from egide.journal.service import Entry
from egide.protocol.envelope import Kind, decode
from tests.support.installation import HERE, Installation
from tests.support.postgres import Server

OLD = 2000


@pytest.fixture
def installation(tmp_path: Path, postgres: Server) -> Iterator[Installation]:
    with Installation(tmp_path, address=postgres.emptied()) as made:
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of the ways to the server was gone; each waits for one answer."""
    counted: Counter[str] = Counter()

    def count(name: str) -> None:
        own = getattr(PostgresConnection, name)

        def counting(self: PostgresConnection, *args: Any, **named: Any) -> Any:
            counted[name] += 1
            return own(self, *args, **named)

        monkeypatch.setattr(PostgresConnection, name, counting)

    for name in ("execute", "begin", "commit"):
        count(name)
    return counted


def arrivals(envelopes: list[bytes]) -> list[Arrival]:
    return [
        Arrival(number, decode(data).kid.hex(), hashlib.sha256(data).digest(), data, decode(data).message)
        for number, data in enumerate(envelopes)
    ]


def handle(writer: Writer, envelopes: list[bytes]) -> None:
    answers = writer.handle(arrivals(envelopes))
    assert [answer.status for answer in answers] == [201] * len(envelopes)


@pytest.mark.parametrize("kind", [Kind.PRESS, Kind.POSITION, Kind.TEXT])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_group_asks_hardly_more_often_than_one_message(
    installation: Installation, asked: Counter[str], kind: Kind, *, is_first: bool
) -> None:
    """Of phones of which nothing has come yet, and of phones that are all in an alarm."""
    writer = Writer(installation.config, installation.journal, installation.clock)
    phones = [installation.enrol() for _ in range(18)]
    presses = [phone.press() for phone in phones]
    if not is_first:
        handle(writer, presses)
    press = None if kind is Kind.PRESS else 1
    said = [phone.envelope(kind, press=press, body=b"-" if kind is Kind.TEXT else None) for phone in phones]
    handle(writer, said[:1])
    asked.clear()
    handle(writer, said[1:2])
    alone = asked.total()
    asked.clear()
    handle(writer, said[2:])
    # The ends of several streams are one more question.
    assert asked.total() <= alone + 1 <= (7 if is_first else 11)


def test_no_message_reads_through_a_journal_that_has_grown(
    installation: Installation, postgres: Server
) -> None:
    """On a server that knows nothing yet of how large the tables have become."""
    writer = Writer(installation.config, installation.journal, installation.clock)
    phones = [installation.enrol() for _ in range(3)]
    note = Entry(stream="system:s", event=NoteAdded(user="op", text="-"))
    installation.journal.append([note] * OLD)
    connection = installation.journal.connection

    def read_through() -> int:
        connection.execute("SELECT pg_stat_force_next_flush()")
        with psycopg.connect(postgres.address("journal")) as owner:
            sql = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'event'"
            row = owner.execute(sql).fetchone()
        assert row is not None
        return int(str(row[0]))

    before = read_through()
    for phone in phones:
        handle(writer, [phone.envelope(Kind.HEARTBEAT)])
        handle(writer, [phone.press()])
        handle(writer, [phone.envelope(Kind.POSITION, position=HERE, press=2), phone.press()])
        handle(writer, [phone.envelope(Kind.HEARTBEAT, press=2)])
        assert kits.number_of_presses(installation.journal, phone.kit) == 2
        assert kits.number_of_tests(installation.journal, phone.kit) == 0
    assert read_through() == before
    assert sum(1 for _row in installation.journal.every()) > OLD
