"""For how many days a closed file, and sound that nobody heard, is kept: settings of the authority.

`retention.toml` in the data directory goes before the packaged one, table by table.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

DEFAULT_FILE = Path(__file__).parent / "data" / "retention.toml"
OWN_NAME = "retention.toml"
_DAYS, _SOUND = "days", "sound"
# A closed stage that is kept as long as another where it is not named: files of authorities are older than it.
_AS = {"died": "ended"}


class RetentionError(ValueError):
    """The authority's own file cannot be used; the text says why."""


def retention_days(data_dir: Path) -> dict[str, int]:
    """Days by closed stage; stages that are not named here are never erased by age. Raises RetentionError."""
    days = _table(data_dir, _DAYS)
    return {stage: days[like] for stage, like in _AS.items() if like in days} | days


def unheard_sound_days(data_dir: Path) -> int:
    """Days from the end of an alarm after which sound goes that nobody heard. Raises RetentionError."""
    days = _table(data_dir, _SOUND)
    if "unheard_days" not in days:
        raise RetentionError(f"{OWN_NAME}: the table [{_SOUND}] needs unheard_days")
    return days["unheard_days"]


def _table(data_dir: Path, name: str) -> dict[str, int]:
    own = data_dir / OWN_NAME
    found = _read(own, own.stat().st_mtime_ns) if own.exists() else {}
    if own.exists() and _DAYS not in found:
        raise RetentionError(f"{own.name}: it needs a table [{_DAYS}]")
    return found.get(name) or _read(DEFAULT_FILE, DEFAULT_FILE.stat().st_mtime_ns)[name]


@lru_cache(maxsize=2)
def _read(path: Path, _changed_ns: int) -> dict[str, dict[str, int]]:
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RetentionError(f"{path.name}: {error}") from error
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise RetentionError(f"{path.name}: {name} is no table. It needs a table [{_DAYS}]")
        for key, count in table.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise RetentionError(f"{path.name}: {key} = {count!r} is not a number of days above 0")
    return tables
