"""Tables of the journal in PostgreSQL, made and granted by the role that owns them; no process needs that role.

Roles that nobody signs in as carry the rights: `egide_append` for what receives and works, `egide_read` for what only
passes on that something happened, `egide_watch` for saying what is wrong, `egide_erase` for destroying keys. None can
change or delete an event, nor say how far the journal is.
"""

import psycopg

from egide.journal.engines.dialect import defined
from egide.journal.engines.keys import rights as key_rights
from egide.journal.engines.small import rights
from egide.journal.schema import FOLDED_TABLES, FORMAT, folded_statements

SCHEMA = "egide_journal"
# Raised with every addition to these tables: a process that knows more of them waits for `egide journal prepare`.
# What an earlier release would misread raises `journal.schema.FORMAT`, as in a file.
TABLES = 5
APPENDERS, READERS, WATCHERS = "egide_append", "egide_read", "egide_watch"
ERASERS = "egide_erase"
CHANNEL = "egide_journal"
# All but the sealed body.
_CLEAR = "seq, stream, version, kind, at_us, centre, zone, key, cause, prev, hash"

_EVENT_SQL = """
CREATE TABLE IF NOT EXISTS event (
    seq     INTEGER PRIMARY KEY,
    stream  TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    at_us   INTEGER NOT NULL,
    centre  TEXT NOT NULL,
    zone    TEXT NOT NULL,
    key     TEXT NOT NULL,
    cause   INTEGER,
    body    BLOB NOT NULL,
    prev    BLOB NOT NULL,
    hash    BLOB NOT NULL,
    UNIQUE (stream, version)
);
-- What is sealed cannot be made smaller.
ALTER TABLE event ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX IF NOT EXISTS event_cause ON event (stream, cause, kind) WHERE cause IS NOT NULL;
CREATE TABLE IF NOT EXISTS cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS made (
    single boolean PRIMARY KEY CHECK (single), format INTEGER NOT NULL, tables INTEGER NOT NULL
);
-- The highest seq that was given out. Whoever appends holds this row until its commit is durable: so events become
-- seen in the order of their seq, without a gap, and no reader can pass by one that comes late.
CREATE TABLE IF NOT EXISTS last_seq (single boolean PRIMARY KEY CHECK (single), seq INTEGER NOT NULL);
INSERT INTO last_seq SELECT true, coalesce(max(seq), 0) FROM event ON CONFLICT DO NOTHING;
"""
_GUARDS = (
    """
CREATE OR REPLACE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: no %', lower(TG_OP) USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    # With the rights of the owner: who appends can change the end of the journal by appending alone.
    f"""
CREATE OR REPLACE FUNCTION event_follows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = {SCHEMA}, pg_temp AS $$
BEGIN
    UPDATE last_seq SET seq = NEW.seq WHERE seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the journal is append-only: event % does not follow the last one', NEW.seq
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_stays()
""",
    """
CREATE OR REPLACE TRIGGER event_in_order AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_follows()
""",
    # Also for a session that says that it only repeats what happened elsewhere.
    "ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change",
    "ALTER TABLE event ENABLE ALWAYS TRIGGER event_in_order",
)
# Who owns the tables need not be allowed to make roles, where they are there already.
_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def make(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Make what is missing, and grant it, in one step; safe to repeat. Raises psycopg.Error."""
    folded = ", ".join(FOLDED_TABLES)
    with connection.transaction():
        # Two at once wait for each other.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('egide_journal'))")
        for statement in (
            f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
            f"SET LOCAL search_path = {SCHEMA}",
            *_EVENT_SQL.split(";\n"),
            *folded_statements(),
        ):
            if statement.strip():
                connection.execute(defined(statement))
        for statement in (
            *_GUARDS,
            *(_ROLE.format(role=role) for role in (APPENDERS, READERS, WATCHERS, ERASERS)),
            f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APPENDERS}, {READERS}",
            f"GRANT SELECT, INSERT ON event TO {APPENDERS}",
            # To hold the row is to be allowed to change something in it: the column that says nothing.
            f"GRANT SELECT, UPDATE (single) ON last_seq TO {APPENDERS}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {folded} TO {APPENDERS}",
            f"GRANT SELECT, INSERT, UPDATE ON cursor TO {APPENDERS}",
            f"GRANT SELECT ({_CLEAR}) ON event TO {READERS}",
            f"GRANT SELECT ON last_seq, cursor, {folded} TO {READERS}",
            f"GRANT SELECT ON made TO {APPENDERS}, {READERS}",
            *rights.statements(APPENDERS, READERS, WATCHERS),
            *key_rights.statements(APPENDERS, ERASERS),
            f"SET LOCAL search_path = {SCHEMA}",
        ):
            connection.execute(statement)
        connection.execute(
            f"INSERT INTO made VALUES (true, {FORMAT}, {TABLES}) ON CONFLICT (single) DO UPDATE SET"
            " format = greatest(made.format, excluded.format), tables = greatest(made.tables, excluded.tables)"
        )
