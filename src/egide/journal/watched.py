"""What is told of kits and what reports for them, folded like all else: those watched over, settings, armed tests."""

import hashlib

from egide.alarm import events as a
from egide.events import register as r
from egide.events import sources as s
from egide.journal.chain import Stored
from egide.journal.engines.base import Write
from egide.journal.schema import replacing
from egide.protocol.arming import ARMED, LASTS_S, OFFER_S, said_of_test
from egide.protocol.envelope import Trigger
from egide.protocol.link import APP_VERSION, PUSH, PUSH_OFF
from egide.protocol.settings import settings_text, taken_version

WatchEvent = r.KitWatched | r.KitTroubleTold | r.KitTroubleSolved
NOTIFIED = {"person": "person_us", "zone": "zone_us", "officer": "officer_us"}
LONGEST_VERSION = 40
_SETTINGS_TAKEN = replacing("settings_taken", "device, what", "version, at_us")
_PUSH = replacing("push", "device", "seq")

# One that comes into the journal so much later than it was armed, or so much earlier, arms nothing: it waited for a
# journal that was away, or for somebody.
TOLERANCE_S = 60
# Whether the phone `p` of the device `d` is not the one of its kit that enrolled last (safety rule 38).
SUPERSEDED = """EXISTS (SELECT 1 FROM device o JOIN phone newer ON newer.device = o.device
  WHERE o.kit = d.kit AND o.device <> d.device AND newer.enrolled_seq > p.enrolled_seq)"""
_OF_PHONE = f"""kit = (SELECT d.kit FROM device d JOIN phone p ON p.device = d.device
  WHERE d.device = ? AND NOT {SUPERSEDED}) AND number = ?"""
# What a phone at rest is offered now (`?3`): of a kit that is not out and was not given back, and still stands.
OFFERED = """SELECT CAST(t.number AS TEXT) || ':' || CAST(t.until_us / 1000000 AS TEXT) FROM kit_test AS t
  WHERE t.kit = d.kit AND t.until_us > ?3 AND t.back_us IS NULL AND t.over_us IS NULL AND k.returned = 0
    AND NOT EXISTS (SELECT 1 FROM watched AS w WHERE w.kit = d.kit)"""

# One that comes back to the same kit, or was taken off another one first, goes on counting where it was: a frame that
# somebody recorded before raises nothing.
_ENROL = """
INSERT INTO source (source, kit, road, enrolled_seq) VALUES (?,?,?,?) ON CONFLICT (source) DO UPDATE SET
  kit = excluded.kit, road = excluded.road, enrolled_seq = excluded.enrolled_seq, ended = 0
  WHERE source.ended = 1 OR source.kit = excluded.kit
"""
_HEARD = (
    "UPDATE source SET heard_us = ?, highest = CASE WHEN highest < ? THEN ? ELSE highest END WHERE source = ?"
)


def fold_watch(event: WatchEvent, row: Stored, write: Write) -> None:
    """Bring `watched` and `trouble` up to date with one event."""
    if isinstance(event, r.KitWatched):
        # It is out: from now on only her own code arms a test.
        fold_end_of_test(event.kit, row, write)
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
    fold_end_of_test(kit, row, write)
    write("DELETE FROM watched WHERE kit = ?", (kit,))
    write("UPDATE trouble SET ended_us = ? WHERE kit = ? AND ended_us IS NULL", (row.at_us, kit))


def fold_phone(event: a.FromPhone, row: Stored, write: Write) -> None:
    """What a phone says of itself: its app's version, where push reaches it, a test that came through or was late."""
    if isinstance(event, a.TestReceived):
        fold_tested(event, row, write)
        if "late" in event.flags:
            write("UPDATE phone SET failed_at_us = ? WHERE device = ?", (row.at_us, event.device))
        elif event.trigger == Trigger.BUTTON:
            write("UPDATE phone SET tested_at_us = ? WHERE device = ?", (row.at_us, event.device))
    elif isinstance(event, a.NoticeReceived):
        text = event.body.decode("utf-8", "replace")
        if text.startswith(APP_VERSION):
            version = text.removeprefix(APP_VERSION)[:LONGEST_VERSION]
            write("UPDATE phone SET app = ? WHERE device = ?", (version, event.device))
        elif said := said_of_test(text):
            fold_said(event.device, said, row, write)
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


