"""What the journal holds about a message and its sender: few small statements, because a press waits for each.

Asked within `Journal.transaction` or `Journal.reading`.
"""

import json
from collections.abc import Collection, Iterator, Sized
from itertools import chain

import msgspec

from egide.journal.named import alarms_of
from egide.journal.reader import Reader
from egide.journal.watched import OFFERED, SUPERSEDED
from egide.protocol.settings import PHONE_TOOK

_BLOCKED = "EXISTS (SELECT 1 FROM blocked b WHERE b.device = d.device)"
_HIGHEST = "SELECT max(counter) FROM message WHERE device = ?"
# Whether any phone or source of the kit has streams of alarms: cheap, and nearly always none.
_HAS_ALARMS = """(EXISTS (SELECT 1 FROM device AS o WHERE o.kit = d.kit AND
  (SELECT min(stream) FROM event WHERE stream > 'alarm:' || o.device || '-') < 'alarm:' || o.device || '.')
  OR EXISTS (SELECT 1 FROM source AS o WHERE o.kit = d.kit AND
  (SELECT min(stream) FROM event WHERE stream > 'alarm:' || o.source || '-') < 'alarm:' || o.source || '.'))"""
# One statement for all senders of a group: each by itself costs twice as much. Named one by one, since no database can
# guess how many a list holds.
_SENDERS = f"""
SELECT d.device, d.kit, k.case_id, k.managing_zone, k.home_zone, k.home_centre,
  k.grant_ends_at_s, k.returned, {SUPERSEDED}, {_BLOCKED}, ({_HIGHEST.replace("?", "d.device")}),
  {_HAS_ALARMS}
FROM device AS d JOIN kit AS k ON k.kit = d.kit LEFT JOIN phone AS p ON p.device = d.device WHERE d.device IN
"""
# The same of all phones, but for what they said.
_ALL_SENDERS = f"""
SELECT d.device, d.kit, k.case_id, k.managing_zone, k.home_zone, k.home_centre,
  k.grant_ends_at_s, k.returned, {SUPERSEDED}, {_BLOCKED}, NULL, 0
FROM device AS d JOIN kit AS k ON k.kit = d.kit LEFT JOIN phone AS p ON p.device = d.device LIMIT ?
"""
# Small statements without an order of their own: SQLite builds a sorter for each `ORDER BY` that no index gives, which
# costs more than the rows that it would sort. The largest counter is one step down a tree.
_USED = "SELECT device, counter, seq, stream, digest FROM message WHERE (device, counter) IN (VALUES {marks})"
_OF_KITS = (
    "SELECT device, kit FROM device WHERE kit IN ({marks})"
    " UNION ALL SELECT source, kit FROM source WHERE kit IN ({marks})"
)
_ALARMS = f"""{alarms_of(_OF_KITS)}
SELECT kit, state <> 'closed', opened_seq, alarm, closed_at_us, digest, key, duress, centres, zones FROM own
"""
_FOR_PHONES = """
SELECT e.stream, a.state, a.question, a.listening, a.duress, w.step FROM event AS e
JOIN alarm AS a ON a.opened_seq = e.seq LEFT JOIN on_the_way AS w ON w.alarm = a.alarm
WHERE e.version = 1 AND e.stream IN ({marks})
"""
_RESTING = f"""
SELECT k.kit, k.case_id, {SUPERSEDED}, {_BLOCKED}, ({_HIGHEST.replace("?", "d.device")}),
  EXISTS (SELECT 1 FROM message WHERE device = d.device AND counter = ?1), {_HAS_ALARMS},
  (SELECT settings FROM kit_settings AS s WHERE s.kit = d.kit AND NOT EXISTS (
     SELECT 1 FROM settings_taken AS t WHERE t.device = d.device AND t.what = '{PHONE_TOOK}' AND t.version = s.version
  )), ({OFFERED})
FROM device AS d JOIN kit AS k ON k.kit = d.kit LEFT JOIN phone AS p ON p.device = d.device WHERE d.device = ?2
"""
_OF_SAME_KITS = """
SELECT device FROM device WHERE kit IN (
  SELECT kit FROM device WHERE device IN (SELECT value FROM json_each(?)) UNION SELECT value FROM json_each(?))
"""
_CODE = """
SELECT e.kit, e.expires_at_s, e.used_by, k.case_id, k.issued_seq FROM enrolment e JOIN kit k ON k.kit = e.kit
WHERE e.code_hash = ?
"""

# Seq, stream and digest of a message that was kept.
KeptMessage = tuple[int, str, bytes]
# Of an alarm: whether it is open, the seq that opened it, its name, when it was closed (microseconds), the digest of
# the press that opened it (none where another message came first), the key of its case, whether it is under threat, and
# the centres and zones that it concerns, space-separated.
KitAlarm = tuple[int, int, str, int | None, bytes | None, str, int, str, str]


class Sender(msgspec.Struct, frozen=True):
    """An enrolled phone and its kit. What is said to be is 0 or 1; `is_superseded`: another one enrolled after it.

    `highest` is the highest counter of its kept messages, but for those that opened an alarm, None without any;
    `has_alarms`: some phone of its kit has.
    """

    device: str
    kit: str
    case: str
    managing_zone: str
    home_zone: str
    home_centre: str
    grant_ends_at_s: int | None
    is_returned: int
    is_superseded: int
    is_blocked: int
    highest: int | None
    has_alarms: int


