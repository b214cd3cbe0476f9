"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli_journal import journal
from egide.entrypoints.cli_zones import zones
from egide.entrypoints.demo import demo, press
from egide.entrypoints.lines import keep_files_private


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Egide: a silent alarm, from the button to people on the spot."),
)
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""
    keep_files_private()


for command in (demo, press, journal, zones):
    main.add_command(command)

if __name__ == "__main__":
    main()
