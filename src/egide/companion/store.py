"""What the phone remembers over a crash: its keys, the button's highest counter, every message until it is receipted.

One SQLite file for each phone, synchronous=FULL: what is in here survives kill -9 and a flat battery.
"""

import sqlite3
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from egide.common.database import one_step, open_database
from egide.common.encoding import to_base64url
from egide.companion.choices import Choices
from egide.companion.rules import next_counter
from egide.protocol.enrolment import EnrolmentReply, Settings
from egide.protocol.envelope import Kind, Message, encode
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.receipt import Receipt
from egide.protocol.receipt_key import Pinned

_SCHEMA = """
create table if not exists phone (
    id integer primary key check (id = 1),
    seed blob not null,
    address text not null,
    irk blob not null,
    enrolment blob,
    bond_address text,
    bond_keys text,
    bond_lost integer not null default 0,
    button_highest integer not null default 0,
    choices blob,
    next_counter integer not null default 1
) strict;
create table if not exists press (
    counter integer primary key,
    button_counter integer unique,
    alarm text not null,
    state text not null default '',
    seq integer,
    received_at_ms integer,
    closed_at_us integer
) strict;
create table if not exists button_settings (
    id integer primary key check (id = 1),
    version integer not null
) strict;
create table if not exists officers_test (
    id integer primary key check (id = 1),
    number integer not null
) strict;
create table if not exists key_ahead (
    id integer primary key check (id = 1),
    server_key blob not null
) strict;
create table if not exists codes (
    id integer primary key check (id = 1),
    kept blob not null
) strict;
create table if not exists outbox (
    counter integer primary key,
    kind integer not null,
    bytes blob not null,
    at_rest integer not null,
    refused integer not null default 0,
    refusals integer not null default 0
) strict;
"""
# What a store of before 0.2 lacks.
_REFUSALS = "alter table outbox add column refusals integer not null default 0"

# What a person did goes before where she is, and that before sound. Of places the newest counts, of all else the first.
_IN_TURN = (Kind.CANCEL, Kind.TEXT, Kind.TEST, Kind.NOTICE, Kind.POSITION, Kind.HEARTBEAT, Kind.AUDIO)
_TURN = " ".join(f"when {int(kind)} then {turn}" for turn, kind in enumerate(_IN_TURN))
_NEWEST_FIRST = f"kind in ({int(Kind.POSITION)}, {int(Kind.HEARTBEAT)})"
_BY_TURN = f"order by refusals, case kind {_TURN} end, case when {_NEWEST_FIRST} then -counter else counter end limit 1"

# Counters for messages that are sent from memory alone: enough for hours.
_RESERVED = 4096


class RadioIdentity(msgspec.Struct, frozen=True):
    """The phone's own static address, given to the bonded button only, and the key of its rotating ones (16 bytes)."""

    address: str
    irk: bytes


class Outgoing(msgspec.Struct, frozen=True):
    """A signed message that waits for its receipt. `refused`: the status of the server's last refusal, or 0."""

    counter: int
    kind: Kind
    data: bytes
    refused: int = 0


class Press(msgspec.Struct, frozen=True):
    """A press: the counter of its message, the alarm that it belongs to, the last state that a reply carried."""

    counter: int
    alarm: str
    state: str


