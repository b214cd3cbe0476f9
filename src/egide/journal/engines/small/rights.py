"""Tables of the small databases in PostgreSQL, and who may what in them.

Everybody gives signs of life, watch alone says what is wrong, and only what receives and works hears of phones and of
codes.
"""

from collections.abc import Iterator

from egide.journal.engines.dialect import defined
from egide.journal.engines.small.tables import SMALL_SQL

SCHEMA = "egide_now"
SIGNS, FOUND = ("process", "counter", "last"), ("trouble", "alert")
PHONES = ("heard", "probe", "listening", "opening")


def statements(appenders: str, readers: str, watchers: str) -> Iterator[str]:
    """What makes the tables and grants them, for the role that owns them; safe to repeat."""
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
    yield f"SET LOCAL search_path = {SCHEMA}"
    for sql in SMALL_SQL:
        yield from (defined(one) for one in sql.split(";\n") if one.strip())
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {appenders}, {readers}, {watchers}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(SIGNS)} TO {appenders}, {readers}"
    yield f"GRANT SELECT ON trouble TO {appenders}, {readers}"
    yield f"GRANT SELECT, INSERT, DELETE ON {', '.join(FOUND)} TO {watchers}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON board, {', '.join(PHONES)} TO {appenders}"
    yield f"GRANT SELECT ON board TO {readers}"
