"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli_groups import LazyGroup
from egide.entrypoints.lines import keep_files_private


@click.group(
    cls=LazyGroup,
    lazy={
        "accounts": "cli_accounts:accounts",
        "demo": "demo:demo",
        "evaluate": "cli_evaluate:evaluate",
        "journal": "cli_journal:journal",
        "keys": "cli_keys:keys",
        "press": "cli_press:press",
        "status": "cli_status:status",
        "zones": "cli_zones:zones",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Egide: a silent alarm, from the button to people on the spot."),
)
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""
    keep_files_private()


if __name__ == "__main__":
    main()