class AlarmForPhone(msgspec.Struct, frozen=True):
    """What may concern a phone of its alarm: its state, the desk's question, who listens, how far the team is."""

    state: str
    question: str | None
    is_listening: int
    is_duress: int
    step: str | None


class RestingPhone(msgspec.Struct, frozen=True):
    """What is known of a phone that says that it is there.

    `highest` is the highest counter of its kept messages, but for those that opened an alarm, None without any;
    `is_used` whether the asked one is among them. `has_alarms`: some phone of its kit has. `settings` are those of the
    kit that this phone has not taken yet; `test` is an officer's that stands now (protocol.arming).
    """

    kit: str
    case: str
    is_superseded: int
    is_blocked: int
    highest: int | None
    is_used: int
    has_alarms: int
    settings: str | None
    test: str | None


class Code(msgspec.Struct, frozen=True):
    """A one-time code of enrolment: for which kit and case, until when, and which device used it."""

    kit: str
    expires_at_s: int
    used_by: str | None
    case: str
    issued_seq: int


def senders(reader: Reader, devices: Collection[str]) -> list[Sender]:
    """The enrolled phones among these key ids."""
    return [
        Sender(*row) for row in reader.execute(f"{_SENDERS} ({_marks(devices)})", tuple(devices)).fetchall()
    ]


def all_senders(reader: Reader, limit: int) -> Iterator[Sender]:
    """Up to `limit` enrolled phones, without what they said."""
    return (Sender(*row) for row in reader.execute(_ALL_SENDERS, (limit,)))


def public_key(reader: Reader, device: str) -> bytes | None:
    """The key (32 bytes) of this phone; None for an unknown one."""
    row = reader.execute("SELECT public_key FROM device WHERE device = ?", (device,)).fetchone()
    return row[0] if row else None


def public_keys(reader: Reader, limit: int) -> Iterator[tuple[str, bytes]]:
    """Up to `limit` enrolled phones, each with its key."""
    return iter(reader.execute("SELECT device, public_key FROM device LIMIT ?", (limit,)))


def devices_behind(reader: Reader, after: str, limit: int) -> list[str]:
    """Up to `limit` enrolled phones behind this one, in the order of their names."""
    rows = reader.execute(
        "SELECT device FROM device WHERE device > ? ORDER BY device LIMIT ?", (after, limit)
    )
    return [device for (device,) in rows]


def of_same_kits(reader: Reader, devices: Collection[str], kits: Collection[str]) -> list[str]:
    """All enrolled phones of these kits, and of the kits of these phones."""
    rows = reader.execute(_OF_SAME_KITS, (json.dumps([*devices]), json.dumps([*kits])))
    return [device for (device,) in rows]


def keys_of(reader: Reader, devices: Collection[str]) -> dict[str, bytes]:
    """The public keys of the enrolled phones among these key ids."""
    sql = f"SELECT device, public_key FROM device WHERE device IN ({_marks(devices)})"
    return dict(reader.execute(sql, tuple(devices)).fetchall())


def highest_counter(reader: Reader, device: str) -> int:
    """The highest counter of this phone's kept messages, but for those that opened an alarm; 0 for none."""
    return reader.execute(_HIGHEST, (device,)).fetchone()[0] or 0


def kept_messages(
    reader: Reader, of: Collection[tuple[str, int]]
) -> dict[tuple[str, int], list[KeptMessage]]:
    """The kept messages of these phones with these counters, but for those that opened an alarm."""
    found: dict[tuple[str, int], list[KeptMessage]] = {}
    sql = _USED.format(marks=_marks(of, "(?,?)"))
    for device, counter, *message in reader.execute(sql, tuple(chain.from_iterable(of))):
        found.setdefault((device, counter), []).append(tuple(message))
    return found


def alarms_of_kits(reader: Reader, kits: Collection[str]) -> dict[str, list[KitAlarm]]:
    """All alarms of these kits' phones and sources."""
    found: dict[str, list[KitAlarm]] = {}
    for kit, *alarm in reader.execute(_ALARMS.format(marks=_marks(kits)), (*kits, *kits)):
        found.setdefault(kit, []).append(tuple(alarm))
    return found


def place_of(reader: Reader, seq: int) -> tuple[str, str, int]:
    """Stream, case and time (microseconds) of an event; "", "" and 0 for none."""
    row: tuple[str, str, int] | None = reader.execute(
        "SELECT stream, key, at_us FROM event WHERE seq = ?", (seq,)
    ).fetchone()
    return row or ("", "", 0)


def alarms_for_phones(reader: Reader, streams: Collection[str]) -> dict[str, AlarmForPhone]:
    """What may concern a phone of the alarms with these streams; nothing of other streams."""
    rows = reader.execute(_FOR_PHONES.format(marks=_marks(streams)), tuple(streams))
    return {stream: AlarmForPhone(*row) for stream, *row in rows}


def resting_phone(reader: Reader, device: str, counter: int, now_us: int) -> RestingPhone | None:
    """What is known of a phone that says that it is there; None for an unknown one. One statement: they are many."""
    row = reader.execute(_RESTING, (counter, device, now_us)).fetchone()
    return RestingPhone(*row) if row else None


def _marks(of: Sized, mark: str = "?") -> str:
    return ",".join([mark] * len(of))


def code(reader: Reader, code_hash: str) -> Code | None:
    """The one-time code with this hash."""
    row = reader.execute(_CODE, (code_hash,)).fetchone()
    return Code(*row) if row else None