class PhoneStore:
    """The durable memory of one phone. Each `do_` is one transaction, on the disk when it returns."""

    def __init__(self, path: Path, fresh_seed: bytes, fresh_identity: RadioIdentity) -> None:
        """Open `path`, or start it with a fresh signing key (32 bytes) and radio identity."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._db = open_database(path, synchronous="FULL")
        self._db.executescript(_SCHEMA)
        with suppress(sqlite3.OperationalError):
            self._db.execute(_REFUSALS)
        self._db.execute(
            "insert or ignore into phone (id, seed, address, irk) values (1, ?, ?, ?)",
            (fresh_seed, fresh_identity.address, fresh_identity.irk),
        )
        self._key = SigningKey(self._one("select seed from phone"))
        self._reserved = range(0)

    def close(self) -> None:
        self._db.close()

    @property
    def kid(self) -> str:
        """Key id in hexadecimal: the device's name everywhere."""
        return kid_of(bytes(self._key.verify_key)).hex()

    # -- enrolment --------------------------------------------------------------------------------------------

    @property
    def key(self) -> SigningKey:
        """The phone's own signing key, made here and never given away."""
        return self._key

    def enrolment(self) -> EnrolmentReply | None:
        data = self._one("select enrolment from phone")
        return None if data is None else msgspec.json.decode(data, type=EnrolmentReply)

    def choices(self) -> Choices:
        data = self._one("select choices from phone")
        return Choices() if data is None else msgspec.json.decode(data, type=Choices)

    def do_choose(self, choices: Choices) -> None:
        self._db.execute("update phone set choices = ?", (msgspec.json.encode(choices),))

    def codes(self) -> bytes | None:
        """What opens with a code; None before codes were chosen."""
        row = self._db.execute("select kept from codes").fetchone()
        return None if row is None else bytes(row[0])

    def do_keep_codes(self, kept: bytes) -> None:
        self._db.execute("insert or replace into codes values (1, ?)", (kept,))

    def do_set_codes(self, kept: bytes, choices: Choices) -> None:
        """From now on kit and button are read with a code; what was kept before of either is gone from the files."""
        with one_step(self._db):
            enrolment = self.enrolment()
            if enrolment is not None:
                self.do_enrol(msgspec.structs.replace(enrolment, kit="", button_id=""))
            self.do_choose(choices)
            self.do_keep_codes(kept)
        self._db.execute("pragma wal_checkpoint(truncate)")

    def do_enrol(self, reply: EnrolmentReply) -> None:
        self._db.execute("update phone set enrolment = ?", (msgspec.json.encode(reply),))

    def do_set_settings(self, settings: Settings) -> None:
        """Replace the kit's settings in what the enrolment gave."""
        enrolment = self.enrolment()
        assert enrolment is not None
        self.do_enrol(msgspec.structs.replace(enrolment, settings=settings))

    def key_ahead(self) -> bytes:
        """The server's key that follows the enrolled one; empty for none."""
        return bytes(self._one("select server_key from key_ahead") or b"")

    def do_pin(self, pinned: Pinned) -> None:
        """From now on believe the server by these keys. A disk that refuses it costs only the memory over a restart:
        then the chain of keys is asked for again.
        """
        enrolment = self.enrolment()
        assert enrolment is not None
        with suppress(sqlite3.Error), one_step(self._db):
            self.do_enrol(msgspec.structs.replace(enrolment, server_key=to_base64url(pinned.key)))
            self._db.execute("insert or replace into key_ahead values (1, ?)", (pinned.ahead,))

    def button_settings(self) -> int:
        """The version of the settings that the button took; 0 for none."""
        row = self._db.execute("select version from button_settings").fetchone()
        return 0 if row is None else int(row[0])

    def do_note_button_settings(self, version: int) -> None:
        self._db.execute("insert or replace into button_settings values (1, ?)", (version,))

    def officers_test(self) -> int:
        """The number of the last test that an officer armed here; 0 for none."""
        return int(self._one("select number from officers_test") or 0)

    def do_note_officers_test(self, number: int) -> None:
        self._db.execute("insert or replace into officers_test values (1, ?)", (number,))

    # -- the bond (bond.BondMemory) ---------------------------------------------------------------------------

    def radio_identity(self) -> RadioIdentity:
        return RadioIdentity(*self._db.execute("select address, irk from phone").fetchone())

    def bond(self) -> tuple[str, str] | None:
        address, keys = self._db.execute("select bond_address, bond_keys from phone").fetchone()
        return None if address is None else (address, keys)

    def do_set_bond(self, address: str, keys: str) -> None:
        self._db.execute("update phone set bond_address = ?, bond_keys = ?, bond_lost = 0", (address, keys))

    def do_forget_bond(self) -> None:
        self._db.execute("update phone set bond_address = null, bond_keys = null, bond_lost = 0")

    def bond_is_lost(self) -> bool:
        return bool(self._one("select bond_lost from phone"))

    def do_note_bond_lost(self, is_lost: bool) -> None:
        """A disk that refuses it costs only the memory over a restart, and must not cost the link."""
        with suppress(sqlite3.Error):
            self._db.execute("update phone set bond_lost = ?", (is_lost,))

    # -- presses and messages ---------------------------------------------------------------------------------

    def button_highest(self) -> int:
        """The highest counter of the button that was ever accepted."""
        return int(self._one("select button_highest from phone"))

    def has_press(self, button_counter: int) -> bool:
        return self._one("select 1 from press where button_counter = ?", button_counter) is not None

    def do_note_button(self, button_counter: int) -> bool:
        """The button said this; nothing up to here counts again. False when it was not above the highest."""
        raised = self._db.execute(
            "update phone set button_highest = ? where button_highest < ?", (button_counter, button_counter)
        )
        return raised.rowcount == 1

    def do_add_press(self, button_counter: int | None, message: Message) -> Outgoing | None:
        """Keep a press: highest counter and signed message in one step. `message.counter` is given here.

        A test is kept like a press that is over, so that the button's repetition of it is known. None, and nothing
        changes, when this press of the button was kept before.
        """
        with one_step(self._db):
            if button_counter is not None:
                if self.has_press(button_counter):
                    return None
                self.do_note_button(button_counter)
            outgoing = self._add(message)
            is_test = message.kind is Kind.TEST
            alarm, state = ("", "closed") if is_test else (f"{self.kid}-{outgoing.counter}", "")
            self._db.execute(
                "insert into press (button_counter, counter, alarm, state) values (?, ?, ?, ?)",
                (button_counter, outgoing.counter, alarm, state),
            )
        return outgoing

    def do_add(self, message: Message) -> Outgoing:
        """Keep any other message. `message.counter` is given here.

        A heartbeat at rest takes the place of those that wait: only the newest says how things are.
        """
        with one_step(self._db):
            if _is_at_rest(message):
                self._db.execute("delete from outbox where at_rest")
            return self._add(message)

    def _add(self, message: Message) -> Outgoing:
        counter = int(self._one("select next_counter from phone"))
        data = encode(msgspec.structs.replace(message, counter=counter), self._key)
        self._db.execute("update phone set next_counter = ?", (counter + 1,))
        self._db.execute(
            "insert into outbox (counter, kind, bytes, at_rest) values (?, ?, ?, ?)",
            (counter, int(message.kind), data, _is_at_rest(message)),
        )
        return Outgoing(counter, message.kind, data)

    def do_reserve(self, above: int = 0) -> None:
        """Take counters for what is never kept, ahead of its use and above that of a press: `seal_untraced` then writes
        nothing. Raises sqlite3.Error.
        """
        if not self._reserved or self._reserved[0] <= above:
            first = int(
                self._one(
                    "update phone set next_counter = next_counter + ? returning next_counter", _RESERVED
                )
            )
            self._reserved = range(first - _RESERVED, first)

    def seal_untraced(self, message: Message) -> Outgoing:
        """Sign a message that is never kept; on a full disk it may have to do without naming its press.

        Raises sqlite3.Error when no counter was reserved, nor can be.
        """
        try:
            self.do_reserve(message.press or 0)
        except sqlite3.Error:
            if not self._reserved:
                raise
            message = msgspec.structs.replace(message, press=None)
        counter, self._reserved = self._reserved[0], self._reserved[1:]
        data = encode(msgspec.structs.replace(message, counter=counter), self._key)
        return Outgoing(counter, message.kind, data)

    def knows_alarm(self, alarm: str) -> bool:
        return self._one("select 1 from press where alarm = ?", alarm) is not None

    def unsent_presses(self) -> list[Outgoing]:
        """Presses without receipt, oldest first."""
        return self._outgoing("kind = 1 order by counter")

    def next_other(self, but: Collection[Kind] = ()) -> Outgoing | None:
        """The other message without receipt whose turn it is; none of the kinds `but`.

        One that was refused comes after all others, and the more often the later: one that is refused for good must
        not keep the rest from being tried again.
        """
        without = ", ".join(str(int(kind)) for kind in (Kind.PRESS, *but))
        waiting = self._outgoing(f"kind not in ({without}) {_BY_TURN}")
        return waiting[0] if waiting else None

    def _outgoing(self, condition: str) -> list[Outgoing]:
        rows = self._db.execute(f"select counter, kind, bytes, refused from outbox where {condition}")
        return [Outgoing(counter, Kind(kind), data, refused) for counter, kind, data, refused in rows]

    def do_note_refusal(self, counter: int, status: int) -> None:
        """Remember how the server refused; the message stays."""
        self._db.execute(
            "update outbox set refused = ?, refusals = refusals + 1 where counter = ?", (status, counter)
        )

    def do_take_receipt(self, sent: Outgoing, receipt: Receipt, now_us: int) -> bool:
        """The server keeps `sent`, so the phone forgets its bytes: nobody must find a trail here.

        Adopts the server's next counter when it is higher. True when the state of the alarm is news.
        """
        with one_step(self._db):
            self._db.execute("delete from outbox where counter = ?", (sent.counter,))
            own = int(self._one("select next_counter from phone"))
            following = next_counter(own, receipt.next_counter)
            self._db.execute("update phone set next_counter = ?", (following,))
            if sent.kind is Kind.PRESS:
                self._db.execute(
                    "update press set alarm = ?, seq = ?, received_at_ms = ? where counter = ?",
                    (receipt.alarm, receipt.seq, receipt.received_at, sent.counter),
                )
            return self._take_state(receipt, now_us)

    def _take_state(self, receipt: Receipt, now_us: int) -> bool:
        closed_at_us = now_us if receipt.state == "closed" else None
        changed = self._db.execute(
            "update press set state = ?, closed_at_us = ? where alarm = ? and alarm != '' and state != ?",
            (receipt.state, closed_at_us, receipt.alarm, receipt.state),
        )
        return changed.rowcount > 0

    def open_press(self) -> Press | None:
        """The newest press whose alarm is not closed, one with a receipt before others; None at rest."""
        row = self._db.execute(
            "select counter, alarm, state from press where state != 'closed'"
            " order by seq is null, counter desc limit 1"
        ).fetchone()
        return None if row is None else Press(*row)

    def followed_press(self, now_us: int, tail_s: int) -> Press | None:
        """Whose position is sent: the open press, else the last one whose alarm closed less than `tail_s` ago."""
        row = self._db.execute(
            "select counter, alarm, state from press where closed_at_us between ? and ?"
            " order by counter desc limit 1",
            (now_us - tail_s * 1_000_000 + 1, now_us),
        ).fetchone()
        return self.open_press() or (None if row is None else Press(*row))

    def _one(self, query: str, *values: object) -> Any:
        row = self._db.execute(query, values).fetchone()
        return None if row is None else row[0]


def _is_at_rest(message: Message) -> bool:
    return message.kind is Kind.HEARTBEAT and message.press is None
