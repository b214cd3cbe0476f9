"""What others ask the journal about supervision: kits that are watched over, their phones, their troubles."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from egide.journal.errors import or_unavailable
from egide.journal.named import SPEAKERS, alarms_of
from egide.journal.reader import Reader
from egide.journal.service import Journal
from egide.journal.watched import NOTIFIED, SUPERSEDED

_TROUBLE = "kit, what, since_us, person_us, zone_us, officer_us, ended_us"
_ALARMED = f"""{alarms_of(f"SELECT device, kit FROM {SPEAKERS} AS s WHERE kit IN (SELECT value FROM json_each(?))")}
SELECT DISTINCT kit FROM own JOIN kit AS k USING (kit) WHERE own.key = k.case_id AND own.state <> 'closed'
"""
_DEVICES_IN_ALARM = f"""
SELECT DISTINCT o.device FROM alarm a
JOIN device o ON o.kit = (SELECT s.kit FROM {SPEAKERS} AS s WHERE s.device = a.device) WHERE a.state <> 'closed'
"""
_PHONES = """
SELECT w.kit, w.level, w.since_us, d.device, p.enrolled_at_us, p.app, p.tested_at_us, p.failed_at_us,
  coalesce(c.kind, '')
FROM watched w LEFT JOIN device d ON d.kit = w.kit LEFT JOIN phone p ON p.device = d.device
LEFT JOIN client c ON c.device = d.device
WHERE w.kit IN (SELECT value FROM json_each(?)) ORDER BY p.enrolled_seq
"""
_OF_KIT = f"SELECT o.device, o.kit FROM device AS s JOIN {SPEAKERS} AS o ON o.kit = s.kit WHERE s.device = ?1"
_STANDING = f"""{alarms_of(_OF_KIT)}
SELECT d.kit, k.case_id, w.level, w.since_us, p.enrolled_at_us, p.app, p.tested_at_us, p.failed_at_us,
  coalesce((SELECT c.kind FROM client c WHERE c.device = d.device), ''),
  {SUPERSEDED},
  EXISTS (SELECT 1 FROM own WHERE key = k.case_id AND state <> 'closed')
FROM device d JOIN kit k ON k.kit = d.kit LEFT JOIN watched w ON w.kit = d.kit LEFT JOIN phone p ON p.device = d.device
WHERE d.device = ?1
"""
_SUBSCRIBED = f"""
SELECT u.device, u.seq FROM push u JOIN device d ON d.device = u.device JOIN watched w ON w.kit = d.kit
JOIN phone p ON p.device = u.device WHERE NOT {SUPERSEDED}
"""
_FIRST = """
SELECT min(first_us) FROM (SELECT min(since_us) AS first_us FROM watched
UNION ALL SELECT min(coalesce(person_us, zone_us, officer_us)) FROM trouble) AS firsts
"""
_SILENCES = """
SELECT kit, since_us, ended_us FROM trouble WHERE what = 'silent' AND (ended_us IS NULL OR ended_us > ?)
AND kit IN (SELECT value FROM json_each(?))
"""
# By the person who was notified last.
_COUNTED = """
SELECT what, CASE WHEN officer_us IS NOT NULL THEN 'officer' WHEN zone_us IS NOT NULL THEN 'zone' ELSE 'person' END,
  count(*)
