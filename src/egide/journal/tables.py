"""The small tables that intake and live need, folded from events inside the appending transaction; can be rebuilt."""

import hashlib
from functools import singledispatch

from egide.alarm import events as a
from egide.alarm.state import joined, zones_of
from egide.alarm.table import promise_of
from egide.events import register as r
from egide.events import sources
from egide.events import system as s
from egide.events.base import Event
from egide.journal.canaries import fold_canary
from egide.journal.chain import Stored
from egide.journal.engines.base import Execute, Write
from egide.journal.named import OPENED
from egide.journal.schema import replacing
from egide.journal.watched import (
    WatchEvent,
    fold_armed,
    fold_end,
    fold_phone,
    fold_pressed,
    fold_settings,
    fold_source,
    fold_watch,
)
from egide.protocol.envelope import Trigger

# The alarm whose stream the row is of; no other stream begins with an event that opened one.
_THIS = f"opened_seq = {OPENED}"
_STREAMS = _THIS.replace("?", ":stream")
_PRESSES = (a.PressReceived, a.PressedAgain, a.PressConflicted)
_KIT = replacing(
    "kit", "kit", "case_id, issued_seq, managing_zone, home_zone, home_centre, grant_ends_at_s, returned"
)
_DEVICE = replacing("device", "device", "kit, public_key")
_PHONE = replacing("phone", "device", "enrolled_seq, enrolled_at_us, app, tested_at_us, failed_at_us")
_CLIENT = replacing("client", "device", "kind, version")
_ON_THE_WAY = replacing("on_the_way", "alarm", "zone, step")
_STATE_ORDER = ("received", "routed", "shown", "acknowledged", "closed")


@singledispatch
def apply(event: Event, row: Stored, write: Write) -> None:
    """Bring the tables up to date with one event; most kinds change nothing."""
    _note_promise(event, row, write)


@apply.register
def _(event: a.FromPhone, row: Stored, write: Write) -> None:
    if isinstance(event, a.AudioReceived):
        digest = bytes.fromhex(event.digest)
    else:
        digest = hashlib.sha256(event.envelope).digest()
    alarm = row.alarm
    names = event.origin is not None and alarm == f"{event.device}-{event.counter}"
    if not names:
        write(
            "INSERT INTO message VALUES (?,?,?,?,?)",
            (event.device, event.counter, digest, row.seq, row.stream),
        )
    if event.origin is not None and alarm:
        write(
            "INSERT INTO alarm VALUES (?,?,?,'received',?,?,?,?,?,NULL,'','','','',0,?)",
            (
                alarm,
                event.device,
                row.key,
                row.centre,
                row.zone,
                event.origin.managing_zone,
                row.seq,
                row.at_us,
                digest if names else None,
            ),
        )
    fold_phone(event, row, write)
    if event.trigger == Trigger.DURESS and not event.is_from_earlier_phone:
        write(f"UPDATE alarm SET duress = 1 WHERE {_THIS}", (row.stream,))
    if isinstance(event, a.TextReceived):
        write(f"UPDATE alarm SET question = '' WHERE {_THIS}", (row.stream,))
    if event.origin is None and isinstance(event, _PRESSES):
        _begin_anew(row, write)


@apply.register
def _(event: a.SourcePressed, row: Stored, write: Write) -> None:
    fold_pressed(event, row, write)
    if event.origin is None:
        _begin_anew(row, write)


def _begin_anew(row: Stored, write: Write) -> None:
    """A press for an alarm that was closed."""
    write(
        f"DELETE FROM on_the_way WHERE alarm = ? AND (SELECT state FROM alarm WHERE {_THIS}) = 'closed'",
        (row.alarm, row.stream),
    )
    _open_again(row, write, report="CASE report WHEN 'done' THEN '' ELSE report END")


def _open_again(row: Stored, write: Write, report: str) -> None:
    write(
        "UPDATE alarm SET state = CASE centres WHEN '' THEN 'received' ELSE 'routed' END, closed_at_us = NULL,"
        f" report = {report}, follow_up = '', question = '', listening = '' WHERE {_THIS} AND state = 'closed'",
        (row.stream,),
    )


@apply.register
def _(event: a.HelpNeeded, row: Stored, write: Write) -> None:
    _open_again(row, write, report="report")


