"""The schema of the records, made and granted by the role that owns it; no process needs that role. The tables in it
are those of Django's migrations.

One role, which nobody signs in as, carries the rights: `egide_records`. It reads and writes rows, makes and drops no
table, and says nothing of which changes the tables have had.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from egide.outbox.postgres.address import ROLE, SCHEMA, Connection
from egide.outbox.postgres.rows import ARRIVING, OWN, TURN

_MADE = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    # Empty: its lock is whose turn it is to write (`base`).
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{TURN} ()",
    # A row: what stands here was brought over from a file that is not put aside yet (`moving`).
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{ARRIVING} (since timestamptz NOT NULL)",
    # Who owns the schema need not be allowed to make roles, where they are there already.
    f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
""",
)
_GRANTED = (
    f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {ROLE}",
    # Read by who serves, written by who owns.
    *(f"REVOKE INSERT, UPDATE, DELETE ON {SCHEMA}.{table} FROM {ROLE}" for table in sorted(OWN)),
    # The last one: rows that are brought over have their numbers already.
    f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {ROLE}",
)


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Nobody else makes tables meanwhile. Raises psycopg.Error."""
    key = f"hashtext('{SCHEMA}')"
    connection.execute(f"SELECT pg_advisory_lock({key})")
    try:
        yield
    finally:
        connection.execute(f"SELECT pg_advisory_unlock({key})")


def make_schema(connection: Connection) -> None:
    """Raises psycopg.Error."""
    for statement in _MADE:
        connection.execute(statement)


def grant(connection: Connection) -> None:
    """What is there now, to who serves. Raises psycopg.Error."""
    with connection.transaction():
        for statement in _GRANTED:
            connection.execute(statement)
