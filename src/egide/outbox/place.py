"""Where the registers' records stand: in app.db, or in the PostgreSQL of EGIDE_RECORDS; by the settings alone, and
never in both."""

from contextlib import suppress
from typing import Any

from egide.common.config import Config
from egide.common.database import PRAGMAS
from egide.common.settings import NotSetUp
from egide.common.text import _

# Lies in the data directory once the records were seen in PostgreSQL: a setting that is lost must not begin others.
ELSEWHERE = "records.elsewhere"


def check_place(config: Config) -> None:
    """Raises NotSetUp where the settings name one place and there are records in the other."""
    is_elsewhere = (config.data_dir / ELSEWHERE).exists()
    if not config.records and is_elsewhere:
        text = _("The records stand in PostgreSQL, no longer in {place}: set EGIDE_RECORDS as it was.")
        raise NotSetUp(text.format(place=config.data_dir))
    if config.records and config.app_db.exists():
        text = _(
            "EGIDE_RECORDS is set, and there are records in {file} too: `egide records move` brings them over, or take"
            " the setting back."
        )
        raise NotSetUp(text.format(file=config.app_db))


def note_place(config: Config) -> None:
    """Remember that records were seen in PostgreSQL."""
    # A process that may write nothing here has nothing to lose here either.
    with suppress(PermissionError):
        (config.data_dir / ELSEWHERE).touch(mode=0o640)


def database(config: Config) -> dict[str, Any]:
    """How Django reaches them. Raises NotSetUp."""
    if config.records:
        # Loaded where it is used alone: a machine without it needs no driver.
        from egide.outbox.postgres.address import parameters

        options = parameters(config)
        return {
            "ENGINE": "egide.outbox.postgres",
            "NAME": options.pop("dbname"),
            "CONN_MAX_AGE": None,
            "OPTIONS": options,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(config.app_db),
        "CONN_MAX_AGE": None,
        # IMMEDIATE: a transaction that will write takes the lock at once, instead of failing when it upgrades.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "; ".join((*PRAGMAS, "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")),
        },
    }