@apply.register
def _(event: a.TextAsked, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET question = ? WHERE {_THIS}", (event.question, row.stream))


@apply.register
def _(event: a.ListenStopped, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET listening = 'off' WHERE {_THIS}", (row.stream,))


@apply.register
def _(event: a.TeamOnSite, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET listening = 'off' WHERE {_THIS}", (row.stream,))
    _note_promise(event, row, write)


# What taking back changes in these tables, by the kind of what was taken back.
_UNDO = {
    "AlarmAcknowledged": (f"UPDATE alarm SET state = 'shown' WHERE {_STREAMS} AND state = 'acknowledged'",),
    "AlarmClosed": (
        "UPDATE alarm SET state = 'acknowledged', closed_at_us = NULL, follow_up = ''"
        f" WHERE {_STREAMS} AND state = 'closed'",
    ),
    "TeamNamed": (
        f"UPDATE alarm SET report = '' WHERE {_STREAMS}",
        "DELETE FROM on_the_way WHERE alarm = :alarm",
    ),
    "FollowUpDone": (f"UPDATE alarm SET follow_up = 'due' WHERE {_STREAMS}",),
}


@apply.register
def _(event: a.StepUndone, row: Stored, write: Write) -> None:
    for sql in _UNDO.get(event.undone, ()):
        write(sql, {"alarm": row.alarm, "stream": row.stream})
    _note_promise(event, row, write)


def _note_promise(event: Event, row: Stored, write: Write) -> None:
    promised = promise_of(event)
    if promised is not None:
        write("UPDATE on_the_way SET step = ? WHERE alarm = ?", (promised, row.alarm))


@apply.register
def _(event: a.AlarmRouted, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET centres = ?, zones = ? WHERE {_THIS}", (row.centre, row.zone, row.stream))
    _advance("routed", row, write)


@apply.register
def _(event: a.StepMissed | a.HandoverOffered, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET centres = ?, zones = ? WHERE {_THIS}", (row.centre, row.zone, row.stream))


@apply.register
def _(event: a.ZoneConfirmed, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET centres = ?, zones = ? WHERE {_THIS}", (row.centre, row.zone, row.stream))
    # The zone that leads now sends a team of its own; that of another one is promised no longer.
    sql = "DELETE FROM on_the_way WHERE alarm = ? AND zone <> ? AND step <> 'on-site'"
    write(sql, (row.alarm, event.zone))


@apply.register
def _(event: a.ShownOnBoard, row: Stored, write: Write) -> None:
    _advance("shown", row, write)


@apply.register
def _(event: a.AlarmAcknowledged, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET centres = ?, zones = ? WHERE {_THIS}", (row.centre, row.zone, row.stream))
    _advance("acknowledged", row, write)


@apply.register
def _(event: a.HandoverAccepted, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET centres = ?, zones = ? WHERE {_THIS}", (row.centre, row.zone, row.stream))
    _advance("acknowledged", row, write)


@apply.register
def _(event: a.OperatorLeft, row: Stored, write: Write) -> None:
    write(
        f"UPDATE alarm SET state = 'routed' WHERE {_THIS} AND state IN ('shown', 'acknowledged')",
        (row.stream,),
    )


@apply.register
def _(event: a.PhoneBlocked, row: Stored, write: Write) -> None:
    write("INSERT INTO blocked VALUES (?) ON CONFLICT DO NOTHING", (event.device,))


@apply.register
def _(event: a.TeamNamed, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET report = 'due' WHERE {_THIS}", (row.stream,))
    write(_ON_THE_WAY, (row.alarm, event.zone, ""))


@apply.register
def _(event: a.NoPatrolFree, row: Stored, write: Write) -> None:
    write("DELETE FROM on_the_way WHERE alarm = ?", (row.alarm,))


@apply.register
def _(event: a.TeamReported, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET report = 'done' WHERE {_THIS}", (row.stream,))


@apply.register
def _(event: a.FollowUpDone, row: Stored, write: Write) -> None:
    write(f"UPDATE alarm SET follow_up = 'done' WHERE {_THIS}", (row.stream,))


@apply.register
def _(event: a.TeamLinkMade, row: Stored, write: Write) -> None:
    sql = "INSERT INTO team_link VALUES (?,?,?) ON CONFLICT DO NOTHING"
    write(sql, (event.link, event.code, row.alarm))


@apply.register
def _(event: a.AlarmClosed, row: Stored, write: Write) -> None:
    _advance("closed", row, write)
    write(f"UPDATE alarm SET closed_at_us = ?, follow_up = 'due' WHERE {_THIS}", (row.at_us, row.stream))


@apply.register
def _(event: r.KitIssued, row: Stored, write: Write) -> None:
    write(
        _KIT,
        (
            event.kit,
            event.case,
            row.seq,
            event.managing_zone,
            event.home_zone,
            event.home_centre,
            event.grant_ends_at_s,
            0,
        ),
    )


@apply.register
def _(event: r.EnrolmentOffered, row: Stored, write: Write) -> None:
    write(
        "INSERT INTO enrolment VALUES (?,?,?,NULL) ON CONFLICT DO NOTHING",
        (event.code_hash, event.kit, event.expires_at_s),
    )


@apply.register
def _(event: r.DeviceEnrolled, row: Stored, write: Write) -> None:
    write(_DEVICE, (event.device, event.kit, event.public_key))
    write("UPDATE enrolment SET used_by = ? WHERE code_hash = ?", (event.device, event.code_hash))
    write(_PHONE, (event.device, row.seq, row.at_us, "", None, None))
    if event.client:
        write(_CLIENT, (event.device, event.client, event.client_version))


@apply.register
def _(event: r.GrantChanged, row: Stored, write: Write) -> None:
    write("UPDATE kit SET grant_ends_at_s = ? WHERE kit = ?", (event.grant_ends_at_s, event.kit))


@apply.register
def _(event: r.KitMoved, row: Stored, write: Write) -> None:
    write(
        "UPDATE kit SET managing_zone = ?, home_zone = ?, home_centre = ? WHERE kit = ?",
        (event.managing_zone, event.home_zone, event.home_centre, event.kit),
    )


@apply.register
def _(event: r.KitReturned, row: Stored, write: Write) -> None:
    write("UPDATE kit SET returned = 1 WHERE kit = ?", (event.kit,))
    fold_end(event.kit, row, write)


@apply.register
def _(event: r.KitLost, row: Stored, write: Write) -> None:
    fold_end(event.kit, row, write)


@apply.register
def _(event: r.KitSettingsSet, row: Stored, write: Write) -> None:
    fold_settings(event, row, write)


@apply.register
def _(event: r.KitTestArmed | r.KitTestTakenBack, row: Stored, write: Write) -> None:
    fold_armed(event, row, write)


@apply.register
def _(event: WatchEvent, row: Stored, write: Write) -> None:
    fold_watch(event, row, write)


@apply.register
def _(
    event: sources.SourceEnrolled | sources.SourceEnded | sources.SourceHeard, row: Stored, write: Write
) -> None:
    fold_source(event, row, write)


@apply.register
def _(event: s.CanaryEnrolled | s.CanaryReceived | s.CanaryRouted, row: Stored, write: Write) -> None:
    fold_canary(event, row, write)


def _advance(state: str, row: Stored, write: Write) -> None:
    """States only go forward, whatever the order in which boards report."""
    earlier = _STATE_ORDER[: _STATE_ORDER.index(state)]
    marks = ",".join("?" * len(earlier))
    write(f"UPDATE alarm SET state = ? WHERE {_THIS} AND state IN ({marks})", (state, row.stream, *earlier))


def concerned(
    execute: Execute, stream: str, event: Event, known: tuple[str, str] | None = None
) -> tuple[str, str]:
    """Space-separated centres and zones that an event of this alarm concerns: all so far, and those that it adds.

    `known`: those so far, of whoever has asked already.
    """
    if known is None:
        known = execute(f"SELECT centres, zones FROM alarm WHERE {_THIS}", (stream,)).fetchone() or ("", "")
    centres, zones = _added(event)
    if not centres and not zones:
        return known[0], known[1]
    return (
        " ".join(joined(tuple(known[0].split()), *centres)),
        " ".join(joined(tuple(known[1].split()), *zones)),
    )


def _added(event: Event) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(event, a.AlarmRouted | a.PositionLocated):
        return (event.route.centre,), zones_of(event.route)
    if isinstance(event, a.ZoneConfirmed):
        return (), (event.zone,)
    if isinstance(event, a.AlarmAcknowledged | a.StepMissed | a.HandoverOffered | a.HandoverAccepted):
        return (event.centre,), ()
    return (), ()
