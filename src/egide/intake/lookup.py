"""What intake reads from the journal's folded tables: devices, earlier messages, the alarm to join, states."""

from collections.abc import Callable
from sqlite3 import Cursor

from egide.events.alarm import Origin
from egide.intake.rules import TAIL_S, Before, Device
from egide.protocol.envelope import Kind, Message

Execute = Callable[..., Cursor]

_DEVICE_SQL = """
SELECT d.device, d.public_key, d.kit, k.case_id, k.managing_zone, k.home_zone, k.home_centre,
       k.grant_ends_at_s, k.returned
FROM device d JOIN kit k ON k.kit = d.kit WHERE d.device = ?
"""
_JOINABLE_SQL = """
SELECT alarm, state, closed_at_us FROM alarm WHERE device = ? ORDER BY opened_seq DESC LIMIT 1
"""


def find_device(execute: Execute, kid: str) -> Device | None:
    """The enrolled device with this key id."""
    row = execute(_DEVICE_SQL, (kid,)).fetchone()
    if row is None:
        return None
    device, public_key, kit, case, managing_zone, home_zone, home_centre, grant_ends_at_s, returned = row
    origin = Origin(managing_zone, home_zone, home_centre)
    return Device(device, public_key, kit, case, origin, grant_ends_at_s, bool(returned))


def find_repeat(
    execute: Execute, device: str, counter: int, digest: bytes
) -> tuple[int | None, str, str | None]:
    """Seq and stream of these very bytes if they came before (seq None otherwise), and the stream of the first
    message under this counter."""
    rows = execute(
        "SELECT digest, seq, stream FROM message WHERE device = ? AND counter = ? ORDER BY seq",
        (device, counter),
    ).fetchall()
    for known, seq, stream in rows:
        if known == digest:
            return seq, stream, rows[0][2]
    return None, "", rows[0][2] if rows else None


def find_before(
    execute: Execute, device: str, message: Message, first_stream: str | None, now_us: int
) -> Before:
    """What decides where the message goes."""
    stream_of_press = None
    if message.press is not None:
        row = execute(
            "SELECT stream FROM message WHERE device = ? AND counter = ? ORDER BY seq LIMIT 1",
            (device, message.press),
        ).fetchone()
        stream_of_press = row[0] if row else None
    own_counter = message.counter if message.kind is Kind.PRESS else message.press
    own = execute("SELECT 1 FROM alarm WHERE alarm = ?", (f"{device}-{own_counter}",)).fetchone()
    latest = execute(_JOINABLE_SQL, (device,)).fetchone()
    joinable, is_open = None, False
    if latest is not None:
        alarm, state, closed_at_us = latest
        is_open = state != "closed"
        if is_open or closed_at_us + TAIL_S * 1_000_000 > now_us:
            joinable = alarm
    return Before(first_stream, stream_of_press, own is not None, joinable, is_open)


def next_counter(execute: Execute, device: str) -> int:
    """One more than the highest counter that any message of the device had."""
    row = execute(
        "SELECT max((SELECT coalesce(max(counter), 0) FROM message WHERE device = ?1),"
        " (SELECT coalesce(max(counter), 0) FROM presence WHERE device = ?1))",
        (device,),
    ).fetchone()
    return int(row[0]) + 1


def state_of(execute: Execute, stream: str) -> str:
    """The word for how far an alarm has come; "noted" for every other stream."""
    row = execute("SELECT state FROM alarm WHERE alarm = ?", (stream.partition(":")[2],)).fetchone()
    return row[0] if row else "noted"


def keep_presence(execute: Execute, device: str, message: Message, now_us: int) -> None:
    """Replace what is known of a device at rest; the highest counter wins."""
    battery = message.battery
    execute(
        "INSERT INTO presence VALUES (?,?,?,?,?,?) ON CONFLICT (device) DO UPDATE SET counter = excluded.counter,"
        " at_us = excluded.at_us, phone_pct = excluded.phone_pct, button_pct = excluded.button_pct,"
        " link = excluded.link WHERE excluded.counter > presence.counter",
        (
            device,
            message.counter,
            now_us,
            battery.phone_pct if battery else None,
            battery.button_pct if battery else None,
            message.link,
        ),
    )
