"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli.groups import LazyGroup
from egide.entrypoints.serving.lines import keep_files_private


@click.group(
    cls=LazyGroup,
    lazy={
        "accounts": "accounts:accounts",
        "demo": "demo:demo",
        "evaluate": "evaluate:evaluate",
        "journal": "journal:journal",
        "keys": "keys:keys",
        "press": "press:press",
        "status": "status:status",
        "zones": "zones:zones",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Egide: a silent alarm, from the button to people on the spot."),
)
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""
    keep_files_private()
