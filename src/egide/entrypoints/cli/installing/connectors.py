"""`egide connectors`: roads outside, dispatch systems (CAD) that are told of alarms, what each may know, a test."""

from collections.abc import Iterable

import click
import msgspec

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings import settings_of
from egide.common.text import _
from egide.connectors import looking
from egide.connectors.base import Connector, RoadError
from egide.connectors.calling import why_not
from egide.connectors.dispatch.facts import Refused
from egide.connectors.dispatch.receivers import Receiver, receivers_of
from egide.connectors.dispatch.trying import do_try
from egide.connectors.looking import Standing, Went, standings, went_of, went_of_systems
from egide.connectors.registry import declared
from egide.entrypoints.cli.installing.went import sentence_of, shown
from egide.entrypoints.cli.refusing import CommandRefused
from egide.journal.now.signs import Signs


@click.group(help=_("Roads to the world outside, and dispatch systems that are told of alarms."))
def connectors() -> None:
    """Roads to the world outside, and dispatch systems that are told of alarms."""


@connectors.command(
    "list",
    help=_(
        "Each dispatch system, whose alarms it hears of, what it may know; each road that is set up; and how each"
        " went last."
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def list_all(as_json: bool) -> None:
    """Each dispatch system and each road, without a secret."""
    receivers, config = _receivers(), Config.from_env()
    signs = Signs(config, SystemClock())
    found, systems = standings(config, signs, receivers), went_of_systems(signs, receivers)
    if as_json:
        listed = [
            {
                "name": one.name,
                "kind": one.kind,
                "url": one.url,
                "centres": one.centres,
                "fields": one.fields,
                "last": shown([each for each in systems if each.road == one.name]),
            }
            for one in receivers
        ]
        whole = {"receivers": listed, "connectors": [_shown(one) for one in found]}
        click.echo(msgspec.json.encode(whole).decode())
        return
    if not receivers:
        click.echo(_("No dispatch system is told of alarms (EGIDE_DISPATCH_SYSTEMS)."))
    for one in receivers:
        click.echo(
            f"{one.name}\t{one.kind}\t{one.url or '-'}\t{' '.join(one.centres)}\t{' '.join(one.fields)}"
        )
        _say([each for each in systems if each.road == one.name])
    for road in found:
        if road.is_set_up:
            click.echo(
                f"{road.connector.name}\t{_(road.connector.title)}\t{' '.join(road.connector.carries)}"
            )
            _say(went_of(road))


def _say(found: Iterable[Went]) -> None:
    """Below the line of its road."""
    for one in found:
        click.echo(f"\t{sentence_of(one)}")


def _shown(one: Standing) -> dict[str, object]:
    """For programs: the same names as in the declaration; times in µs since 1970."""
    return {
        "name": one.connector.name,
        "set_up": one.is_set_up,
        "settings": one.settings,
        "carries": list(one.connector.carries),
        "kinds": list(one.connector.kinds),
        "faults": one.faults,
        "key_since_us": one.key_since_us,
        "heard_us": one.heard_us,
        "troubles": one.troubles,
        "tried": one.tried,
        "last": one.came,
        "can_be_tried": one.may_be_tried,
    }


@connectors.command(
    help=_(
        "Send NAME, a dispatch system or a road, a message that is marked as a test; where a message would reach"
        " somebody by mistake, only connect. Ends with 1 where it is not taken."
    )
)
@click.argument("name")
def test(name: str) -> None:
    """Send NAME a test message."""
    receiver = next((one for one in _receivers() if one.name == name), None)
    if receiver is None and name in declared():
        _try_road(declared()[name])
        return
    if receiver is None:
        raise CommandRefused(_("No dispatch system and no road is called {name}.").format(name=name))
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
    if receiver.is_by_hand:
        # Its exchange was asked whether it knows them: no person and no machine of theirs got anything.
        click.echo(_("{name} answers; nothing was sent.").format(name=name))
        return
    click.echo(_("A machine there took the test {message}.").format(message=message))


def _try_road(one: Connector) -> None:
    config = Config.from_env()
    if one.attempt is None:
        text = _("{name} cannot be tried from here: egide connectors list --json says how it goes.")
        raise CommandRefused(text.format(name=one.name))
    if not one.is_set_up(config):
        text = _("{name} is not set up: {settings}.")
        wanted = ", ".join(settings_of(Config)[each].variable for each in one.needs)
        raise CommandRefused(text.format(name=one.name, settings=wanted))
    if faults := list(one.faults(config)):
        raise CommandRefused(" ".join(faults))
    try:
        looking.do_try(one, config, Signs(config, SystemClock()))
    except RoadError as error:
        raise click.ClickException(
            _("{name} did not take the test: {why}.").format(name=one.name, why=why_not(error))
        ) from error
    taken, answered = _("{name} took the test."), _("{name} answers; nothing was sent.")
    click.echo((taken if one.attempt.is_message else answered).format(name=one.name))


def _receivers() -> tuple[Receiver, ...]:
    try:
        return receivers_of(Config.from_env())
    except ValueError as error:
        raise CommandRefused(str(error)) from error
