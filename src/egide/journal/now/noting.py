"""How a verified message changes the row of its phone: a press and each heartbeat pay for it."""

import re
from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from egide.journal.engines.base import Connection, Small
from egide.protocol.envelope import Battery, Message

# At these charges (percent) and deviations of the phone's clock (seconds) the worker looks again.
BATTERY_BANDS = (5, 15, 25, 40)
CLOCK_BANDS = (-3600, -120, 120, 3600)
# Until somebody has looked, a phone is due after this silence (60 minutes).
FIRST_LIMIT_S = 3600
_UNKNOWN_BAND = 15

# Columns are named with their table, and what may be unknown with its type: PostgreSQL would not know either.
_LINK = "CAST(:link AS BIGINT)"
_IS_WITH_HER = f"{_LINK} & 2 <> 0"
_AWAY = f"""CASE WHEN {_LINK} IS NULL THEN heard.away_s WHEN {_IS_WITH_HER} THEN NULL
  ELSE coalesce(heard.away_s, :at_s) END"""
_GIVEN = """CASE WHEN heard.tell = '' THEN NULL WHEN :is_answered THEN coalesce(heard.given_s, :at_s)
  ELSE heard.given_s END"""
_SAID = f"""
  counter = :counter, at_s = :at_s,
  phone_pct = CASE WHEN :has_battery THEN :phone_pct ELSE heard.phone_pct END,
  button_pct = CASE WHEN :has_battery THEN :button_pct ELSE heard.button_pct END,
  link = coalesce(:link, heard.link), ahead_before_s = heard.ahead_s, ahead_s = :ahead_s,
  away_s = {_AWAY}, given_s = {_GIVEN}
"""
_NEXT_LOOK = (
    """CASE WHEN heard.other_s < :at_s + heard.limit_s THEN heard.other_s ELSE :at_s + heard.limit_s END"""
)
# Nothing changed, and the next look is far off but not too late: it stays where it is, because moving it in its index
# costs as much as all the rest. A look finds that the phone spoke, and looks again when it is due.
_NOTE_ALONE = f"""
UPDATE heard SET {_SAID}
WHERE device = :device AND counter < :counter AND NOT :urge AND (signs = :signs OR NOT :has_battery)
  AND (look_s IS NULL OR (look_s > :at_s + limit_s / 2 AND look_s <= {_NEXT_LOOK}))
"""
# A phone that is due stays due; `other_s` is what the worker waits for besides silence (0: any word at all).
_NOTE = f"""
INSERT INTO heard VALUES (:device, :counter, :at_s, :phone_pct, :button_pct, :link, :ahead_s, :ahead_s, :signs,
  CASE WHEN {_LINK} IS NULL OR {_IS_WITH_HER} THEN NULL ELSE :at_s END, :limit_s, NULL, :at_s, '',
  NULL)
ON CONFLICT (device) DO UPDATE SET {_SAID},
  signs = CASE WHEN :has_battery THEN :signs ELSE heard.signs END,
  look_s = CASE
    WHEN heard.look_s IS NULL THEN NULL
    WHEN :urge OR heard.look_s <= :at_s OR (:has_battery AND heard.signs <> :signs) THEN :at_s
    ELSE {_NEXT_LOOK} END
WHERE :counter > heard.counter
"""
_TELLING = "RETURNING counter, tell"
# What these statements name, in the order in which `_fields` gives it: passed by name, noting would cost twice as much.
_NAMES = (
    *("at_s", "phone_pct", "button_pct", "link", "ahead_s", "signs", "limit_s"),
    *("has_battery", "urge", "is_answered", "counter", "device"),
)


def _numbered(sql: str) -> str:
    return re.sub(r":(\w+)", lambda name: f"?{_NAMES.index(name[1]) + 1}", sql)


_NOTE_ALONE, _NOTE = _numbered(_NOTE_ALONE), _numbered(_NOTE)
_NOTE_ALONE_AND_TELL, _NOTE_AND_TELL = f"{_NOTE_ALONE} {_TELLING}", f"{_NOTE} {_TELLING}"


class Word(msgspec.Struct, frozen=True):
    """A verified message as a sign of life, received at `at_s`. `urge`: the worker shall look at once."""

    device: str
    at_s: int
    message: Message
    urge: bool = False
    is_answered: bool = True


def note_and_tell(connection: Connection, word: Word) -> tuple[int, str]:
    """Keep the word within the caller's transaction; returns the phone's highest counter, and what to tell it.

    The highest counter wins: an older word changes nothing.
    """
    fields = _fields(word)
    for sql in (_NOTE_ALONE_AND_TELL, _NOTE_AND_TELL):
        # All rows are read: only then is a statement that writes done.
        rows = connection.execute(sql, fields).fetchall()
        if rows:
            return rows[0][0], rows[0][1]
    sql = "SELECT counter, tell FROM heard WHERE device = ?"
    kept: tuple[int, str] = connection.execute(sql, (number_of(word.device),)).fetchone()
    return kept


def note_all(place: Small, words: Iterable[Word]) -> None:
    """The same for words that nobody waits for, in a step of their own."""
    place.change(map(_fields, words), _NOTE_ALONE, _NOTE)


def signs_of(message: Message, ahead_s: int) -> int:
    """Link, batteries and clock as one number; where it changes, somebody looks."""
    battery = message.battery or Battery()
    return (
        (message.link or 0)
        | _band(battery.phone_pct) << 16
        | _band(battery.button_pct) << 20
        | bisect_right(CLOCK_BANDS, ahead_s) << 24
    )


def number_of(device: str) -> int:
    """A device id (8 bytes in hex) as the signed number that rows are kept by."""
    return int.from_bytes(bytes.fromhex(device), "big", signed=True)


def name_of(number: int) -> str:
    """The device id behind that number."""
    return number.to_bytes(8, "big", signed=True).hex()


def _band(percent: int | None) -> int:
    return _UNKNOWN_BAND if percent is None else bisect_right(BATTERY_BANDS, percent)


def _fields(word: Word) -> tuple[int | None, ...]:
    message, battery = word.message, word.message.battery
    ahead_s = message.sent_at_s - word.at_s
    return (
        word.at_s,
        battery.phone_pct if battery else None,
        battery.button_pct if battery else None,
        message.link,
        ahead_s,
        signs_of(message, ahead_s),
        FIRST_LIMIT_S,
        battery is not None,
        word.urge,
        word.is_answered,
        message.counter,
        number_of(word.device),
    )
