"""`egide connectors`: the dispatch systems (CAD) that are told of alarms, what each may know, and a test message."""

import click
import msgspec

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.connectors.cad.receivers import Receiver, receivers_of
from egide.connectors.cad.report import TEST, Facts, message_of
from egide.connectors.cad.road import Refused, send
from egide.entrypoints.cli.refusing import CommandRefused


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
            {"name": one.name, "url": one.url, "centres": one.centres, "fields": one.fields}
            for one in receivers
        ]
        click.echo(msgspec.json.encode({"receivers": shown}).decode())
        return
    if not receivers:
        click.echo(_("No dispatch system is told of alarms (EGIDE_DISPATCH_SYSTEMS)."))
    for one in receivers:
        click.echo(f"{one.name}\t{one.url}\t{' '.join(one.centres)}\t{' '.join(one.fields)}")


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
    now_us = clock.now_us()
    message = message_of(Facts(TEST, "", now_us, now_us), receiver)
    try:
        send(receiver, message, clock)
    except Refused as refused:
        raise click.ClickException(
            _("{name} did not take the test: {why}.").format(name=name, why=refused.why)
        ) from refused
    click.echo(_("A machine there took the test {message}.").format(message=message.id))


def _receivers() -> tuple[Receiver, ...]:
    try:
        return receivers_of(Config.from_env())
    except ValueError as error:
        raise CommandRefused(str(error)) from error
