"""The tables of supervision, folded like all others: kits that are watched over, their phones, their troubles."""

from egide.alarm import events as a
from egide.events import register as r
from egide.journal.chain import Stored
from egide.journal.engines.base import Write
from egide.journal.schema import replacing
from egide.protocol.envelope import Trigger
from egide.protocol.link import APP_VERSION, PUSH, PUSH_OFF
from egide.protocol.settings import settings_text, taken_version

WatchEvent = r.KitWatched | r.KitTroubleTold | r.KitTroubleSolved
NOTIFIED = {"person": "person_us", "zone": "zone_us", "officer": "officer_us"}
LONGEST_VERSION = 40
_SETTINGS_TAKEN = replacing("settings_taken", "device, what", "version, at_us")
_PUSH = replacing("push", "device", "seq")
# Whether the phone `p` of the device `d` is not the one of its kit that enrolled last (safety rule 38).
SUPERSEDED = """EXISTS (SELECT 1 FROM device o JOIN phone newer ON newer.device = o.device
  WHERE o.kit = d.kit AND o.device <> d.device AND newer.enrolled_seq > p.enrolled_seq)"""


def fold_watch(event: WatchEvent, row: Stored, write: Write) -> None:
    """Bring `watched` and `trouble` up to date with one event."""
    if isinstance(event, r.KitWatched):
        write(
            "INSERT INTO watched VALUES (?,?,?) ON CONFLICT (kit) DO UPDATE SET level = excluded.level",
            (event.kit, event.level, row.at_us),
        )
    elif isinstance(event, r.KitTroubleTold):
        write(
            "INSERT INTO trouble (kit, what, since_us) SELECT ?, ?, ? WHERE NOT EXISTS"
            " (SELECT 1 FROM trouble WHERE kit = ? AND what = ? AND ended_us IS NULL) ON CONFLICT DO NOTHING",
            (event.kit, event.what, event.since_us, event.kit, event.what),
        )
        write(
            f"UPDATE trouble SET {NOTIFIED[event.whom]} = ? WHERE kit = ? AND what = ? AND ended_us IS NULL",
            (row.at_us, event.kit, event.what),
        )
    else:
        write(
            "UPDATE trouble SET ended_us = ? WHERE kit = ? AND what = ? AND ended_us IS NULL",
            (row.at_us, event.kit, event.what),
        )


def fold_end(kit: str, row: Stored, write: Write) -> None:
    """A kit that came back or was lost is watched over no longer, and nothing of it waits for anybody."""
    write("DELETE FROM watched WHERE kit = ?", (kit,))
    write("UPDATE trouble SET ended_us = ? WHERE kit = ? AND ended_us IS NULL", (row.at_us, kit))


def fold_phone(event: a.FromPhone, row: Stored, write: Write) -> None:
    """What a phone says of itself: its app's version, where push reaches it, a test that came through or was late."""
    if isinstance(event, a.TestReceived):
        if "late" in event.flags:
            write("UPDATE phone SET failed_at_us = ? WHERE device = ?", (row.at_us, event.device))
        elif event.trigger == Trigger.BUTTON:
            write("UPDATE phone SET tested_at_us = ? WHERE device = ?", (row.at_us, event.device))
    elif isinstance(event, a.NoticeReceived):
        text = event.body.decode("utf-8", "replace")
        if text.startswith(APP_VERSION):
            version = text.removeprefix(APP_VERSION)[:LONGEST_VERSION]
            write("UPDATE phone SET app = ? WHERE device = ?", (version, event.device))
        elif taken := taken_version(text):
            write(_SETTINGS_TAKEN, (event.device, *taken, row.at_us))
        elif text.startswith(PUSH):
            write(_PUSH, (event.device, row.seq))
        elif text == PUSH_OFF:
            write("DELETE FROM push WHERE device = ?", (event.device,))


def fold_settings(event: r.KitSettingsSet, row: Stored, write: Write) -> None:
    """What the kit's phone is to know from now on."""
    write(
        "INSERT INTO kit_settings VALUES (?,?,?,?) ON CONFLICT (kit) DO UPDATE SET version = excluded.version,"
        " settings = excluded.settings, set_at_us = excluded.set_at_us"
        " WHERE excluded.version > kit_settings.version",
        (event.kit, event.settings.version, settings_text(event.settings), row.at_us),
    )
