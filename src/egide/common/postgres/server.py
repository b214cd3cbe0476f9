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


class Server(msgspec.Struct, frozen=True):
    """`is_forced`: a cut of the power loses no commit. `has_standby`: nor does a machine that is lost. `is_local`: no
    network lies between."""

    version: str
    is_forced: bool
    has_standby: bool
    is_local: bool
    is_encrypted: bool
