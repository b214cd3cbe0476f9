"""What each connection to a PostgreSQL asks for, whatever tables it is for.

Loaded, and its driver with it, where a setting names a database and nowhere else.
"""

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

from egide.common.settings import NotSetUp
from egide.common.text import _

# What a server that vanished, or a cable that is out, may cost (seconds, milliseconds); the address may say otherwise.
_PATIENCE = {
    "connect_timeout": "2",
    "tcp_user_timeout": "2000",
    "keepalives_idle": "1",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "target_session_attrs": "read-write",
}
# For the server: who hangs or is gone lets the others go on. No limit for statements: one that ends a commit that waits
# for the standby would call it done.
_SESSION = {
    "lock_timeout": "10s",
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "4000",
}
# Everything as it stands at this moment; the reader may take its time between two pieces.
READ_ONE_MOMENT = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SELECT 1",
)


def parameters(
    setting: str, address: str, password: str, *, application: str, session: Mapping[str, str]
) -> dict[str, str]:
    """What libpq needs to connect to the address in `setting`: a URL, which may name several hosts.

    `session` are further settings of the session; `application` is how the server names who is connected. Raises
    NotSetUp.
    """
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(address).items() if value is not None}
    except psycopg.ProgrammingError as error:
        text = _("The address in {setting} cannot be read: {why}")
        raise NotSetUp(text.format(setting=setting, why=error)) from error
    asked = " ".join(f"-c {name}={value}" for name, value in {**_SESSION, **session}.items())
    given["options"] = f"{asked} {given.get('options', '')}".strip()
    if password:
        given["password"] = password
    return {**_PATIENCE, "application_name": application, **given}
