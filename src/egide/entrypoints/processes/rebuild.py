"""Brings the register of alarms up to the journal and builds the records for science anew, once, in a process of its
own: what it takes is given back with its end."""

import os

import click

from egide.entrypoints.serving.lines import prepare
from egide.entrypoints.serving.options import config_option

# Whatever belongs to an alarm goes first.
_NICENESS = 19


@click.command()
@config_option()
@click.option("--at-once", is_flag=True, help="somebody waits for it: do not give way to everything else")
def main(at_once: bool) -> None:
    """Build the records from the whole journal, and make them the current ones."""
    prepare()
    if not at_once:
        os.nice(_NICENESS)
    # Django's packages load only after its settings.
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from egide.boards.register.keeping import catch_up
    from egide.evaluation.service import rebuild

    catch_up(chunks=None)
    rebuild()


if __name__ == "__main__":
    main()
