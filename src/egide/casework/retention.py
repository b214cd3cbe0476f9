"""For how many days a closed file is kept before its key is discarded: a setting of the authority."""

import tomllib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

DEFAULT_FILE = Path(__file__).parent / "data" / "retention.toml"
OWN_NAME = "retention.toml"


class RetentionError(ValueError):
    """The authority's own file cannot be used; the text says why."""


def retention_days() -> dict[str, int]:
    """Days by closed stage; stages that are not named here are never erased by age.

    `retention.toml` in the data directory goes before the packaged one. Raises RetentionError.
    """
    own = settings.EGIDE.data_dir / OWN_NAME
    path = own if own.exists() else DEFAULT_FILE
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _changed_ns: int) -> dict[str, int]:
    try:
        days = tomllib.loads(path.read_text("utf-8"))["days"]
    except (KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RetentionError(f"{path.name}: {error}. It needs a table [days]") from error
    for stage, count in days.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise RetentionError(f"{path.name}: {stage} = {count!r} is not a number of days above 0")
    return dict(days)
