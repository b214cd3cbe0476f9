"""`egide settings`: what is in force and where it stands, and the file of settings anew after an upgrade."""

import os

import click

from egide.common.config import Config
from egide.common.settings import Setting, settings_of
from egide.common.settings.file import OWN_FILE, path_in_force, read_file, rendered
from egide.common.settings.sources import Found, Origin, Sources
from egide.common.text import _


@click.command(
    help=_(
        "Check the settings, and show what is in force and where it stands; what may be a secret is not shown."
        " Ends with 1 when something is wrong."
    )
)
@click.option(
    "--renew",
    is_flag=True,
    help=_("print the file of settings anew instead: its own values, with all that this version knows"),
)
def settings(renew: bool) -> None:
    """Check the settings, and show what is in force and where it stands."""
    declared = settings_of(Config)
    if renew:
        click.echo(_renewed(declared), nl=False)
        return
    path = path_in_force(os.environ)
    found = Sources.here().found(declared)
    words = {
        Origin.ENVIRONMENT: _("environment"),
        Origin.CREDENTIAL: _("credential"),
        Origin.FILE: str(path),
        Origin.DEFAULT: _("not set"),
    }
    for name, each in declared.items():
        click.echo(f"{each.key} = {_shown(each, found[name])}  # {words[found[name].origin]}")


def _shown(each: Setting, found: Found) -> str:
    is_hidden = each.may_be_in_file_of_its_own and found.origin is not Origin.DEFAULT
    return "…" if is_hidden else each.form.literal(found.value)


def _renewed(declared: dict[str, Setting]) -> str:
    """Raises NotSetUp where the file is wrong: what it means is not guessed."""
    file = read_file(path_in_force(os.environ))
    found = Sources({}, file).found(declared)
    own_files = {
        name: str(file.values[each.key + OWN_FILE])
        for name, each in declared.items()
        if file.values.get(each.key + OWN_FILE)
    }
    values = {name: one.value for name, one in found.items() if one.origin is Origin.FILE}
    return rendered(declared, values, own_files)
