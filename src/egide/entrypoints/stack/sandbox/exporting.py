"""Copies of a sandbox's journal for who writes a reader of them, in the form of `egide journal export`."""

import io

from egide.common.clock import SystemClock
from egide.entrypoints.stack.sandbox.house import House
from egide.events.register import JournalExported
from egide.journal.ending.erasing import EXPORTS_STREAM
from egide.journal.proof.export import FORMAT, Header, write_export
from egide.journal.service import Entry

_BY = "sandbox"


class NoAlarm(Exception):
    """No alarm is open."""


def copy_of_all(house: House) -> bytes:
    """The whole journal, every body sealed."""
    journal, out = house.journal(), io.BytesIO()
    # Recorded first, as of every copy.
    taken = JournalExported(stream="", last_seq=journal.head(), by=_BY, to=_BY)
    journal.append([Entry(stream=EXPORTS_STREAM, event=taken)])
    write_export(Header(FORMAT, SystemClock().now_us(), "", b""), journal.every(), out)
    journal.close()
    return out.getvalue()


def copy_of_newest(house: House) -> bytes:
    """The newest open alarm with the key that opens it. Raises NoAlarm."""
    journal, out = house.journal(), io.BytesIO()
    states = journal.last_known_alarms(journal.open_alarms())
    if not states:
        raise NoAlarm
    stream = f"alarm:{max(states, key=lambda state: state.opened_at_us).alarm}"
    rows = journal.stream(stream)
    key = journal.keys.stream_key(rows[0].key, stream).raw
    taken = JournalExported(stream=stream, last_seq=rows[-1].seq, by=_BY, to=_BY)
    journal.append([Entry(stream=EXPORTS_STREAM, event=taken)])
    write_export(Header(FORMAT, SystemClock().now_us(), stream, key), rows, out)
    journal.close()
    return out.getvalue()
