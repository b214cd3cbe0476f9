"""The database of EGIDE_RECORDS: how it is reached, and what is asked there without Django."""

from typing import Any, TypeAlias

import psycopg
from psycopg import errors

from egide.common.config import Config
from egide.common.postgres import session
from egide.common.settings import NotSetUp
from egide.common.text import _

SCHEMA, ROLE = "egide_records", "egide_records"
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# Durable commits, whatever the database's own setting; who hangs while it writes lets the others go on.
_SESSION = {
    "search_path": SCHEMA,
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "10s",
}


def parameters(config: Config) -> dict[str, str]:
    """What libpq needs to connect; `dbname` is among it. Raises NotSetUp."""
    found = session.parameters(
        "EGIDE_RECORDS",
        config.records,
        config.records_password,
        application="egide records",
        session=_SESSION,
    )
    if not found.get("dbname"):
        raise NotSetUp(_("EGIDE_RECORDS names no database: postgresql://user@host/database."))
    return found


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
