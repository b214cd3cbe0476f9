"""`egide accounts`: the first two people of an installation; everybody else is asked for on the pages."""

import click
from django.conf import settings

from egide.common.text import _
from egide.entrypoints.cli.refusing import Refused
from egide.entrypoints.processes.web import setup
from egide.entrypoints.serving.server import prepare


@click.group(help=_("Accounts: the first two people; everybody else is asked for on the pages."))
def accounts() -> None:
    """Accounts: the first two people; everybody else is asked for on the pages."""


@accounts.command(
    "first",
    help=_(
        "Invite the first administrator, or with --role the first data-protection officer, as NAME; prints a link that"
        " works once. Refused while there is one."
    ),
)
@click.argument("name")
@click.option("--title", default="", help=_("What colleagues see; the name when left out."))
@click.option(
    "--role",
    type=click.Choice(["administrator", "data-protection"]),
    default="administrator",
    help=_(
        "Whom: everybody else needs a yes of the data-protection officer or of whoever answers for the place."
    ),
)
def first(name: str, title: str, role: str) -> None:
    """Invite the first holder of a role; prints a link that works once. Refused while there is one."""
    prepare()
    setup()
    # These belong to Django's registry, which exists only after `setup`.
    from egide.access.accounts import accounts as do

    if do.has_somebody(role):
        raise Refused(_("There is somebody with this role already. Sign in and ask from there."))
    try:
        token = do.do_begin(name, title or name, role)
    except do.CannotDo as refused:
        text = _("{name} cannot be used: small letters, digits and dashes, three or more, and not taken yet.")
        raise Refused(text.format(name=repr(name))) from refused
    origin = next(iter(settings.EGIDE.web_origins), "")
    click.echo(f"{origin}/invitation/{token}")
