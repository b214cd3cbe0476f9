"""The command `egide`."""

import click

from egide.entrypoints.cli_journal import journal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="egide")
def main() -> None:
    """Egide: a silent alarm, from the button to people on the spot."""


main.add_command(journal)

if __name__ == "__main__":
    main()
