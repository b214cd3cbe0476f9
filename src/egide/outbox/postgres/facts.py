"""What the records' database says of itself and of who asks, for `egide doctor`."""

import msgspec

from egide.common.config import Config
from egide.common.postgres.server import SERVER, Server
from egide.outbox.postgres.address import SCHEMA, asked

_SQL = f"""
SELECT {SERVER},
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
  OR has_schema_privilege('{SCHEMA}', 'CREATE')
  OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = '{SCHEMA}.outbox_outboxrow'::regclass), 'USAGE')
"""


class Facts(msgspec.Struct, frozen=True):
    """`may_define`: this user could change or drop a table."""

    server: Server
    may_define: bool


def facts(config: Config) -> Facts:
    """As the user of EGIDE_RECORDS finds it. Raises NotSetUp, OSError."""
    *server, may_define = asked(config, _SQL)[0]
    return Facts(Server(*server), may_define)
