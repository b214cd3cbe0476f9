"""What the laws ask of a journal after the bad night: everything acknowledged is there, on the board, once."""

from collections import Counter

import msgspec

from egide.alarm.events import FromPhone
from egide.journal.proof.verify import verify
from egide.journal.service import Journal


class Acknowledged(msgspec.Struct, frozen=True):
    """A message for which a signed receipt came: its seq, and the alarm that the receipt named."""

    device: str
    counter: int
    seq: int
    alarm: str


def check_journal(journal: Journal, acknowledged: list[Acknowledged]) -> None:
    """The chain is whole, every acknowledged message is in its place, and none is there twice."""
    rows = list(journal.every())
    verify(rows)
    events = {row.seq: (row, journal.open_event(row)) for row in rows}
    messages = Counter(
        (event.device, event.counter) for _, event in events.values() if isinstance(event, FromPhone)
    )
    assert [key for key, count in messages.items() if count != 1] == []
    for one in acknowledged:
        assert one.seq in events, f"{one} is not in the journal"
        row, event = events[one.seq]
        assert isinstance(event, FromPhone)
        assert (event.device, event.counter, row.alarm) == (one.device, one.counter, one.alarm)


def check_board(journal: Journal, presses: dict[str, int]) -> None:
    """`presses` of each device: all are counted in its alarms, and exactly one of these is open."""
    rows = journal.connection.execute("SELECT alarm, device FROM alarm").fetchall()
    open_alarms = journal.open_alarms()
    assert len(open_alarms) == len(set(open_alarms))
    for device, count in presses.items():
        alarms = [alarm for alarm, owner in rows if owner == device]
        states = [journal.alarm(alarm) for alarm in alarms]
        assert sum(state.press.presses for state in states if state is not None) == count
        on_board = [alarm for alarm in alarms if alarm in open_alarms]
        assert len(on_board) == 1, f"{device} is on the board {len(on_board)} times"
        folded = journal.alarm(on_board[0])
        assert folded is not None and folded.is_open
