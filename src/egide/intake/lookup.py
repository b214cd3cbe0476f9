"""What intake reads from the journal's folded tables: devices, earlier messages, the alarm to join, states."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from sqlite3 import Cursor
from typing import Any

import msgspec

from egide.alarm.events import Origin
from egide.intake.rules import QUIET_S, TAIL_S, Before, Device
from egide.journal.canaries import find_canary
from egide.journal.watched import SUPERSEDED
from egide.protocol.envelope import Kind, Message
from egide.protocol.receipt import Pending
from egide.protocol.settings import PHONE_TOOK

Execute = Callable[..., Cursor]

_TOLD = {"acknowledged": "seen", "closed": "closed"}

_BLOCKED = "EXISTS (SELECT 1 FROM blocked b WHERE b.device = d.device)"
_DEVICE_SQL = f"""
SELECT d.device, d.public_key, d.kit, k.case_id, k.managing_zone, k.home_zone, k.home_centre,
       k.grant_ends_at_s, k.returned, {SUPERSEDED}, {_BLOCKED}
FROM device d JOIN kit k ON k.kit = d.kit LEFT JOIN phone p ON p.device = d.device WHERE d.device = ?
"""
# Small statements without an order of their own: SQLite builds a sorter for each `ORDER BY` that no index gives, which
# costs more than the rows that it would sort. The largest counter is one step down a tree.
_HIGHEST_SQL = "SELECT max(counter) FROM message WHERE device = ?"
_USED_SQL = "SELECT seq, stream, digest FROM message WHERE device = ? AND counter = ?"
_ALARMS_SQL = """
SELECT a.state <> 'closed', a.opened_seq, a.alarm, a.closed_at_us, a.digest, a.key FROM device AS d
JOIN alarm AS a ON a.alarm > d.device || '-' AND a.alarm < d.device || '.' WHERE d.kit = ?
"""


def find_device(execute: Execute, kid: str) -> Device | None:
    """The enrolled device with this key id."""
    row = execute(_DEVICE_SQL, (kid,)).fetchone()
    if row is None:
        return None
    device, public_key, kit, case, managing_zone, home_zone, home_centre, grant_ends_at_s, *standing = row
    returned, is_superseded, is_blocked = map(bool, standing)
    return Device(
        device,
        public_key,
        kit,
        case,
        Origin(managing_zone, home_zone, home_centre),
        grant_ends_at_s,
        returned,
        is_superseded=is_superseded,
        is_blocked=is_superseded and is_blocked,
    )


class KnownKey(msgspec.Struct, frozen=True):
    """A public key (32 bytes) that intake knows, and whether it is a canary's."""

    public_key: bytes
    is_canary: bool


def find_key(execute: Execute, kid: str) -> KnownKey | None:
    """The key with this id: of an enrolled device, else of a canary."""
    row = execute("SELECT public_key FROM device WHERE device = ?", (kid,)).fetchone()
    if row is not None:
        return KnownKey(row[0], is_canary=False)
    canary = find_canary(execute, kid)
    return None if canary is None else KnownKey(canary.public_key, is_canary=True)


def find_keys(execute: Execute, limit: int) -> Iterator[tuple[str, KnownKey]]:
    """The keys of up to `limit` enrolled devices, each with its id."""
    rows = execute("SELECT device, public_key FROM device LIMIT ?", (limit,))
    return ((kid, KnownKey(public_key, is_canary=False)) for kid, public_key in rows)


class Found(msgspec.Struct, frozen=True):
    """What the journal holds about a message: `repeat_seq` when these very bytes came before."""

    repeat_seq: int | None
    next_counter: int
    before: Before


def find_before(
    execute: Execute, sender: Device, message: Message, digest: bytes, now_us: int, at_rest: int = 0
) -> Found:
    """What decides where the message goes, and what the reply says of counters; `at_rest`: of its signs of life."""
    device, counter = sender.device, message.counter
    alarms = execute(_ALARMS_SQL, (sender.kit,)).fetchall()
    opening = _opening(alarms, device) if alarms else {}
    highest = max([execute(_HIGHEST_SQL, (device,)).fetchone()[0] or 0, *opening])
    used = _used(execute, device, counter, opening) if highest >= counter else []
    of_press = [] if message.press is None else _used(execute, device, message.press, opening)
    own = f"{device}-{counter if message.kind is Kind.PRESS else message.press}"
    # An open one first, then the one that was opened last.
    is_open, _seq, latest, closed_at_us = max(
        [row[:4] for row in alarms if row[5] == sender.case], default=(0, 0, None, None)
    )
    is_joinable = is_open or (closed_at_us is not None and closed_at_us + TAIL_S * 1_000_000 > now_us)
    return Found(
        next((seq for seq, _stream, digest_of in used if digest_of == digest), None),
        max(counter, highest, at_rest) + 1,
        Before(
            min(used)[1] if used else None,
            min(of_press)[1] if of_press else None,
            own in [row[2] for row in alarms],
            latest if is_joinable else None,
            bool(is_open),
        ),
    )


_Used = tuple[int, str, bytes]


def _opening(alarms: Sequence[tuple[Any, ...]], device: str) -> dict[int, _Used]:
    """The presses of this phone that opened an alarm, by their counters: they stand in no other table."""
    mine = f"{device}-"
    return {
        int(alarm.removeprefix(mine)): (seq, f"alarm:{alarm}", digest)
        for _is_open, seq, alarm, _closed_at_us, digest, _key in alarms
        if digest is not None and alarm.startswith(mine)
    }


