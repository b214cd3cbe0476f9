"""A named person at the server's console: who they are, what they may open, and that it is on record before it shows.

The command line is a road like any other (safety rule 41). Django's packages load only after its settings, hence here.
"""

import sys
from typing import TYPE_CHECKING

import click

from egide.common.clock import SystemClock
from egide.common.text import _
from egide.journal.chain import Stored
from egide.journal.errors import JournalError

if TYPE_CHECKING:
    from egide.access.models import User

as_option = click.option(
    "--as",
    "person",
    default="",
    metavar="NAME",
    help=_("your account; password and code are asked for, or read from stdin, a line each"),
)
reason_option = click.option(
    "--reason",
    default="",
    help=_("why you open it: it goes to the managing zone and the data-protection officer"),
)


def prove(name: str) -> "User":
    """The account of somebody who proved to be them: password, and a code where there is a second factor.

    Ends with one and the same sentence whatever was wrong.
    """
    if not name:
        raise click.UsageError(_("Say who you are: --as NAME."))
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from egide.access import service as access

    clock = SystemClock()
    from django.http import HttpRequest

    user = access.check_password(HttpRequest(), name, _ask(_("Password")))
    if user is not None and access.needs_code(user):
        # A passkey cannot be held to a server's console.
        code = _ask(_("Code of the authenticator app, or a recovery code"))
        user = user if access.check_code(user, code, clock) else None
    if user is None:
        raise click.ClickException(
            _("Name, password or code is wrong, or too many attempts failed: wait five minutes.")
        )
    return user


def checked_reason(reason: str) -> str:
    """The reason, on one line. Ends with a clear word when it is too short to be one."""
    text = " ".join(reason.split())
    from egide.access.rules import REASON_LENGTH

    if len(text) < REASON_LENGTH:
        raise click.UsageError(_("Say why in a sentence: --reason TEXT."))
    return text


class ProvenReader:
    """Somebody who proved who they are and said why; opens what their pages would show, and nothing else."""

    def __init__(self, name: str, reason: str) -> None:
        self.why = checked_reason(reason)
        user = prove(name)
        from egide.access.scope import scope_of
        from egide.boards import console

        self._console = console
        self.scope = scope_of(user)
        self._recorded: dict[tuple[str, str], bool] = {}
        self.look_again()

    def look_again(self) -> None:
        """Whom files bar now: a reader who follows for hours may be barred meanwhile."""
        from egide.access.registries.barring import files_that_bar

        self._hidden = files_that_bar(self.scope)

    def may_know_of(self, row: Stored) -> bool:
        """Whether the event exists for this reader at all (safety rule 27)."""
        return row.key not in self._hidden

    def opens(self, row: Stored) -> bool:
        """Whether this reader may read the event; that they do is in the journal before this says yes.

        Ends when the journal takes no record: then nothing is opened.
        """
        # One right, one record: for a whole alarm, or for the events of a file beside alarms.
        about = row.key, row.stream
        if about not in self._recorded:
            try:
                self._recorded[about] = self._console.do_open(self.scope, row.stream, row.key, self.why)
            except JournalError as error:
                raise click.ClickException(
                    _("The journal takes nothing now, so nothing is opened: {why}").format(why=error)
                ) from error
        return self._recorded[about]


def _ask(what: str) -> str:
    """The answer at the terminal, unseen; else the next line of stdin."""
    if sys.stdin.isatty():
        answer: str = click.prompt(what, hide_input=True)
        return answer
    return sys.stdin.readline().rstrip("\n")
