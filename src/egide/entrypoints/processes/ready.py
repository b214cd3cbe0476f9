"""Makes what the data directory must hold before the first process of an installation starts: keys, journal, tables.

It runs once at each start of the machine, under the account that owns the data. The processes of other accounts find
what they share already there, and are handed the keys that they need. Starting it again changes nothing. A machine that
was ready before, and starts while the journal's database is away, is ready to keep presses.
"""

import logging
from importlib.util import find_spec

import click

from egide.common.addresses import check_public
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.files import secret_pair
from egide.entrypoints.serving.lines import prepare
from egide.entrypoints.serving.options import config_option
from egide.entrypoints.serving.supervised import say_ready
from egide.intake.receipt_keys import LINKS_FILE
from egide.journal.errors import JournalUnavailable
from egide.journal.now.known import file_of
from egide.journal.now.signs import Signs
from egide.journal.proof.checkpoints import FILE_NAME, KEY_FILE
from egide.journal.proof.erased import FILE_NAME as ERASED
from egide.journal.proof.returned import check_stay_erased, note_public_key
from egide.journal.service import Journal, KeyStore

log = logging.getLogger("egide.ready")

# Keys that units hand to processes of other accounts (LoadCredential=), and their lengths in bytes; master.key is made
# with the journal, unless it is split.
HANDED = {"live.key": 32, "receipt.key": 32, "sms.key": 32, "canary.key": 32, KEY_FILE: 32}


def make_ready(config: Config) -> None:
    """Raises NotSetUp, JournalUnavailable."""
    check_public(config)
    check_one_leads(config)
    keys = KeyStore.open(config)
    Journal.open(config, SystemClock(), keys).head()
    _make_keys(config)
    if config.journal:
        note_public_key(config)
    check_stay_erased(config, keys)
    Signs(config, SystemClock()).beats()
    # watch adds to two of them under its own account, intake reads one; who verifies, and back-ups, read all.
    for name in (FILE_NAME, ERASED, LINKS_FILE):
        (config.data_dir / name).touch(mode=0o660)


def check_one_leads(config: Config) -> None:
    """Raises NotSetUp while more than one machine of an address takes writes."""
    if config.journal or config.records:
        # Its driver is loaded where the settings name a database.
        from egide.common.postgres import leading

        leading.check_one_leads(config)


def _make_keys(config: Config) -> None:
    for name, size in HANDED.items():
        secret_pair(config.data_dir / name, size)


def may_begin_alone(config: Config) -> bool:
    """Whether all was ready here before, so that intake keeps presses while the journal's database is away. What the
    copy holds, this account may not be able to read after a cut of the power."""
    return bool(config.journal) and file_of(config).exists()


@click.command()
@config_option()
def main() -> None:
    """Make keys, journal and tables, unless they are there."""
    prepare()
    config = Config.from_env()
    try:
        make_ready(config)
    except JournalUnavailable as error:
        if not may_begin_alone(config):
            raise
        # Who needs the database looks for it by itself, again and again.
        log.error("the journal's database cannot be reached: %s", error)
        _make_keys(config)
        say_ready("ready")
        return
    if find_spec("django") is None:
        # A machine for intake alone has neither pages nor their tables.
        say_ready("ready")
        return
    # Django reads its settings, and so web.key, when it is loaded.
    from egide.entrypoints.upgrading.tables import setup

    setup()
    say_ready("ready")


if __name__ == "__main__":
    main()
