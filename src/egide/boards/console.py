"""Opening events at the server's console: by the rules of the pages, for a stated reason, recorded before."""

from egide.access.rules import Opening, Scope
from egide.boards.service import alarm_in_scope
from egide.casework import service as casework
from egide.events.register import FileOpened
from egide.journal.service import Entry
from egide.outbox.service import journal


def do_open(scope: Scope, stream: str, case: str, why: str) -> bool:
    """Whether this reader may read events of `stream`, sealed under the key of `case`; if so it is recorded first.

    An alarm is open to those whom it concerns, a file to its zone and office, the rest (kit, phone, tests) to
    its zone. Events that belong to no file stay sealed. Raises JournalError when it could not be recorded.
    """
    opening = _right(scope, stream, case)
    if opening is None:
        return False
    zone = casework.managing_zone_of(case)
    event = FileOpened(case=case, user=scope.user, alarm=opening.alarm, why=why, managing_zone=zone)
    told = (zone,) if zone else ()
    journal().append([Entry(stream=f"case:{case}", event=event, case=case, zones=told)])
    return True


def _right(scope: Scope, stream: str, case: str) -> Opening | None:
    kind, _colon, name = stream.partition(":")
    if kind == "alarm":
        state = alarm_in_scope(scope, name)
        return Opening("alarm", alarm=name) if state is not None and state.case == case else None
    opening = casework.opening_of(scope, case)
    return opening if opening is not None and (opening.basis == "zone" or kind == "case") else None
