"""What a PostgreSQL says of itself, to whoever is connected; no driver is needed to ask."""

import msgspec

# The columns of `Server`.
SERVER = """
current_setting('server_version'),
current_setting('fsync')::boolean AND current_setting('full_page_writes')::boolean,
current_setting('synchronous_standby_names') <> '',
inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1',
(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
"""

# The columns of `Archiver`: microseconds since 1970, 0 for never.
ARCHIVER = """
current_setting('archive_mode') <> 'off',
coalesce((extract(epoch FROM last_archived_time) * 1000000)::bigint, 0),
coalesce((extract(epoch FROM last_failed_time) * 1000000)::bigint, 0)
"""


class Server(msgspec.Struct, frozen=True):
    """`is_forced`: a cut of the power loses no commit. `has_standby`: nor does a machine that is lost. `is_local`: no
    network lies between."""

    version: str
    is_forced: bool
    has_standby: bool
    is_local: bool
    is_encrypted: bool


class Archiver(msgspec.Struct, frozen=True):
    """Whether what the server writes is archived, when that went well last, and when it failed (microseconds)."""

    is_on: bool
    archived_us: int
    failed_us: int
