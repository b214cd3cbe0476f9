"""Rows that changed come to the boards that want them, and to nobody else; without a painter events come too."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from egide.alarm.events import NoteAdded
from egide.entrypoints.serving.painted import ChangedAlarms, Painted, PaintedRow, answer_beside
from tests.live.conftest import Live, Reader

HAINAUT: dict[str, Any] = {"centres": ["HAI"], "user": "op-1"}
OTHER: dict[str, Any] = {"centres": ["HAI"], "user": "op-2"}
ROWS = "?rows=fr"


@contextmanager
def painter(live: Live) -> Iterator[list[ChangedAlarms]]:
    """Something that paints for the first operator alone; what it was asked."""
    asked: list[ChangedAlarms] = []

    def paint(question: ChangedAlarms) -> Painted:
        asked.append(question)
        mine = [number for number, reader in enumerate(question.readers) if reader.user == "op-1"]
        rows = [PaintedRow(alarm, f"<li>{alarm}\n</li>", mine) for alarm in question.alarms]
        return Painted(live.installation.journal.head(), 5, rows)

    listener = answer_beside(live.installation.config, paint)
    yield asked
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


async def row(reader: Reader) -> dict[str, Any]:
    """The next row, whatever comes before it."""
    while (happening := await reader.next()) is not None:
        if happening.type == "row":
            content: dict[str, Any] = msgspec.json.decode(happening.data)
            assert happening.id == "", "the place in the journal is told by events alone"
            return content
    raise AssertionError("the stream ended")


async def until_seq(reader: Reader, seq: int) -> list[str]:
    """The types of all that comes up to the event at this place."""
    types = []
    while (happening := await reader.next()) is not None:
        types.append(happening.type)
        if happening.type == "message" and happening.news[0] >= seq:
            return types
    raise AssertionError("the stream ended")


def alarm_of_hainaut(live: Live) -> str:
    alarm = live.installation.open_alarm(live.installation.enrol())
    live.installation.route(alarm, centre="HAI")
    return alarm


async def test_a_row_follows_its_event_for_whom_it_was_painted(live: Live) -> None:
    with painter(live) as asked:
        async with (
            live.listening(query=ROWS, **HAINAUT) as here,
            live.listening(query=ROWS, **OTHER) as other,
            live.listening(**HAINAUT) as without,
            live.listening(query=ROWS, zones=["5324"]) as zone,
        ):
            alarm = alarm_of_hainaut(live)
            content = await row(here)
            while content["head"] < live.installation.journal.head():
                content = await row(here)
            assert content == {
                "alarm": alarm,
                "head": live.installation.journal.head(),
                "now": 5,
                "html": f"<li>{alarm}\n</li>",
            }
            # What was painted would have come before the next event.
            live.installation.act(alarm, NoteAdded(user="op-1", text="-"))
            for stream in (other, without, zone):
                assert "row" not in await until_seq(stream, live.installation.journal.head())
    readers = {(one.user, one.language) for question in asked for one in question.readers}
    assert readers == {("op-1", "fr"), ("op-2", "fr")}


async def test_without_a_painter_events_come_and_the_next_painter_is_found(live: Live) -> None:
    with painter(live):
        pass
    # Its socket is left behind, as by a process that was killed.
    (left,) = (live.installation.config.data_dir / "painters").iterdir()
    left = left.rename(left.with_name("0"))
    async with live.listening(query=ROWS, **HAINAUT) as reader:
        alarm = alarm_of_hainaut(live)
        assert (await reader.news())[2] == f"alarm:{alarm}"
        with painter(live):
            assert (await row_of(reader, alarm_of_hainaut(live)))["head"]
        assert not left.exists()


async def row_of(reader: Reader, alarm: str) -> dict[str, Any]:
    while (content := await row(reader))["alarm"] != alarm:
        pass
    return content
