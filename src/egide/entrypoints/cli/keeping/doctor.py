"""`egide doctor`: what this installation stands on, each with what to do. Shows nobody."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

import click

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.refusing import check_journal
from egide.entrypoints.doctor.examine import examine
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.journal.errors import JournalUnavailable


@click.command(
    help=_(
        "Look at keys, clock, disk, back-ups, second place, zones, connectors, versions, processes, names,"
        " certificates, proxies and the second road, and say what to do; ends with 1 when something is wrong."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("print JSON"))
@click.option("--try", "is_sending", is_flag=True, help=_("send a test by the second road; asks before"))
@click.option("--yes", "is_sure", is_flag=True, help=_("do not ask"))
def doctor(as_json: bool, is_sending: bool, is_sure: bool) -> None:
    """Look at what this installation stands on, and say what to do."""
    config = Config.from_env()
    check_journal(config)
    if is_sending and not is_sure:
        click.confirm(_("This rings or writes to people on duty. Send a test now?"), abort=True, err=True)
    try:
        found = examine(config, SystemClock(), is_sending=is_sending)
    except JournalUnavailable as error:
        raise click.ClickException(_("The databases cannot be read: {error}").format(error=error)) from error
    is_well = all(one.grade != WRONG for one in found)
    if as_json:
        click.echo(json.dumps({"ok": is_well, "found": [asdict(one) for one in found]}))
    else:
        say_findings(found)
    sys.exit(0 if is_well else 1)


def say_findings(found: Iterable[Finding]) -> None:
    """A line each, the grade first."""
    words = {OK: _("ok"), LOOK: _("look"), WRONG: _("WRONG")}
    for one in found:
        click.echo(f"{words[one.grade]:<8} {one.check:<13} {one.text}")
