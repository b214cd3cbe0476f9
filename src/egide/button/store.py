"""What a button remembers over a loss of power: its counter, the presses nobody took, its bonds, its address.

One SQLite file for each button. The counter is on the disk before it is on the air, so that it never repeats.
"""

from pathlib import Path

import msgspec

from egide.button.rules import HOLD_DEFAULT_MS, Pending, decide_forgotten
from egide.common.database import one_step, open_database

# Beside the files of the buttons: takes commands for all of them.
CONTROL_SOCKET = "control.sock"
_SCHEMA = """
create table if not exists button (
    id integer primary key check (id = 1),
    counter integer not null,
    hold_ms integer not null,
    battery_pct integer not null,
    address text not null,
    irk blob not null
) strict;
create table if not exists pending (
    counter integer primary key,
    held_ms integer not null,
    reached_at_us integer not null
) strict;
create table if not exists set_by_phone (
    id integer primary key check (id = 1),
    version integer not null
) strict;
create table if not exists bond (
    address text primary key,
    keys text not null,
    subscribed integer not null default 0
) strict;
"""


class Identity(msgspec.Struct, frozen=True):
    """Static random address, given to bonded phones only, and the key that makes the rotating ones (16 bytes)."""

    address: str
    irk: bytes


class ButtonStore:
    """The durable memory of one button. Each `do_` is one transaction, on the disk when it returns."""

    def __init__(self, path: Path, fresh: Identity) -> None:
        """Open `path`, or start it with the `fresh` identity."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # One fsync a commit: a press waits for nothing else before it goes on the air.
        self._db = open_database(path, synchronous="FULL")
        self._db.executescript(_SCHEMA)
        self._db.execute(
            "insert or ignore into button values (1, 0, ?, 100, ?, ?)",
            (HOLD_DEFAULT_MS, fresh.address, fresh.irk),
        )

    def close(self) -> None:
        self._db.close()

    def identity(self) -> Identity:
        return Identity(*self._db.execute("select address, irk from button").fetchone())

    def counter(self) -> int:
        """The highest counter that was ever given to a press."""
        return int(self._db.execute("select counter from button").fetchone()[0])

    def hold_ms(self) -> int:
        return int(self._db.execute("select hold_ms from button").fetchone()[0])

    def battery_pct(self) -> int:
        return int(self._db.execute("select battery_pct from button").fetchone()[0])

    def pending(self) -> list[Pending]:
        """Presses without acknowledgement, oldest first."""
        rows = self._db.execute("select counter, held_ms, reached_at_us from pending order by counter")
        return [Pending(*row) for row in rows]

    def bonds(self) -> dict[str, str]:
        """Keys (JSON) of each bonded phone by its identity address."""
        return dict(self._db.execute("select address, keys from bond"))

    def is_subscribed(self, address: str) -> bool:
        """Whether this bonded phone wanted notifications when it was last here."""
        row = self._db.execute("select subscribed from bond where address = ?", (address,)).fetchone()
        return row is not None and bool(row[0])

    def do_set_hold_ms(self, hold_ms: int) -> None:
        self._db.execute("update button set hold_ms = ?", (hold_ms,))

    def do_set_battery_pct(self, battery_pct: int) -> None:
        self._db.execute("update button set battery_pct = ?", (battery_pct,))

    def do_add_press(self, held_ms: int, reached_at_us: int) -> Pending:
        """Give the press its counter and keep it until it is acknowledged."""
        with one_step(self._db):
            counter = self.counter() + 1
            press = Pending(counter, held_ms, reached_at_us)
            forgotten = decide_forgotten([*self.pending(), press])
            self._db.execute("update button set counter = ?", (counter,))
            self._db.execute("insert into pending values (?, ?, ?)", (counter, held_ms, reached_at_us))
            self._db.executemany("delete from pending where counter = ?", [(one,) for one in forgotten])
        return press

    def do_count(self) -> int:
        """The next counter, for a press that is said and not kept."""
        with one_step(self._db):
            counter = self.counter() + 1
            self._db.execute("update button set counter = ?", (counter,))
        return counter

    def set_version(self) -> int:
        """The version of the hold time that a phone set last; 0 when none did."""
        row = self._db.execute("select version from set_by_phone").fetchone()
        return 0 if row is None else int(row[0])

    def do_take_hold(self, version: int, hold_ms: int) -> None:
        """Keep what a phone set, with its version."""
        with one_step(self._db):
            self._db.execute("insert or replace into set_by_phone values (1, ?)", (version,))
            self._db.execute("update button set hold_ms = ?", (hold_ms,))

    def do_acknowledge(self, counter: int) -> bool:
        """Stop repeating `counter`; False when it was not pending."""
        return self._db.execute("delete from pending where counter = ?", (counter,)).rowcount == 1

    def do_set_bond(self, address: str, keys: str) -> None:
        """Bond with one phone. A button serves one phone: the former bond ends."""
        with one_step(self._db):
            self._db.execute("delete from bond")
            self._db.execute("insert into bond (address, keys) values (?, ?)", (address, keys))

    def do_set_subscribed(self, address: str, subscribed: bool) -> None:
        self._db.execute("update bond set subscribed = ? where address = ?", (subscribed, address))
