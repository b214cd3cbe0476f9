"""The small tables that are folded from events in the same transaction, as each engine makes them.

`event` itself, which refuses every change, is each engine's own (`journal.engines`).
"""

from egide.common.text import _
from egide.journal.errors import LaterJournal

# Raised by a release alone whose journal an earlier one would misread or write wrongly. New kinds of events and new
# columns with a value of their own do not: what a release does not know of them, it keeps (decision 0056).
FORMAT = 1

FOLDED_TABLES = (
    "kit",
    "enrolment",
    "device",
    "blocked",
    "message",
    "alarm",
    "on_the_way",
    "team_link",
    "canary",
    "watched",
    "phone",
    "client",
    "push",
    "trouble",
    "kit_settings",
    "settings_taken",
    "kit_test",
    "source",
    "polling",
)

FOLDED_SQL = """
CREATE TABLE IF NOT EXISTS kit (
    kit TEXT PRIMARY KEY, case_id TEXT NOT NULL, issued_seq INTEGER NOT NULL,
    managing_zone TEXT NOT NULL, home_zone TEXT NOT NULL, home_centre TEXT NOT NULL,
    grant_ends_at_s INTEGER, returned INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS enrolment (
    code_hash TEXT PRIMARY KEY, kit TEXT NOT NULL, expires_at_s INTEGER NOT NULL, used_by TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS device (
    device TEXT PRIMARY KEY, kit TEXT NOT NULL, public_key BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS device_kit ON device (kit);
-- Phones that somebody blocked: it counts as long as another one of the kit enrolled after them.
CREATE TABLE IF NOT EXISTS blocked (device TEXT PRIMARY KEY) WITHOUT ROWID;
-- Messages that were kept, but for a press that opened its alarm: that stands in `alarm` alone, since each row by a
-- random key costs a page of the log.
CREATE TABLE IF NOT EXISTS message (
    device TEXT NOT NULL, counter INTEGER NOT NULL, digest BLOB NOT NULL,
    seq INTEGER NOT NULL, stream TEXT NOT NULL,
    PRIMARY KEY (device, counter, digest)
) WITHOUT ROWID;
-- In the order in which they were opened (journal.named).
CREATE TABLE IF NOT EXISTS alarm (
    alarm TEXT NOT NULL, device TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    centres TEXT NOT NULL, zones TEXT NOT NULL, managing_zone TEXT NOT NULL,
    opened_seq INTEGER PRIMARY KEY, opened_at_us INTEGER NOT NULL, closed_at_us INTEGER,
    report TEXT NOT NULL, follow_up TEXT NOT NULL,  -- each '', 'due' or 'done'
    question TEXT NOT NULL, listening TEXT NOT NULL, duress INTEGER NOT NULL,  -- what the phone is to know
    digest BLOB  -- of the press that opened it and gave it its name, NULL when that stands in `message`
);
-- How far the named team of a zone said that it is, or its zone for it: '', 'under-way' or 'on-site'.
CREATE TABLE IF NOT EXISTS on_the_way (
    alarm TEXT PRIMARY KEY, zone TEXT NOT NULL, step TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alarm_open ON alarm (opened_seq) WHERE state <> 'closed';
CREATE INDEX IF NOT EXISTS alarm_unreported ON alarm (opened_seq) WHERE report = 'due';
CREATE INDEX IF NOT EXISTS alarm_follow_up ON alarm (managing_zone, opened_seq) WHERE follow_up = 'due';
CREATE TABLE IF NOT EXISTS team_link (
    link TEXT PRIMARY KEY, code TEXT NOT NULL, alarm TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS team_link_code ON team_link (code);
CREATE TABLE IF NOT EXISTS canary (
    device TEXT PRIMARY KEY, public_key BLOB NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0, digest TEXT NOT NULL DEFAULT '',
    seq INTEGER NOT NULL DEFAULT 0, at_us INTEGER NOT NULL DEFAULT 0,
    routed_seq INTEGER NOT NULL DEFAULT 0, routed_at_us INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- Kits that are out and watched over, what their phones said of themselves, and what was wrong with them.
CREATE TABLE IF NOT EXISTS watched (kit TEXT PRIMARY KEY, level TEXT NOT NULL, since_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS phone (
    device TEXT PRIMARY KEY, enrolled_seq INTEGER NOT NULL, enrolled_at_us INTEGER NOT NULL,
    app TEXT NOT NULL DEFAULT '', tested_at_us INTEGER, failed_at_us INTEGER
) WITHOUT ROWID;
-- What a phone said at enrolment that it is (no row for one that said nothing).
CREATE TABLE IF NOT EXISTS client (
    device TEXT PRIMARY KEY, kind TEXT NOT NULL, version TEXT NOT NULL
) WITHOUT ROWID;
-- The notice in which a web page said where a push service keeps its subscription.
CREATE TABLE IF NOT EXISTS push (device TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trouble (
    kit TEXT NOT NULL, what TEXT NOT NULL, since_us INTEGER NOT NULL,
    person_us INTEGER, zone_us INTEGER, officer_us INTEGER, ended_us INTEGER,
    PRIMARY KEY (kit, what, since_us)
) WITHOUT ROWID;
-- Settings of a kit that somebody changed, as its phone gets them, and the versions that phone and button took.
CREATE TABLE IF NOT EXISTS kit_settings (
    kit TEXT PRIMARY KEY, version INTEGER NOT NULL, settings TEXT NOT NULL, set_at_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings_taken (
    device TEXT NOT NULL, what TEXT NOT NULL, version INTEGER NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (device, what)
) WITHOUT ROWID;
-- The last test that an officer armed for a kit that is not out: until when its phone may be armed, when it said that
-- it is (`taken_us`) and is no more (`over_us`), when an officer took it back, and whether somebody pressed.
CREATE TABLE IF NOT EXISTS kit_test (
    kit TEXT PRIMARY KEY, number INTEGER NOT NULL, until_us INTEGER NOT NULL,
    taken_us INTEGER, back_us INTEGER, over_us INTEGER, pressed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- Devices that are no phones and report for a kit (decision 0104), and the highest counter that was taken.
CREATE TABLE IF NOT EXISTS source (
    source TEXT PRIMARY KEY, kit TEXT NOT NULL, road TEXT NOT NULL, enrolled_seq INTEGER NOT NULL,
    highest INTEGER NOT NULL DEFAULT 0, heard_us INTEGER, ended INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- How often a source says that it works (no row for one that does not), and since when it should.
CREATE TABLE IF NOT EXISTS polling (
    source TEXT PRIMARY KEY, every_s INTEGER NOT NULL, since_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS source_kit ON source (kit);
CREATE UNIQUE INDEX IF NOT EXISTS trouble_open ON trouble (kit, what) WHERE ended_us IS NULL;
"""


def replacing(table: str, key: str, columns: str) -> str:
    """An INSERT of all of these columns, the key's first, which takes the place of the row that has this key."""
    given = f"{key}, {columns}".split(", ")
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
    marks = ", ".join("?" * len(given))
    return f"INSERT INTO {table} ({', '.join(given)}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {changes}"


def folded_statements() -> list[str]:
    """FOLDED_SQL one by one, for a transaction that is open."""
    return [statement for statement in FOLDED_SQL.split(";") if statement.strip()]


def check_format(found: int) -> None:
    """For the number that a journal bears. Raises LaterJournal where a later release has written what this one
    would misread."""
    if found > FORMAT:
        text = _(
            "A later Egide has written the journal (format {found}, this release reads up to {known}): install that"
            " release again, or restore the back-up that was made before it."
        )
        raise LaterJournal(text.format(found=found, known=FORMAT))
