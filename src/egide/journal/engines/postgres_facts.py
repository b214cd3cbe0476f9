"""What the journal's database says of itself and of who asks, for `egide doctor`."""

from contextlib import closing

import msgspec

from egide.common.config import Config
from egide.common.postgres.server import ARCHIVER, SERVER, Archiver, Server
from egide.journal.engines.chosen import postgres
from egide.journal.engines.postgres_schema import SCHEMA

_SQL = f"""
SELECT {SERVER},
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = '{SCHEMA}.event'::regclass), 'USAGE')
  OR has_table_privilege('{SCHEMA}.event', 'UPDATE, DELETE, TRUNCATE'),
  (SELECT count(*) = 2 FROM pg_trigger WHERE tgrelid = '{SCHEMA}.event'::regclass AND tgenabled = 'A'
    AND tgname IN ('event_no_change', 'event_in_order'))
"""
_ARCHIVER = f"SELECT {ARCHIVER} FROM pg_stat_archiver"


class Facts(msgspec.Struct, frozen=True):
    """`may_change`: this user could change an event. `is_guarded`: so that nobody else can, by the tables."""

    server: Server
    may_change: bool
    is_guarded: bool


def facts(config: Config) -> Facts:
    """As the user of EGIDE_JOURNAL finds it. Raises JournalUnavailable, NotSetUp."""
    engine = postgres(config)
    engine.prepare()
    connection = engine.connection
    try:
        *server, may_change, is_guarded = connection.execute(_SQL).fetchone()  # type: ignore[misc]
        return Facts(Server(*server), may_change, is_guarded)
    finally:
        connection.close()


def archiver(config: Config) -> Archiver:
    """How the journal's server archives what it writes. Raises JournalUnavailable, NotSetUp."""
    with closing(postgres(config).connect()) as connection:
        return Archiver(*connection.execute(_ARCHIVER).fetchone())  # type: ignore[misc]
