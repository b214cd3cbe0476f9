"""`egide accounts`: the first two people of an installation; everybody else is asked for on the pages."""

import click
from django.conf import settings

from egide.common.text import _, language
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.serving.server import prepare
from egide.entrypoints.upgrading.tables import setup


def why_not(why: str, name: str) -> str:
    """A sentence for the word with which an account is refused."""
    if why == "held":
        return _("There is somebody with this role already. Sign in and ask from there.")
    text = _("{name} cannot be used: small letters, digits and dashes, three or more, and not taken yet.")
    return text.format(name=repr(name))


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
@click.option(
    "--again",
    is_flag=True,
    help=_("the link was lost: it becomes void, and another is made while nobody has used it"),
)
def first(name: str, title: str, role: str, again: bool) -> None:
    """Invite the first holder of a role; prints a link that works once. Refused while there is one."""
    prepare()
    setup()
    # These belong to Django's registry, which exists only after `setup`.
    from egide.access.accounts import accounts as do

    if not again and do.has_somebody(role):
        raise CommandRefused(why_not("held", name))
    begin = do.do_begin_anew if again else do.do_begin
    try:
        token = begin(name, title or name, role, language())
    except do.CannotDo as refused:
        raise CommandRefused(why_not(refused.why, name)) from refused
    origin = next(iter(settings.EGIDE.web_origins), "")
    click.echo(f"{origin}/invitation/{token}")
