"""`egide accounts`: the first administrator of an installation; everybody else is invited from the pages."""

from importlib import import_module

import click
from django.conf import settings

from egide.common.text import _
from egide.entrypoints.serving import prepare
from egide.entrypoints.web import setup


class Refused(click.ClickException):
    """A clear answer to bad input; the command ends with 2."""

    exit_code = 2


@click.group(help=_("Accounts: the first administrator; everybody else is invited from the pages."))
def accounts() -> None:
    """Accounts: the first administrator; everybody else is invited from the pages."""


@accounts.command(
    "first",
    help=_(
        "Invite the first administrator as NAME; prints a link that works once. Refused while there is one."
    ),
)
@click.argument("name")
@click.option("--title", default="", help=_("What colleagues see; the name when left out."))
def first(name: str, title: str) -> None:
    """Invite the first administrator; prints a link that works once. Refused while there is one."""
    prepare()
    setup()
    # These belong to Django's registry, which exists only after `setup`.
    do = import_module("egide.access.accounts")
    rules = import_module("egide.access.rules")
    if do.has_administrator():
        raise Refused(_("There is an administrator already. Sign in and invite from there."))
    try:
        _user, token = do.do_invite(
            "installation", name, title or name, "en", [rules.Post(rules.ADMINISTRATOR)]
        )
    except do.CannotDo as refused:
        text = _("{name} cannot be used: small letters, digits and dashes, three or more, and not taken yet.")
        raise Refused(text.format(name=repr(name))) from refused
    origin = next(iter(settings.EGIDE.web_origins), "")
    click.echo(f"{origin}/invitation/{token}")
