"""`egide connectors`: the dispatch systems (CAD) that are told of alarms, what each may know, and a test message."""

import click
import msgspec

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.connectors.dispatch.facts import Refused
from egide.connectors.dispatch.receivers import Receiver, receivers_of
from egide.connectors.dispatch.trying import do_try
from egide.entrypoints.cli.refusing import CommandRefused
from egide.journal.now.signs import Signs


@click.group(help=_("Dispatch systems that are told of alarms."))
def connectors() -> None:
    """Dispatch systems that are told of alarms."""


@connectors.command(
    "list", help=_("Each dispatch system: where it is, whose alarms it hears of, what it may know.")
)
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def list_all(as_json: bool) -> None:
    """Each dispatch system, without its secret."""
    receivers = _receivers()
    if as_json:
        shown = [
            {
                "name": one.name,
                "kind": one.kind,
                "url": one.url,
                "centres": one.centres,
                "fields": one.fields,
            }
            for one in receivers
        ]
        click.echo(msgspec.json.encode({"receivers": shown}).decode())
        return
    if not receivers:
        click.echo(_("No dispatch system is told of alarms (EGIDE_DISPATCH_SYSTEMS)."))
    for one in receivers:
        click.echo(
            f"{one.name}\t{one.kind}\t{one.url or '-'}\t{' '.join(one.centres)}\t{' '.join(one.fields)}"
        )


@connectors.command(
    help=_("Send NAME a message that is marked as a test, on no alarm. Ends with 1 where it is not taken.")
)
@click.argument("name")
def test(name: str) -> None:
    """Send NAME a test message."""
    receiver = next((one for one in _receivers() if one.name == name), None)
    if receiver is None:
        raise CommandRefused(_("No dispatch system is called {name}.").format(name=name))
    clock = SystemClock()
    try:
        message = do_try(receiver, Signs(Config.from_env(), clock), clock)
    except Refused as refused:
        raise click.ClickException(
            _("{name} did not take the test: {why}.").format(name=name, why=refused.why)
        ) from refused
    if not message:
        click.echo(_("{name} fetches by itself: the test waits there for a minute.").format(name=name))
        return
    click.echo(_("A machine there took the test {message}.").format(message=message))


def _receivers() -> tuple[Receiver, ...]:
    try:
        return receivers_of(Config.from_env())
    except ValueError as error:
        raise CommandRefused(str(error)) from error
