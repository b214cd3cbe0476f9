"""A process of `egide restore`: erases cases again that were erased after the back-up was made (one a line on its
input).

Of its own, so that every database is closed when it ends.
"""

import sys

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.serving.lines import prepare
from egide.journal.ending.erasing import do_erase_again
from egide.journal.service import Journal, KeyStore


def main() -> None:
    """Erase each case, with its rows in app.db; what the figures keep of it stays, as at any erasing."""
    prepare()
    config = Config.from_env()
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from django.db import connections

    from egide.casework.life.erasing import do_drop_rows
    from egide.evaluation.service import rows_of

    journal = Journal.open(config, SystemClock(), KeyStore.open(config))
    for case in sys.stdin.read().split():
        do_erase_again(journal, case, rows_of(case) if journal.keys.has(case) else None)
        do_drop_rows(case)
    connections.close_all()
    journal.close()


if __name__ == "__main__":
    main()
