"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli_journal import journal
from egide.entrypoints.cli_zones import zones
from egide.entrypoints.demo import demo, press


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Egide: a silent alarm, from the button to people on the spot."),
)
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""


for command in (demo, press, journal, zones):
    main.add_command(command)

if __name__ == "__main__":
    main()
