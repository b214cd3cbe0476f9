"""How a command refuses: one sentence, and the exit status of bad input."""

import click

from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.common.text import _


class CommandRefused(click.ClickException):
    """A clear answer to bad input; the command ends with 2."""

    exit_code = 2


def check_journal(config: Config) -> None:
    """For what looks at an installation that is there. Raises NotSetUp where no journal is.

    Whether there is one in a database is for that to say.
    """
    if not config.is_made and not (config.journal and config.data_dir.exists()):
        text = _(
            "There is no journal in {place}. Name the file of settings with --config, or the data directory in"
            " EGIDE_DATA."
        )
        raise NotSetUp(text.format(place=config.data_dir))
