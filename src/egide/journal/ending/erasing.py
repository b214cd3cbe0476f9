"""Erasing a case: two people, no legal hold, no open alarm, no kit outside (safety rule 29).

No event is touched. The case's key is destroyed, which makes every body sealed under it unreadable, here and in every
copy; the chain covers what is sealed, and stays whole.
"""

from collections.abc import Callable, Iterable

import msgspec

from egide.common.text import _
from egide.events import register as r
from egide.events.base import Event
from egide.journal import tables
from egide.journal.chain import Stored
from egide.journal.engines.base import Execute, Write
from egide.journal.errors import JournalError
from egide.journal.service import Entry, Journal

CONFIRM_WITHIN_S = 7 * 24 * 3600
EXPORTS_STREAM = "system:exports"
KEPT_STREAM = "system:records-kept"
# In the place of the two people, whose names went with the events that a restore lacks.
RESTORE = "egide restore"


class EraseRefused(JournalError):
    """The case was not erased; the message says why, and what to do."""


class Erasing(msgspec.Struct, frozen=True):
    """How far the erasing of one case has come. `hold` is the seq of the hold that stands, 0 when none does."""

    version: int = 0
    hold: int = 0
    requested_by: str = ""
    requested_at_us: int = 0
    erased: bool = False


class Exported(msgspec.Struct, frozen=True):
    """A copy outside that opens a stream of the case by itself."""

    seq: int
    at_us: int
    stream: str
    by: str
    to: str


def stream_of(case: str) -> str:
    """Where requests and holds of a case stand, apart from its own events: they outlive its key."""
    return f"erasing:{case}"


def fold(state: Erasing, row: Stored, open_event: Callable[[Stored], Event]) -> Erasing:
    """The state after one more event. Holds count by their clear kind alone: their reason goes with the case's key."""
    state = msgspec.structs.replace(state, version=row.version)
    if row.kind == r.HoldPlaced.__name__:
        return msgspec.structs.replace(state, hold=row.seq, requested_by="", requested_at_us=0)
    if row.kind == r.HoldReleased.__name__:
        return msgspec.structs.replace(state, hold=0)
    if row.kind == r.CaseErased.__name__:
        return msgspec.structs.replace(state, erased=True)
    if row.kind == r.EraseRequested.__name__:
        event = open_event(row)
        assert isinstance(event, r.EraseRequested)
        return msgspec.structs.replace(state, requested_by=event.by, requested_at_us=row.at_us)
    return state


def decide_erase(
    state: Erasing, case: str, user: str, now_us: int, exports: Iterable[int] = ()
) -> r.EraseRequested | r.CaseErased:
    """What it means that `user` wants the case erased now: the first asks, a second confirms. Raises EraseRefused."""
    if state.erased:
        raise EraseRefused(_("This case was erased already."))
    if state.hold:
        raise EraseRefused(
            _("A legal hold is in force: nothing of this case may be erased until it is released.")
        )
    # A clock that was set back does not end a request.
    age_us = now_us - state.requested_at_us
    if not state.requested_by or age_us > CONFIRM_WITHIN_S * 1_000_000:
        return r.EraseRequested(case=case, by=user)
    if state.requested_by == user:
        raise EraseRefused(_("You asked for this already. Now another person must confirm it."))
    return r.CaseErased(case=case, requested_by=state.requested_by, confirmed_by=user, exports=tuple(exports))


def decide_hold(state: Erasing, case: str, user: str, reason: str) -> r.HoldPlaced:
    """A legal hold. It also withdraws a request to erase that waits. Raises EraseRefused."""
    if state.erased:
        raise EraseRefused(_("This case was erased already."))
    if state.hold:
        raise EraseRefused(_("A legal hold is in force already."))
    return r.HoldPlaced(case=case, by=user, reason=reason)


def decide_release(state: Erasing, case: str, user: str, reason: str) -> r.HoldReleased:
    """The end of a legal hold. Raises EraseRefused."""
    if not state.hold:
        raise EraseRefused(_("There is no legal hold on this case."))
    return r.HoldReleased(case=case, by=user, reason=reason)


def state_of(journal: Journal, case: str) -> Erasing:
    """How far the erasing of `case` has come."""
    state = Erasing()
    for row in journal.stream(stream_of(case)):
        state = fold(state, row, journal.open_event)
    return state


def check_nothing_runs(execute: Execute, case: str) -> None:
    """Raises EraseRefused while somebody may still need the file."""
    found = execute(
        "SELECT alarm FROM alarm WHERE key = ? AND state <> 'closed' ORDER BY opened_seq", (case,)
    ).fetchone()
    if found is not None:
        raise EraseRefused(_("Alarm {alarm} of this case is open. Close it first.").format(alarm=found[0]))
    # A lost kit may never come back, and must not keep a file for ever.
    found = execute(
        "SELECT kit FROM kit WHERE case_id = ? AND returned = 0 AND NOT EXISTS"
        " (SELECT 1 FROM event WHERE stream = 'kit:' || kit AND kind = ?)",
        (case, r.KitLost.__name__),
    ).fetchone()
    if found is not None:
        raise EraseRefused(
            _(
                "Kit {kit} of this case is still out: whoever holds it would press in vain. Take it back first."
            ).format(kit=found[0])
        )


