"""A fleet of kits as they stand after months: every table as events would have left it, written straight for speed.

Phones that speak in the measurement have real keys; of the others only the public half stands anywhere, and is random.
"""

import hashlib
import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from benchmarks.senders import Prepared, as_request
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.database import one_step, open_database
from egide.demo import world
from egide.fleet.supervision.rules import DAY_S, HOUR_S
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.noting import signs_of
from egide.journal.service import Journal, KeyStore
from egide.protocol.envelope import Battery, Kind, Message
from egide.protocol.keys import SigningKey, kid_of

INTERVAL_S = 900
_LINK = 3
_BATTERY = Battery(88, 71)
_KIT = "INSERT INTO kit VALUES (?,?,0,'5324','5324','HAI',NULL,0)"
_DEVICE = "INSERT INTO device VALUES (?,?,?)"
_WATCHED = "INSERT INTO watched VALUES (?,'ordinary',?)"
_PHONE = "INSERT INTO phone VALUES (?,1,?,'0.1.0',?,NULL)"
_CLIENT = "INSERT INTO client VALUES (?,'native','0.1.0')"
_HEARD = (
    "INSERT INTO heard (device, counter, at_s, phone_pct, button_pct, link, ahead_s, ahead_before_s, signs, limit_s,"
    " other_s, look_s) VALUES (?,?,?,?,?,?,0,0,?,?,?,?)"
)
_AT_ONCE = 20_000


class Phone(world.Phone):
    """A phone that speaks."""

    def say(self, kind: Kind, now_s: int) -> Prepared:
        """Its next message as an HTTP request, and the name of the alarm that a press would make."""
        is_press = kind is Kind.PRESS
        about = {"position": world.HERE, "trigger": 1} if is_press else {}
        envelope = self.envelope(kind, sent_at_s=now_s, battery=_BATTERY, link=_LINK, **about)
        return as_request(envelope), self.alarm().encode()


@dataclass
class Fleet:
    """What was written: the phones that speak, those that press, kit and device of those that will fall silent."""

    kits: int
    speaking: list[Phone]
    pressing: list[Phone]
    silent: list[tuple[str, str]] = field(default_factory=list)


def fill(config: Config, kits: int, speaking: int, pressing: int, silent: int) -> Fleet:
    """Write `kits` watched kits, and `pressing` more. Of the kits `speaking` have a real key, `silent` others none."""
    clock, keys = SystemClock(), KeyStore.open(config)
    Journal.open(config, clock, keys)
    tables = open_database(config.journal_db, synchronous="FULL")
    now_s = clock.now_us() // 1_000_000
    phones = [_phone(number) for number in range(speaking + pressing)]
    fleet = Fleet(kits, phones[:speaking], phones[speaking:])
    names = _names(phones, kits + pressing)
    heartbeats = _file(config)
    chance = random.Random(kits)
    for first in range(0, kits + pressing, _AT_ONCE):
        keys.ensure_all(f"case{number}" for number in range(first, min(first + _AT_ONCE, kits + pressing)))
        part = [next(names) for _ in range(first, min(first + _AT_ONCE, kits + pressing))]
        _write_tables(tables, first, part, now_s)
        for number, (device, _public) in enumerate(part, start=first):
            if 0 <= number - speaking - pressing < silent:
                fleet.silent.append((f"kit{number}", device))
        rows = [(device, now_s - chance.randrange(INTERVAL_S)) for device, _public in part]
        _write_heard(heartbeats, rows, now_s)
    for connection in (tables, heartbeats):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return fleet


def fall_silent(
    config: Config, kits: Sequence[tuple[str, str]], first_s: int, through_s: int
) -> dict[str, int]:
    """Have these kits be silent and due one after the other from `first_s` on; returns when each is."""
    due_s = {kit: first_s + number % through_s for number, (kit, _device) in enumerate(kits)}
    rows = [(due_s[kit] - HOUR_S, due_s[kit], _number(device)) for kit, device in kits]
    with closing(_file(config)) as connection, one_step(connection):
        connection.executemany("UPDATE heard SET at_s = ?, look_s = ? WHERE device = ?", rows)
    return due_s


def listen_since(config: Config, now_s: int) -> None:
    """As after hours without a pause: else nobody's silence would count yet."""
    Heartbeats(config).keep_listening(now_s - DAY_S, now_s)


def _file(config: Config) -> sqlite3.Connection:
    Heartbeats(config)
    return open_database(config.data_dir / "heartbeats.db", synchronous="OFF")


def _phone(number: int) -> Phone:
    return Phone(SigningKey(hashlib.sha256(b"watched %d" % number).digest()), "", "", counter=1)


def _names(phones: Sequence[Phone], total: int) -> Iterator[tuple[str, bytes]]:
    """Device and public key: first those with a key, then random ones."""
    for phone in phones:
        yield phone.device, bytes(phone.key.verify_key)
    for _ in range(total - len(phones)):
        public = os.urandom(32)
        yield kid_of(public).hex(), public


def _write_tables(
    connection: sqlite3.Connection, first: int, part: Sequence[tuple[str, bytes]], now_s: int
) -> None:
    since_us = (now_s - 10 * DAY_S) * 1_000_000
    named = [(f"kit{number}", number, *names) for number, names in enumerate(part, start=first)]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(_KIT, [(kit, f"case{number}") for kit, number, _d, _p in named])
    connection.executemany(_DEVICE, [(device, kit, public) for kit, _n, device, public in named])
    connection.executemany(_WATCHED, [(kit, since_us) for kit, *_others in named])
    connection.executemany(_PHONE, [(device, since_us, since_us) for _k, _n, device, _p in named])
    connection.executemany(_CLIENT, [(device,) for _k, _n, device, _p in named])
    connection.execute("COMMIT")


def _write_heard(connection: sqlite3.Connection, rows: Sequence[tuple[str, int]], now_s: int) -> None:
    signs = signs_of(
        Message(kind=Kind.HEARTBEAT, counter=1, sent_at_s=now_s, battery=_BATTERY, link=_LINK), 0
    )
    other_s = now_s + 20 * DAY_S
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        _HEARD,
        [
            (_number(device), 1, at_s, 88, 71, _LINK, signs, HOUR_S, other_s, at_s + HOUR_S)
            for device, at_s in rows
        ],
    )
    connection.execute("COMMIT")


def _number(device: str) -> int:
    return int.from_bytes(bytes.fromhex(device), "big", signed=True)