FROM trouble WHERE ended_us IS NULL GROUP BY 1, 2
"""


class Trouble(msgspec.Struct, frozen=True):
    """Something that is or was wrong with a kit, and since when who knows; `ended_us` None while it lasts."""

    kit: str
    what: str
    since_us: int
    person_us: int | None = None
    zone_us: int | None = None
    officer_us: int | None = None
    ended_us: int | None = None


class WatchedPhone(msgspec.Struct, frozen=True):
    """A phone of a watched kit; all but kit, level and since is None (`client` "") for a kit without one."""

    kit: str
    level: str
    since_us: int
    device: str | None
    enrolled_us: int | None
    app: str | None
    tested_us: int | None
    failed_us: int | None
    client: str


class PhoneStanding(msgspec.Struct, frozen=True):
    """How a phone stands: `level` and `since_us` are None while nobody watches over its kit.

    `is_superseded`: another phone of the kit enrolled after it (safety rule 38). `is_alarmed`: its kit is in an alarm.
    """

    kit: str
    case: str
    level: str | None
    since_us: int | None
    enrolled_us: int | None
    app: str | None
    tested_us: int | None
    failed_us: int | None
    client: str
    is_superseded: int
    is_alarmed: int


@or_unavailable
def watched_kits(journal: Journal) -> frozenset[str]:
    """The kits that are watched over."""
    return frozenset(kit for (kit,) in journal.connection.execute("SELECT kit FROM watched"))


@or_unavailable
def watched_by_level(journal: Journal) -> dict[str, int]:
    """How many kits are watched over, by the level of the danger."""
    return dict(journal.connection.execute("SELECT level, count(*) FROM watched GROUP BY level").fetchall())


def watched_devices(journal: Journal, at_once: int) -> Iterator[list[str]]:
    """The phones of all watched kits, `at_once` of them at a time."""
    sql = "SELECT d.device FROM watched w JOIN device d ON d.kit = w.kit"
    devices = (device for (device,) in journal.found(sql))
    while some := list(islice(devices, at_once)):
        yield some


@or_unavailable
def watched_phones(journal: Journal, kits: Iterable[str]) -> list[WatchedPhone]:
    """The phones of those of these kits that are watched over; of several the one that enrolled last comes last."""
    rows = journal.connection.execute(_PHONES, (json.dumps(list(kits)),))
    return [WatchedPhone(*row) for row in rows]


@or_unavailable
def subscribed_pages(journal: Journal) -> list[tuple[str, int]]:
    """The web pages of watched kits that push services know: phone, and the event that holds the subscription."""
    return journal.connection.execute(_SUBSCRIBED).fetchall()


@or_unavailable
def first_watched_us(journal: Journal) -> int | None:
    """Since when anybody has watched over kits; None when nobody has yet."""
    found: int | None = journal.connection.execute(_FIRST).fetchone()[0]
    return found


@or_unavailable
def standing(journal: Journal, device: str) -> PhoneStanding | None:
    """How this phone stands; None for an unknown one."""
    row = journal.connection.execute(_STANDING, (device,)).fetchone()
    return PhoneStanding(*row) if row else None


@or_unavailable
def devices_of_kit(journal: Journal, kit: str) -> list[str]:
    """All phones that ever enrolled for this kit."""
    sql = "SELECT device FROM device WHERE kit = ?"
    return [device for (device,) in journal.connection.execute(sql, (kit,))]


@or_unavailable
def devices_beside(journal: Journal, device: str) -> list[str]:
    """All phones of the kit of this phone or source, a phone itself included."""
    sql = f"SELECT o.device FROM {SPEAKERS} d JOIN device o ON o.kit = d.kit WHERE d.device = ?"
    return [found for (found,) in journal.connection.execute(sql, (device,))]


@or_unavailable
def unknown_devices(journal: Journal, devices: Sequence[str]) -> list[str]:
    """Those of these phones that the journal does not know, or forgot with an erased case."""
    sql = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT device FROM device)"
    return [device for (device,) in journal.connection.execute(sql, (json.dumps(list(devices)),))]


@or_unavailable
def devices_in_alarm(journal: Journal) -> list[str]:
    """All phones of the kits that are in an open alarm."""
    return [device for (device,) in journal.connection.execute(_DEVICES_IN_ALARM)]


@or_unavailable
def kits_in_alarm(journal: Journal, kits: Iterable[str]) -> frozenset[str]:
    """Those of these kits that are in an open alarm."""
    rows = journal.connection.execute(_ALARMED, (json.dumps(list(kits)),))
    return frozenset(kit for (kit,) in rows)


@or_unavailable
def open_troubles(journal: Journal) -> list[tuple[str, str]]:
    """Kit and trouble of all that is wrong now."""
    return journal.connection.execute("SELECT kit, what FROM trouble WHERE ended_us IS NULL").fetchall()


@or_unavailable
def open_troubles_of(journal: Journal, kits: Iterable[str]) -> list[Trouble]:
    """What is wrong now with these kits."""
    sql = f"SELECT {_TROUBLE} FROM trouble WHERE kit IN (SELECT value FROM json_each(?)) AND ended_us IS NULL"
    return [Trouble(*row) for row in journal.connection.execute(sql, (json.dumps(list(kits)),))]


@or_unavailable
def troubles_of(journal: Journal, kit: str, limit: int) -> list[Trouble]:
    """What is and was wrong with this kit, the latest first, `limit` at most."""
    sql = f"SELECT {_TROUBLE} FROM trouble WHERE kit = ? ORDER BY since_us DESC, what LIMIT ?"
    return [Trouble(*row) for row in journal.connection.execute(sql, (kit, limit))]


@or_unavailable
def troubles_counted(journal: Journal) -> list[tuple[str, str, int]]:
    """What is wrong now, who was notified of it last, and with how many kits."""
    return journal.connection.execute(_COUNTED).fetchall()


@or_unavailable
def silences(journal: Journal, kits: Iterable[str], since_us: int) -> list[tuple[str, int, int | None]]:
    """When these kits were silent, as far as it lasted beyond `since_us`: kit, begin, end (None while it lasts)."""
    return journal.connection.execute(_SILENCES, (since_us, json.dumps(list(kits)))).fetchall()


def is_notified(reader: Reader, kit: str, what: str, whom: str) -> bool:
    """Whether this trouble is open and `whom` (a key of NOTIFIED) was notified of it."""
    sql = f"SELECT {NOTIFIED[whom]} FROM trouble WHERE kit = ? AND what = ? AND ended_us IS NULL"
    row = reader.execute(sql, (kit, what)).fetchone()
    return row is not None and row[0] is not None


def is_open(reader: Reader, kit: str, what: str) -> bool:
    """Whether this trouble is open."""
    sql = "SELECT 1 FROM trouble WHERE kit = ? AND what = ? AND ended_us IS NULL"
    return reader.execute(sql, (kit, what)).fetchone() is not None