def fold_armed(event: r.KitTestArmed | r.KitTestTakenBack, row: Stored, write: Write) -> None:
    """What an officer wants of the kit's phone."""
    if isinstance(event, r.KitTestTakenBack):
        write(
            "UPDATE kit_test SET back_us = ? WHERE kit = ? AND number = ? AND back_us IS NULL",
            (row.at_us, event.kit, event.number),
        )
        return
    until_us = event.until_s * 1_000_000
    if abs(until_us - OFFER_S * 1_000_000 - row.at_us) > TOLERANCE_S * 1_000_000:
        return
    write(
        "INSERT INTO kit_test (kit, number, until_us) VALUES (?,?,?) ON CONFLICT (kit) DO UPDATE SET"
        " number = excluded.number, until_us = excluded.until_us, taken_us = NULL, back_us = NULL,"
        " over_us = NULL, pressed = 0 WHERE excluded.number > kit_test.number",
        (event.kit, event.number, until_us),
    )


def fold_said(device: str, said: tuple[str, int], row: Stored, write: Write) -> None:
    """The kit's phone armed it, and has two minutes from then on; or it let it go."""
    word, number = said
    if word == ARMED:
        write(
            "UPDATE kit_test SET taken_us = ?, until_us = ?"
            f" WHERE {_OF_PHONE} AND taken_us IS NULL AND over_us IS NULL",
            (row.at_us, row.at_us + LASTS_S * 1_000_000, device, number),
        )
    else:
        _end(device, number, row, write, is_pressed=False)


def fold_tested(event: a.TestReceived, row: Stored, write: Write) -> None:
    """A test alarm came: one that an officer armed is used."""
    if event.officers_test:
        _end(event.device, event.officers_test, row, write, is_pressed=True)


def _end(device: str, number: int, row: Stored, write: Write, *, is_pressed: bool) -> None:
    write(
        f"UPDATE kit_test SET over_us = ?, pressed = ? WHERE {_OF_PHONE} AND pressed = 0",
        (row.at_us, int(is_pressed), device, number),
    )


def fold_end_of_test(kit: str, row: Stored, write: Write) -> None:
    """None is offered to the kit's phone any more."""
    write("UPDATE kit_test SET back_us = ? WHERE kit = ? AND back_us IS NULL", (row.at_us, kit))


def fold_source(event: s.SourceEnrolled | s.SourceEnded | s.SourceHeard, row: Stored, write: Write) -> None:
    """Bring the table up to date with one event."""
    if isinstance(event, s.SourceEnrolled):
        write(_ENROL, (event.source, event.kit, event.road, row.seq))
        write("DELETE FROM polling WHERE source = ?", (event.source,))
        if event.every_s:
            write("INSERT INTO polling VALUES (?,?,?)", (event.source, event.every_s, row.at_us))
    elif isinstance(event, s.SourceEnded):
        write("UPDATE source SET ended = 1 WHERE source = ? AND kit = ?", (event.source, event.kit))
    else:
        _note_heard(event.source, event.counter, row, write)


def fold_pressed(event: a.SourcePressed, row: Stored, write: Write) -> None:
    """The message that it is, the alarm that it opens, and the counter that is used up."""
    digest = hashlib.sha256(event.report).digest()
    write(
        "INSERT INTO message VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
        (event.source, event.counter, digest, row.seq, row.stream),
    )
    if event.origin is not None and row.alarm:
        write(
            "INSERT INTO alarm VALUES (?,?,?,'received',?,?,?,?,?,NULL,'','','','',0,NULL)",
            (
                row.alarm,
                event.source,
                row.key,
                row.centre,
                row.zone,
                event.origin.managing_zone,
                row.seq,
                row.at_us,
            ),
        )
    _note_heard(event.source, event.counter, row, write)


def _note_heard(source: str, counter: int, row: Stored, write: Write) -> None:
    write(_HEARD, (row.at_us, counter, counter, source))
