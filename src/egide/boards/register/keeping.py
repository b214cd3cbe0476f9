"""The register follows the journal when somebody looks into it, and each night: a table that can be made anew."""

import hmac
from collections.abc import Iterable, Sequence

import msgspec
from django.db import transaction

from egide.access.models import Follower
from egide.alarm.state import AlarmState
from egide.boards.models import RegisteredAlarm, RegisterMark
from egide.boards.register import files
from egide.boards.register.rules import Line, Units, line_of, marks_of
from egide.common.encoding import decoder_of
from egide.common.sealing import SealingKey
from egide.events.casework import FileMoved
from egide.events.register import CaseErased
from egide.journal.queries.general import alarms_of_case
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Clear
from egide.outbox.service import journal, keys

# With another number where a line says something else: then all of it is made anew.
FOLLOWER = "register 1"
CHUNK = 1000
# Chunks of events before a page is answered: it says that the newest alarms are missing yet.
AT_ONCE = 20
_MARKS = b"egide-register-1"


def catch_up(chunks: int | None = AT_ONCE) -> bool:
    """Bring the register up to the journal's head, or some way towards it; whether it is there. Several processes may
    do so at once."""
    while chunks is None or chunks > 0:
        seq = Follower.objects.filter(name=FOLLOWER).values_list("seq", flat=True).first() or 0
        rows = journal().read_clear(seq, CHUNK)
        if not rows:
            return True
        _follow(seq, rows)
        chunks = None if chunks is None else chunks - 1
    return False


def marks(texts: Iterable[str]) -> list[int]:
    """What stands in the table for these marks."""
    key = keys().purpose_key(_MARKS).raw
    return [_mark(key, text.encode()) for text in dict.fromkeys(texts)]


def line_in(row: RegisteredAlarm) -> Line:
    """What the line says. Raises KeyErased, UnsealError."""
    return decoder_of(Line).decode(_key(row.case).unseal(bytes(row.sealed), _label(row.alarm)))


def _follow(seq: int, rows: Sequence[Clear]) -> None:
    alarms = dict.fromkeys(row.stream[6:] for row in rows if row.stream.startswith("alarm:"))
    for row in rows:
        if row.kind == FileMoved.__name__:
            alarms |= dict.fromkeys(alarms_of_case(journal(), row.key))
    erased = [event.case for row in rows if row.kind == CaseErased.__name__ for event in _erasing(row)]
    states = [state for alarm in alarms if (state := _state(alarm)) is not None]
    units = files.units_of([state.case for state in states])
    made = [
        registered(state.alarm, state.case, line_of(state, units.get(state.case, Units())))
        for state in states
    ]
    with transaction.atomic():
        # Another process that was faster has done the same.
        Follower.objects.get_or_create(name=FOLLOWER)
        if not Follower.objects.select_for_update().filter(name=FOLLOWER, seq=seq).exists():
            return
        write(made)
        RegisteredAlarm.objects.filter(case__in=erased).delete()
        Follower.objects.filter(name=FOLLOWER).update(seq=rows[-1].seq)


def _state(alarm: str) -> AlarmState | None:
    try:
        return journal().alarm(alarm)
    except KeyErased:
        return None


def _erasing(row: Clear) -> Iterable[CaseErased]:
    for stored in journal().read(row.seq - 1, 1):
        event = journal().open_event(stored)
        assert isinstance(event, CaseErased)
        yield event


def registered(alarm: str, case: str, line: Line) -> tuple[RegisteredAlarm, list[int]]:
    """The row of an alarm, and its marks."""
    said, key = msgspec.json.encode(line), _key(case)
    row = RegisteredAlarm(
        alarm=alarm,
        case=case,
        opened_at_us=line.received_at_us,
        content=_mark(key.raw, said),
        sealed=key.seal(said, _label(alarm)),
    )
    return row, marks(marks_of(line))


def write(made: Sequence[tuple[RegisteredAlarm, list[int]]]) -> None:
    """Keep those that say something new."""
    alarms = [row.alarm for row, _marks in made]
    known = dict(RegisteredAlarm.objects.filter(alarm__in=alarms).values_list("alarm", "content"))
    changed = [(row, found) for row, found in made if known.get(row.alarm) != row.content]
    fields = ["case", "opened_at_us", "content", "sealed"]
    RegisteredAlarm.objects.bulk_create(
        [row for row, _marks in changed], update_conflicts=True, unique_fields=["alarm"], update_fields=fields
    )
    names = [row.alarm for row, _marks in changed]
    ids = dict(RegisteredAlarm.objects.filter(alarm__in=names).values_list("alarm", "id"))
    RegisterMark.objects.filter(entry__in=list(ids.values())).delete()
    RegisterMark.objects.bulk_create(
        RegisterMark(entry_id=ids[row.alarm], mark=mark, opened_at_us=row.opened_at_us)
        for row, found in changed
        for mark in found
    )


def _key(case: str) -> SealingKey:
    return keys().record_key(case)


def _label(alarm: str) -> bytes:
    return f"register:{alarm}".encode()


def _mark(key: bytes, text: bytes) -> int:
    """64 bits of HMAC-SHA-256 (RFC 2104), as a column takes them."""
    return int.from_bytes(hmac.digest(key, text, "sha256")[:8], signed=True)
