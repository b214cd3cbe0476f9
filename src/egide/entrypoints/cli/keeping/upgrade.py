"""`egide upgrade --check`: what an upgrade would change, and what going back would mean, before anything is done."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.keeping.doctor import say_findings
from egide.entrypoints.cli.refusing import CommandRefused, check_journal
from egide.entrypoints.doctor.finding import WRONG
from egide.entrypoints.upgrading.check import STARTING, examine
from egide.entrypoints.upgrading.release import Package, UpgradeRefused, read_package, this_release
from egide.journal.errors import JournalUnavailable


@click.command(
    help=_(
        "Say what an upgrade to PACKAGE (a .deb of Egide) would change, whether the release of before can go on beside"
        " it, and what going back means; without PACKAGE, to the release of this command. Changes nothing. Ends with 1"
        " when something must be done before, with 2 when PACKAGE cannot be read, with 3 when that release would not"
        " start here."
    )
)
@click.argument("package", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", "is_check", is_flag=True, help=_("only say what would happen"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON"))
def upgrade(package: Path | None, is_check: bool, as_json: bool) -> None:
    """Say what an upgrade would change, before it is made."""
    if not is_check:
        text = _(
            "Packages are installed by apt-get (apt-get install ./egide_NEWER.deb). Say --check to look before."
        )
        raise CommandRefused(text)
    config = Config.from_env()
    check_journal(config)
    try:
        found = examine(config, SystemClock(), read_package(package) if package else Package(this_release()))
    except UpgradeRefused as error:
        raise CommandRefused(str(error)) from error
    except (OSError, JournalUnavailable) as error:
        raise click.ClickException(_("This cannot be looked at: {why}.").format(why=error)) from error
    is_well = all(one.grade != WRONG for one in found)
    if as_json:
        click.echo(json.dumps({"ok": is_well, "found": [asdict(one) for one in found]}))
    else:
        say_findings(found)
    starts = not any(one.grade == WRONG and one.check in STARTING for one in found)
    sys.exit(0 if is_well else 1 if starts else 3)
