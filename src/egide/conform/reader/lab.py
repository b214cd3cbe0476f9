"""The reader that is examined, and an invented journal for it."""

import secrets
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from egide.conform.points import expect
from egide.conform.reader.writing import FORMAT, STEP_US, Header, Row, Told, export, footer, written
from egide.protocol.keys import SigningKey

CLAUSE = "docs/journal-export.md"
# An event that no version of today knows.
TOMORROW = "DroneSent"


class Asked(msgspec.Struct, frozen=True):
    """What a reader is to read; `key` (hexadecimal) goes with checkpoints."""

    export: bytes
    checkpoints: bytes = b""
    key: str = ""


class Read(msgspec.Struct, frozen=True):
    """How it ended, and what it printed."""

    code: int
    printed: str


Reader = Callable[[Asked], Awaitable[Read]]


class ReaderLab:
    """A journal of three streams; `word` stands in one event of today, `later` in the one of tomorrow."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self.case_key, self.case = secrets.token_bytes(32), secrets.token_hex(16)
        self.alarm = f"alarm:{secrets.token_hex(8)}-1"
        self.word, self.later = secrets.token_hex(6), secrets.token_hex(6)
        self.key, self.following, self.stranger = (SigningKey.generate() for _ in range(3))
        kit, account = f"kit:{secrets.token_hex(8)}", "account:7"
        self.rows: list[Row] = written(
            (
                Told(kit, "KitIssued", {"kit": kit}),
                Told(self.alarm, "PressReceived", {"counter": 1, "note": self.word}),
                Told(account, "SignedIn", {"user": 7}, centre="", zone=""),
                Told(
                    self.alarm, "AlarmRouted", {"zone": "5341"}, centre="HAI LIE", zone="5341 5277", cause=2
                ),
                Told(self.alarm, TOMORROW, {"note": self.later, "height_m": 60}, cause=4),
                Told(kit, "KitWatched", {"kit": kit}),
                Told(self.alarm, "AlarmAcknowledged", {"by": "Op. 7"}, cause=4),
                Told(self.alarm, "AlarmClosed", {"outcome": "gone"}, cause=7),
            ),
            self.case_key,
            self.case,
        )

    @property
    def of_alarm(self) -> list[Row]:
        return [row for row in self.rows if row.stream == self.alarm]

    def header(self, one: bool, key: bytes = b"") -> Header:
        at_us = self.rows[-1].at_us + STEP_US
        return Header(FORMAT, at_us, self.alarm, key or self.case_key) if one else Header(FORMAT, at_us)

    def one_alarm(self, rows: Sequence[Row] | None = None) -> Asked:
        """An export of one alarm, whole in itself."""
        rows = self.of_alarm if rows is None else rows
        return Asked(export(self.header(one=True), rows, footer(rows)))

    def whole(self, rows: Sequence[Row] | None = None, checkpoints: bytes = b"") -> Asked:
        """An export of the whole journal, whole in itself."""
        rows = self.rows if rows is None else rows
        key = bytes(self.key.verify_key).hex() if checkpoints else ""
        return Asked(export(self.header(one=False), rows, footer(rows)), checkpoints, key)

    async def accepts(self, asked: Asked) -> Read:
        """Raises Deviates."""
        read = await self._read(asked)
        expect(read.code == 0, f"refused ({read.code}): {read.printed.strip()[-200:]}")
        return read

    async def refuses(self, *all_asked: Asked) -> str:
        """Each of these. Raises Deviates."""
        for asked in all_asked:
            read = await self._read(asked)
            expect(read.code != 0, "accepted")
        return "refused"
