"""How a command refuses: one sentence, and the exit status of bad input."""

import click


class CommandRefused(click.ClickException):
    """A clear answer to bad input; the command ends with 2."""

    exit_code = 2