def _used(execute: Execute, device: str, counter: int, opening: Mapping[int, _Used]) -> list[_Used]:
    """The kept messages of this counter: seq, stream and digest of each."""
    used = execute(_USED_SQL, (device, counter)).fetchall()
    return [*used, opening[counter]] if counter in opening else used


def find_repeated(execute: Execute, seq: int) -> tuple[str, int]:
    """Stream and time of a message that came before."""
    stream, at_us = execute("SELECT stream, at_us FROM event WHERE seq = ?", (seq,)).fetchone()
    return stream, at_us


def find_place(execute: Execute, seq: int) -> tuple[str, str]:
    """Stream and case of an event; both empty for none."""
    stream, case = execute("SELECT stream, key FROM event WHERE seq = ?", (seq,)).fetchone() or ("", "")
    return stream, case


class ForPhone(msgspec.Struct, frozen=True):
    """What a reply tells the phone: how far its alarm has come ("noted" for every other stream), and what to do."""

    state: str
    pending: tuple[Pending, ...] = ()


def for_phone(execute: Execute, stream: str) -> ForPhone:
    """What the phone may know of the stream.

    That a team is on its way, or there, is told when the team or its zone said so, never for an operator's click.
    After a code under threat nothing is told that could show (safety rule 8) but that it must not; that nobody listens
    any more shows nowhere, and ends the recording (safety rule 23).
    """
    sql = """SELECT state, question, listening, duress, step FROM alarm LEFT JOIN on_the_way USING (alarm)
      WHERE alarm = ?"""
    row = execute(sql, (stream.partition(":")[2],)).fetchone()
    if row is None:
        return ForPhone("noted")
    state, question, listening, duress, step = row
    pending = [Pending("listen-off")] if listening else []
    if duress:
        # A phone whose page was loaded anew keeps no trace of the code, and is told here.
        return ForPhone(state, (*pending, *(() if state == "closed" else (Pending("quiet"),))))
    if step and state != "closed":
        pending.insert(0, Pending("team", step))
    if question and state != "closed":
        pending.insert(0, Pending("text", question))
    if state in _TOLD:
        pending.insert(0, Pending(_TOLD[state]))
    return ForPhone(state, tuple(pending))


class Resting(msgspec.Struct, frozen=True):
    """What decides whether a heartbeat is one of a phone at rest: then it is no event and needs no transaction.

    `highest` is the highest counter of its kept messages, `is_used` whether this one's is among them; `is_quiet` that
    the phone must show nothing, because of a code under threat (safety rule 8). `settings` are those of the kit that
    this phone has not taken yet, "" when there are none.
    """

    case: str
    highest: int
    is_used: bool
    is_alarmed: bool
    is_quiet: bool
    settings: str = ""


_RESTING_SQL = f"""
SELECT k.case_id, {SUPERSEDED}, {_BLOCKED},
  max(ifnull((SELECT max(counter) FROM message WHERE device = d.device), 0),
      ifnull((SELECT max(CAST(substr(alarm, length(d.device) + 2) AS INTEGER)) FROM alarm
              WHERE alarm > d.device || '-' AND alarm < d.device || '.' AND digest NOT NULL), 0)),
  EXISTS (SELECT 1 FROM message WHERE device = d.device AND counter = ?1)
    OR EXISTS (SELECT 1 FROM alarm WHERE alarm = d.device || '-' || ?1 AND digest NOT NULL),
  (SELECT max((a.state <> 'closed') + 2 * (a.duress AND (a.closed_at_us IS NULL OR a.closed_at_us > ?2)))
   FROM device AS o JOIN alarm AS a ON a.alarm > o.device || '-' AND a.alarm < o.device || '.'
   WHERE o.kit = d.kit AND a.key = k.case_id),
  (SELECT settings FROM kit_settings AS s WHERE s.kit = d.kit AND NOT EXISTS (
     SELECT 1 FROM settings_taken AS t WHERE t.device = d.device AND t.what = '{PHONE_TOOK}' AND t.version = s.version))
FROM device AS d JOIN kit AS k ON k.kit = d.kit LEFT JOIN phone AS p ON p.device = d.device WHERE d.device = ?3
"""


def may_be_told(execute: Execute, device: str, now_us: int) -> bool:
    """Whether this phone may be told, where others may see it, that its press arrived.

    Never an earlier phone, or one of a kit that was given back (safety rule 38); never after a code under threat (8).
    """
    sender = find_device(execute, device)
    resting = find_resting(execute, device, 0, now_us)
    if sender is None or resting is None:
        return False
    return not (sender.returned or resting.is_quiet)


def find_resting(execute: Execute, device: str, counter: int, now_us: int) -> Resting | None:
    """What is known for a heartbeat; None for a device that is unknown or blocked. One statement: they are many."""
    quiet_since_us = now_us - QUIET_S * 1_000_000
    row = execute(_RESTING_SQL, (counter, quiet_since_us, device)).fetchone()
    if row is None:
        return None
    case, superseded, blocked, highest, is_used, alarms, settings = row
    is_alarmed, is_quiet = bool((alarms or 0) & 1), bool((alarms or 0) & 2)
    if superseded and blocked:
        return None
    if superseded:
        # An earlier phone is always at rest, whatever happens to its kit, and learns nothing (safety rule 38).
        is_alarmed, is_quiet = False, True
    settings = "" if is_quiet else settings or ""
    return Resting(case, highest, bool(is_used), is_alarmed, is_quiet, settings)
