"""What the database says of itself and of who asks, for `egide doctor`."""

import msgspec

from egide.common.config import Config
from egide.journal.engines.chosen import postgres
from egide.journal.engines.postgres_schema import SCHEMA

_SQL = f"""
SELECT current_setting('server_version'),
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = '{SCHEMA}.event'::regclass), 'USAGE')
  OR has_table_privilege('{SCHEMA}.event', 'UPDATE, DELETE, TRUNCATE'),
  (SELECT count(*) = 2 FROM pg_trigger WHERE tgrelid = '{SCHEMA}.event'::regclass AND tgenabled = 'A'
    AND tgname IN ('event_no_change', 'event_in_order')),
  current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean,
  current_setting('synchronous_standby_names') <> '',
  inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1',
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
"""


class Facts(msgspec.Struct, frozen=True):
    """`may_change`: this user could change an event. `is_guarded`: so that nobody else can, by the tables themselves.

    `is_forced`: a cut of the power loses no commit. `has_standby`: nor does a machine that is lost.
    """

    version: str
    may_change: bool
    is_guarded: bool
    is_forced: bool
    has_standby: bool
    is_local: bool
    is_encrypted: bool


def facts(config: Config) -> Facts:
    """As the user of EGIDE_JOURNAL finds it. Raises JournalUnavailable, NotSetUp."""
    connection = postgres(config).connect()
    try:
        return Facts(*connection.execute(_SQL).fetchone())  # type: ignore[misc]
    finally:
        connection.close()