def do_erase(
    journal: Journal, case: str, user: str, kept: r.RecordsKept | None = None
) -> r.EraseRequested | r.CaseErased:
    """Take one of the two steps: ask, or confirm and destroy the key. Raises EraseRefused, KeysInUse.

    `kept` is what evaluation keeps of the case; it is written in the same commit as the erasing, or not at all.
    Everything is decided, and the key destroyed, while the journal's lock is held: no press can come in between. After
    a crash at any point the same command goes on where it stopped.
    """
    with journal.transaction() as transaction:
        check_nothing_runs(transaction.execute, case)
        state = state_of(journal, case)
        exports = [export.seq for export in exports_of(journal, case)]
        event = decide_erase(state, case, user, transaction.now_us, exports)
        transaction.append(Entry(stream=stream_of(case), event=event, expected=state.version))
        if isinstance(event, r.CaseErased):
            if kept is not None:
                transaction.append(Entry(stream=KEPT_STREAM, event=kept))
            journal.keys.destroy(case)
    if isinstance(event, r.CaseErased):
        journal.keys.scrub()
    return event


def do_erase_again(journal: Journal, case: str, kept: r.RecordsKept | None) -> None:
    """Erase a case that two people erased before, since a back-up that was restored is older than that. Raises
    KeysInUse.

    Nothing is decided any more: neither what is open nor a hold of that time keeps it. Safe to repeat.
    """
    with journal.transaction() as transaction:
        state = state_of(journal, case)
        if not state.erased:
            exports = tuple(export.seq for export in exports_of(journal, case))
            event = r.CaseErased(case=case, requested_by=RESTORE, confirmed_by=RESTORE, exports=exports)
            transaction.append(Entry(stream=stream_of(case), event=event, expected=state.version))
            if kept is not None:
                transaction.append(Entry(stream=KEPT_STREAM, event=kept))
        journal.keys.destroy(case)
    journal.keys.scrub()


def do_hold(journal: Journal, case: str, user: str, reason: str) -> None:
    """Place a legal hold. Raises EraseRefused, KeyErased."""
    state = state_of(journal, case)
    event = decide_hold(state, case, user, reason)
    # The reason may speak of people: it is sealed under the case's key and goes with it.
    journal.append([Entry(stream=stream_of(case), event=event, case=case, expected=state.version)])


def do_release(journal: Journal, case: str, user: str, reason: str) -> None:
    """Release the legal hold. Raises EraseRefused, KeyErased."""
    state = state_of(journal, case)
    event = decide_release(state, case, user, reason)
    journal.append([Entry(stream=stream_of(case), event=event, case=case, expected=state.version)])


def hold_of(journal: Journal, state: Erasing) -> tuple[r.HoldPlaced, int] | None:
    """The hold that stands, with its time in microseconds; None when there is none."""
    if not state.hold:
        return None
    row = journal.read(after=state.hold - 1, limit=1)[0]
    event = journal.open_event(row)
    assert isinstance(event, r.HoldPlaced)
    return event, row.at_us


def exports_of(journal: Journal, case: str) -> list[Exported]:
    """Copies outside that carry a key to a stream of this case: erasing cannot reach them, people must."""
    found = []
    for row in journal.stream(EXPORTS_STREAM):
        event = journal.open_event(row)
        assert isinstance(event, r.JournalExported)
        if event.stream and _is_of_case(journal, event.stream, case):
            found.append(Exported(row.seq, row.at_us, event.stream, event.by, event.to))
    return found


def _is_of_case(journal: Journal, stream: str, case: str) -> bool:
    sql = "SELECT 1 FROM event WHERE stream = ? AND key = ? LIMIT 1"
    with journal.reading() as reader:
        return reader.execute(sql, (stream, case)).fetchone() is not None


@tables.apply.register
def forget_case(event: r.CaseErased, row: Stored, write: Write) -> None:
    """Nothing of the case stays in the folded tables, so its devices are unknown from now on."""
    kits = "SELECT kit FROM kit WHERE case_id = ?"
    devices = f"SELECT device FROM device WHERE kit IN ({kits})"
    for statement in (
        f"DELETE FROM message WHERE device IN ({devices})",
        f"DELETE FROM message WHERE device IN (SELECT source FROM source WHERE kit IN ({kits}))",
        f"DELETE FROM polling WHERE source IN (SELECT source FROM source WHERE kit IN ({kits}))",
        f"DELETE FROM source WHERE kit IN ({kits})",
        f"DELETE FROM phone WHERE device IN ({devices})",
        f"DELETE FROM client WHERE device IN ({devices})",
        f"DELETE FROM push WHERE device IN ({devices})",
        f"DELETE FROM blocked WHERE device IN ({devices})",
        f"DELETE FROM settings_taken WHERE device IN ({devices})",
        f"DELETE FROM kit_settings WHERE kit IN ({kits})",
        f"DELETE FROM kit_test WHERE kit IN ({kits})",
        f"DELETE FROM watched WHERE kit IN ({kits})",
        f"DELETE FROM trouble WHERE kit IN ({kits})",
        "DELETE FROM team_link WHERE alarm IN (SELECT alarm FROM alarm WHERE key = ?)",
        "DELETE FROM alarm WHERE key = ?",
        f"DELETE FROM device WHERE kit IN ({kits})",
        f"DELETE FROM enrolment WHERE kit IN ({kits})",
        "DELETE FROM kit WHERE case_id = ?",
    ):
        write(statement, (event.case,))
