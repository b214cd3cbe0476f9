"""The database of EGIDE_RECORDS: how it is reached, and what is asked there without Django."""

from typing import Any, TypeAlias

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _

SCHEMA, ROLE = "egide_records", "egide_records"
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# What a server that vanished, or a cable that is out, may cost (seconds, milliseconds); the address may say otherwise.
_PATIENCE = {
    "connect_timeout": "2",
    "tcp_user_timeout": "2000",
    "keepalives_idle": "1",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "target_session_attrs": "read-write",
    "application_name": "egide records",
}
# For the server: durable commits, whatever the database's own setting; who hangs or is gone lets the others go on. No
# limit for statements: one that ends a commit that waits for the standby would call it done.
_SESSION = {
    "search_path": SCHEMA,
    "synchronous_commit": "on",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "4000",
}


def parameters(config: Config) -> dict[str, str]:
    """What libpq needs to connect; `dbname` is among it. Raises NotSetUp."""
    try:
        given = {
            name: str(value) for name, value in conninfo_to_dict(config.records).items() if value is not None
        }
    except psycopg.ProgrammingError as error:
        text = _("The address of the records' database cannot be read: {why}")
        raise NotSetUp(text.format(why=error)) from error
    if not given.get("dbname"):
        raise NotSetUp(_("EGIDE_RECORDS names no database: postgresql://user@host/database."))
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    given["options"] = f"{session} {given.get('options', '')}".strip()
    if config.records_password:
        given["password"] = config.records_password
    return {**_PATIENCE, **given}


def connect(config: Config) -> Connection:
    """A connection in autocommit mode. Raises NotSetUp, psycopg.Error."""
    return psycopg.connect(**parameters(config), autocommit=True)  # type: ignore[arg-type]


def check_reached(config: Config) -> None:
    """Raises NotSetUp where the tables are missing, not for this role, or not whole yet; OSError where nobody
    answers."""
    asked(config, f"SELECT 1 FROM {SCHEMA}.django_migrations LIMIT 1")
    if asked(config, f"SELECT 1 FROM {SCHEMA}.arriving"):
        text = _("Records are on their way into this database: give `egide records move` again, it goes on.")
        raise NotSetUp(text)


def asked(config: Config, sql: str) -> list[tuple[Any, ...]]:
    """What a question gives. Raises NotSetUp, OSError."""
    try:
        with connect(config) as connection:
            return connection.execute(sql.encode()).fetchall()
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        text = _(
            "The records' database holds no tables: `egide records prepare` makes them, as the role that owns them."
        )
        raise NotSetUp(text) from error
    except errors.InsufficientPrivilege as error:
        text = _("The records' database lets this role do nothing: grant egide_records to it.")
        raise NotSetUp(text) from error
    except psycopg.Error as error:
        raise OSError(told(error)) from error


def told(error: Exception) -> str:
    """In one line."""
    return " ".join(str(error).split()) or type(error).__name__
