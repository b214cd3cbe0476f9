"""SQL of the journal, as SQLite takes it, in the words of PostgreSQL. Little differs: see `spoken`."""

import re
from functools import lru_cache

_NAMES = re.compile(r"'[^']*'|::\w+|\?(\d*)|:([a-z_]+)|\bjson_each\b")
# Longer words first: what one of them replaced no other one meets.
_TYPES = (
    (re.compile(r"\bINTEGER\b"), "bigint"),
    (re.compile(r"\bBLOB\b"), "bytea"),
    # Texts are compared byte by byte, whatever the database's own order: streams are found by ranges.
    (re.compile(r"\bTEXT\b"), 'text COLLATE "C"'),
    (re.compile(r"\bWITHOUT ROWID\b"), ""),
)


@lru_cache(maxsize=1024)
def spoken(sql: str) -> tuple[str, tuple[str, ...] | None]:
    """The statement with numbered places, and the names of its values in that order; None for a tuple of values.

    `?`, `?2` and `:name` become `$1`, `$2`; `json_each(…)` of a list of texts is `json_array_elements_text(…)`.
    """
    names: list[str] = []
    unnamed = 0

    def say(found: re.Match[str]) -> str:
        nonlocal unnamed
        number, name = found[1], found[2]
        if name:
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"
        if number is None:
            return "json_array_elements_text" if found[0] == "json_each" else found[0]
        unnamed += 1
        return f"${number or unnamed}"

    text = _NAMES.sub(say, sql)
    return text, tuple(names) if names else None


def defined(sql: str) -> str:
    """A definition of tables with the types of PostgreSQL."""
    for word, other in _TYPES:
        sql = word.sub(other, sql)
    return sql
