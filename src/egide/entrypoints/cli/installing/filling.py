"""The process that fills a new data directory, as the account that the data belong to.

What it is to do comes by standard input, the administrator's secret goes by standard output: everybody on the machine
can read the arguments of a process. All of it can be done again, so that a run that was ended is gone on with.
"""

import logging
import sys

import msgspec

from egide.common.clock import SystemClock, utc
from egide.common.config import Config
from egide.entrypoints.processes.ready import make_ready
from egide.entrypoints.serving.lines import prepare
from egide.entrypoints.upgrading.tables import setup
from egide.journal.proof.checkpoints import CheckpointKeeper, signing_key
from egide.journal.service import Journal, KeyStore

MODULE = "egide.entrypoints.cli.installing.filling"


class Wanted(msgspec.Struct, frozen=True):
    """The first administrator."""

    name: str
    title: str
    language: str


class Filled(msgspec.Struct, frozen=True):
    """The secret of the administrator's link, its end, and the public key of checkpoints (hex); or why not."""

    token: str = ""
    until: str = ""
    checkpoint_key: str = ""
    refused: str = ""


def fill(config: Config, wanted: Wanted) -> Filled:
    """Zones, the administrator, the first checkpoint; what is there already stays."""
    clock = SystemClock()
    journal = Journal.open(config, clock, KeyStore.open(config))
    # These belong to Django's registry, which exists only after `setup`.
    from egide.access.accounts import accounts
    from egide.access.accounts.invitations import INVITED_S
    from egide.access.rules import ADMINISTRATOR
    from egide.outbox.copy import copy_waiting
    from egide.rollout.service import do_load_reference

    do_load_reference()
    try:
        token = accounts.do_begin_anew(wanted.name, wanted.title, ADMINISTRATOR, wanted.language)
    except accounts.CannotDo as refused:
        return Filled(refused=refused.why)
    copy_waiting(config, journal)
    # That there is no second place yet is told at the end.
    logging.getLogger("egide.checkpoints").setLevel(logging.CRITICAL)
    CheckpointKeeper(config, journal, clock).step(is_last=True)
    until = utc(clock.now_us() + INVITED_S * 1_000_000).isoformat(sep=" ", timespec="minutes")
    return Filled(token, until, bytes(signing_key(config).verify_key).hex())


def main() -> None:
    """Fill the directory that the environment names."""
    prepare()
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    config = Config.from_env()
    make_ready(config)
    setup()
    sys.stdout.buffer.write(msgspec.json.encode(fill(config, wanted)))


if __name__ == "__main__":
    main()
