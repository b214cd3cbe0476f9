"""The command `egide`."""

import click

from egide.common.text import _
from egide.entrypoints.cli_accounts import accounts
from egide.entrypoints.cli_erase import erase, hold, release
from egide.entrypoints.cli_evaluate import evaluate
from egide.entrypoints.cli_journal import journal
from egide.entrypoints.cli_keys import keys
from egide.entrypoints.cli_status import status
from egide.entrypoints.cli_verify import checkpoint_key, verify_command
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


for command in (verify_command, checkpoint_key, erase, hold, release):
    journal.add_command(command)
for command in (demo, press, status, accounts, journal, keys, zones, evaluate):
    main.add_command(command)

if __name__ == "__main__":
    main()
