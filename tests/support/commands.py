"""The command `egide`: started for real, which proves once for each that it starts; else run in this process.

A start takes more than a second of a processor, for packages that the tests have loaded already.
"""

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from click.testing import CliRunner
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.test import override_settings
from django.utils import translation

# Loads Django's settings, which the following need.
from tests.support.pages import PASSWORD, let_go, reach_records

# isort: split
from egide.access.models import User
from egide.boards.desk import lanes
from egide.boards.desk import service as desk
from egide.common.config import Config
from egide.entrypoints.cli import main

Answer = subprocess.CompletedProcess[str]
HASHER = "tests.support.commands.QuickHasher"
COMMAND = (sys.executable, "-m", "egide.entrypoints.cli")
WITHIN_S = 280


class QuickHasher(ScryptPasswordHasher):
    """Reads what the true one writes, and writes what it reads, a sixteenth as slowly."""

    work_factor = 2**10


def let_prove(*users: User) -> None:
    """From now on the commands can check the password of these accounts, `pages.PASSWORD`."""
    encoded = QuickHasher().encode(PASSWORD, "salt")
    User.objects.filter(name__in=[user.name for user in users]).update(password=encoded)


def start(config: Config, *arguments: str, stdin: str = "", within_s: float = WITHIN_S) -> Answer:
    """The command in a process of its own."""
    environment = os.environ | _environment(config)
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, input=stdin, capture_output=True, text=True, timeout=within_s
    )


def run(config: Config, *arguments: str, stdin: str = "") -> Answer:
    """The command in this process; what it would show as a trace is raised."""
    with _as_in_a_process_of_its_own(config):
        result = CliRunner(catch_exceptions=False).invoke(main, arguments, input=stdin)
    if result.exc_info:
        # They hold what the command left open: databases, locks.
        traceback.clear_frames(result.exc_info[2])
    return Answer(list(arguments), result.exit_code, result.stdout, result.stderr)


def _environment(config: Config) -> dict[str, str]:
    return {**config.environment(), "EGIDE_LANG": "en"}


@contextmanager
def _as_in_a_process_of_its_own(config: Config) -> Iterator[None]:
    """Nothing remembered, this installation; afterwards all is as it was before."""
    outbox, before = apps.get_app_config("outbox"), settings.EGIDE
    opened, mask = dict(outbox.__dict__), os.umask(0o022)
    reach_records(config)
    for one in ("clock", "keys", "journal", "heartbeats"):
        outbox.__dict__.pop(one, None)
    try:
        with (
            patch.dict(os.environ, _environment(config)),
            patch.object(sys, "excepthook", sys.excepthook),
            # Logs stay where the tests see them.
            override_settings(EGIDE=config, PASSWORD_HASHERS=[HASHER], LOGGING_CONFIG=None),
            translation.override("en"),
            patch.multiple(desk, _technical=lanes.technical_lane(), _tests=lanes.test_lane()),
        ):
            yield
    finally:
        let_go()
        reach_records(before)
        outbox.__dict__.clear()
        outbox.__dict__.update(opened)
        os.umask(mask)
