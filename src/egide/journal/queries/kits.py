"""What others ask the journal about a kit's phones: who enrolled, what came through, which settings they took."""

import json
from collections.abc import Iterable

import msgspec

from egide.journal.engines.base import Execute
from egide.journal.errors import or_unavailable
from egide.journal.named import SPEAKERS
from egide.journal.service import Journal

_ENROLLED = """
SELECT d.device, e.at_us, e.seq, coalesce(c.kind, ''), coalesce(c.version, '') FROM device d
JOIN event e ON e.stream = 'device:' || d.device AND e.kind = 'DeviceEnrolled'
LEFT JOIN client c ON c.device = d.device
WHERE d.kit = ? ORDER BY e.seq
"""
# A hyphen is followed by a full stop in ASCII: the streams of a phone's tests or alarms, by the index on streams.
_TESTS = "SELECT seq FROM event WHERE stream >= ? AND stream < ? AND kind = 'TestReceived' ORDER BY seq DESC LIMIT ?"
# One phone at a time: joined to its phones by a range, PostgreSQL would go through the whole journal.
_EVENTS_OF_PHONE = """
SELECT count(*) FROM event WHERE stream > ? AND stream < ? AND kind IN (SELECT value FROM json_each(?))
"""
_PRESSES = json.dumps(["PressReceived", "PressedAgain", "PressConflicted", "SourcePressed"])
_TEST = json.dumps(["TestReceived"])
# What came in a device's name and does not verify: its storage was cleared, its key lost or copied.
_UNVERIFIED = """
SELECT d.kit, max(e.at_us) FROM device d
JOIN event e ON e.stream = 'device:' || d.device AND e.kind = 'VerificationFailed' AND e.at_us > ?
WHERE d.kit IN (SELECT value FROM json_each(?)) GROUP BY d.kit
"""
# Of several phones of a kit the one that enrolled last comes last.
_CLIENTS = """
SELECT d.kit, coalesce(c.kind, '') FROM device d
JOIN phone p ON p.device = d.device LEFT JOIN client c ON c.device = d.device
WHERE d.kit IN (SELECT value FROM json_each(?)) ORDER BY p.enrolled_seq
"""


class OfficersTest(msgspec.Struct, frozen=True):
    """The last test that an officer armed for a kit: `until_us` when the phone may be armed at the latest, or stays so.

    When the phone said that it is armed, when it was taken back, and when the phone said that it is over.
    """

    number: int
    until_us: int
    taken_us: int | None = None
    back_us: int | None = None
    over_us: int | None = None
    is_pressed: int = 0


class Enrolled(msgspec.Struct, frozen=True):
    """A phone's enrolment; `client` and `version` are what it said that it is, "" when it said nothing."""

    device: str
    at_us: int
    seq: int
    client: str
    version: str


@or_unavailable
def enrolments(journal: Journal, kit: str) -> list[Enrolled]:
    """The phones of this kit in the order in which they enrolled."""
    return [Enrolled(*row) for row in journal.connection.execute(_ENROLLED, (kit,))]


@or_unavailable
def last_enrolled(journal: Journal, kit: str) -> Enrolled | None:
    """The phone of this kit that enrolled last; None without one."""
    row = journal.connection.execute(f"{_ENROLLED} DESC LIMIT 1", (kit,)).fetchone()
    return Enrolled(*row) if row else None


@or_unavailable
def clients(journal: Journal, kits: Iterable[str]) -> dict[str, str]:
    """What the phone that enrolled last said that it is, by kit; "" when it said nothing."""
    rows = journal.connection.execute(_CLIENTS, (json.dumps(list(kits)),))
    return dict(rows.fetchall())


@or_unavailable
def last_tests(journal: Journal, device: str, limit: int) -> list[int]:
    """The events of this phone's tests, `limit` at most, the latest first."""
    rows = journal.connection.execute(_TESTS, (f"test:{device}-", f"test:{device}.", limit))
    return [seq for (seq,) in rows]


@or_unavailable
def number_of_presses(journal: Journal, kit: str) -> int:
    """How many presses of all phones of this kit came through."""
    return _number(journal.connection.execute, kit, "alarm", _PRESSES)


@or_unavailable
def number_of_tests(journal: Journal, kit: str) -> int:
    """How many tests of all phones of this kit came through."""
    return _number(journal.connection.execute, kit, "test", _TEST)


def _number(ask: Execute, kit: str, stream: str, kinds: str) -> int:
    """How many events of these kinds stand in such streams of the kit's phones and sources."""
    devices = ask(f"SELECT device FROM {SPEAKERS} AS s WHERE kit = ?", (kit,)).fetchall()
    ranges = [(f"{stream}:{device}-", f"{stream}:{device}.", kinds) for (device,) in devices]
    return sum(ask(_EVENTS_OF_PHONE, one).fetchone()[0] for one in ranges)


@or_unavailable
def unverified_us(journal: Journal, kits: Iterable[str], since_us: int) -> dict[str, int]:
    """Those of these kits in whose name something came after `since_us` that does not verify, and when it last did."""
    rows = journal.connection.execute(_UNVERIFIED, (since_us, json.dumps(list(kits))))
    return dict(rows.fetchall())


@or_unavailable
def kit_settings(journal: Journal, kit: str) -> tuple[str, int] | None:
    """The settings that were set last for this kit, as text, and when; None while those of its issue hold."""
    sql = "SELECT settings, set_at_us FROM kit_settings WHERE kit = ?"
    row: tuple[str, int] | None = journal.connection.execute(sql, (kit,)).fetchone()
    return row


@or_unavailable
def settings_taken_us(journal: Journal, device: str, version: int) -> dict[str, int]:
    """When this phone, and the button over its link, took this version of the settings."""
    sql = "SELECT what, at_us FROM settings_taken WHERE device = ? AND version = ?"
    return dict(journal.connection.execute(sql, (device, version)).fetchall())


@or_unavailable
def officers_test(journal: Journal, kit: str) -> OfficersTest | None:
    """The last test that an officer armed for this kit."""
    sql = "SELECT number, until_us, taken_us, back_us, over_us, pressed FROM kit_test WHERE kit = ?"
    row = journal.connection.execute(sql, (kit,)).fetchone()
    return OfficersTest(*row) if row else None
