"""Faults of a database, in whichever the journal stands."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.support.installation import Installation


@contextmanager
def fault_at(installation: Installation, table: str, column: str, value: str | int) -> Iterator[None]:
    """As only a fault of the database can make it: it refuses rows with this value."""
    at = f"CREATE TRIGGER fault BEFORE INSERT ON {table}"
    when = f"NEW.{column} = {value!r}"
    if address := installation.config.journal:
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute("SET search_path = egide_journal")
            owner.execute(
                "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'a fault'; END $$"
            )
            owner.execute(f"{at} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION fault()")
            try:
                yield
            finally:
                owner.execute("DROP FUNCTION fault CASCADE")
    else:
        refused = f"{at} WHEN {when} BEGIN SELECT RAISE(ABORT, 'a fault'); END"
        installation.journal.connection.execute(refused)
        yield
        installation.journal.connection.execute("DROP TRIGGER fault")
