"""What the database of the records says of itself and of who asks, for `egide doctor`."""

import msgspec

from egide.common.config import Config
from egide.outbox.postgres.address import SCHEMA, asked

_SQL = f"""
SELECT current_setting('server_version'),
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  OR has_schema_privilege('{SCHEMA}', 'CREATE')
  OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = '{SCHEMA}.outbox_outboxrow'::regclass), 'USAGE'),
  current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean,
  current_setting('synchronous_standby_names') <> '',
  inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1',
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
"""


class Facts(msgspec.Struct, frozen=True):
    """`may_define`: this user could change or drop a table.

    `is_forced`: a cut of the power loses no commit. `has_standby`: nor does a machine that is lost.
    """

    version: str
    may_define: bool
    is_forced: bool
    has_standby: bool
    is_local: bool
    is_encrypted: bool


def facts(config: Config) -> Facts:
    """As the user of EGIDE_RECORDS finds it. Raises NotSetUp, OSError."""
    return Facts(*asked(config, _SQL)[0])
