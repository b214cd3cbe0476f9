"""`egide sources`: devices that are no phones and report for a kit; an officer who may keep the kit enrols them."""

import binascii
import sys
from typing import TYPE_CHECKING

import click

from egide.common.text import _
from egide.entrypoints.cli.person import as_option, prove
from egide.entrypoints.cli.refusing import CommandRefused
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import ROADS

if TYPE_CHECKING:
    from egide.access.rules import Scope

_DEFAULT_RADIUS_M = 30
# What was refused, by the words of fleet.sources.
_REFUSED = {
    "kit-not-out": _("This kit was given back or lost."),
    "bad-name": _("This is no name of such a device: give the address of a button as it is printed on it."),
    "bad-key": _(
        "This key does not fit: 32 hexadecimal digits for a button, 32, 48 or 64 for an alarm device."
    ),
    "bad-interval": _("An alarm device says that it works every 10 to 86400 seconds; other devices do not."),
    "no-place": _("A button that only broadcasts stays where it is: say where it stands with --at."),
    "has-place": _("A tracker says itself where it is: leave out --at."),
    "taken": _("This device reports for another kit: take it off that one first."),
    "unknown": _("No such device reports for this kit."),
}


@click.group(help=_("Devices that are no phones and report for a kit."))
def sources() -> None:
    """Devices that are no phones and report for a kit."""


@sources.command(
    help=_("Enrol a device for a kit. Its key is asked for, or read from stdin behind password and code.")
)
@click.argument("kit")
@as_option
@click.option("--road", type=click.Choice(ROADS), required=True, help=_("how its reports come"))
@click.option("--name", required=True, help=_("its address, number or account"))
@click.option("--at", default="", metavar="LAT,LON", help=_("where it stands, in degrees"))
@click.option(
    "--radius",
    default=_DEFAULT_RADIUS_M,
    show_default=True,
    type=click.IntRange(1, 5000),
    help=_("the radius in metres that holds the place"),
)
@click.option(
    "--every",
    default=0,
    type=click.IntRange(0),
    metavar="SECONDS",
    help=_("how often it says that it works; then its silence is a trouble"),
)
def enrol(kit: str, person: str, road: str, name: str, at: str, radius: int, every: int) -> None:
    """Enrol a device for KIT."""
    place = _place(at, radius)
    scope = _scope(person)
    from egide.fleet.seeing import NoSuchKit
    from egide.fleet.sources import NewSource, SourceRefused, do_enrol_source

    try:
        source = do_enrol_source(scope, kit, NewSource(road, name, _key(), place, every))
    except NoSuchKit as error:
        raise CommandRefused(_("There is no such kit for this account.")) from error
    except SourceRefused as refused:
        raise CommandRefused(_REFUSED[refused.why]) from refused
    click.echo(source)


@sources.command(help=_("Take a device off its kit: nothing of it is taken any more."))
@click.argument("kit")
@click.argument("source")
@as_option
def end(kit: str, source: str, person: str) -> None:
    """Take SOURCE off KIT."""
    scope = _scope(person)
    from egide.fleet.seeing import NoSuchKit
    from egide.fleet.sources import SourceRefused, do_end_source

    try:
        do_end_source(scope, kit, source)
    except NoSuchKit as error:
        raise CommandRefused(_("There is no such kit for this account.")) from error
    except SourceRefused as refused:
        raise CommandRefused(_REFUSED[refused.why]) from refused


@sources.command("list", help=_("The devices of a kit, when each was last heard, and which were taken off."))
@click.argument("kit")
@as_option
def list_all(kit: str, person: str) -> None:
    """The devices of KIT."""
    scope = _scope(person)
    from egide.common.clock import utc
    from egide.fleet.seeing import NoSuchKit
    from egide.fleet.sources import sources_of_kit

    try:
        found = sources_of_kit(scope, kit)
    except NoSuchKit as error:
        raise CommandRefused(_("There is no such kit for this account.")) from error
    for one in found:
        heard = _("never heard") if one.heard_us is None else utc(one.heard_us).isoformat(timespec="seconds")
        ended = "\t" + _("taken off") if one.is_ended else ""
        click.echo(f"{one.source}\t{one.road}\t{heard}{ended}")


def _scope(person: str) -> "Scope":
    user = prove(person)
    from egide.access.scope import scope_of

    return scope_of(user)


def _key() -> bytes:
    """In hexadecimal, unseen at a terminal; empty where the device has none."""
    if sys.stdin.isatty():
        text: str = click.prompt(
            _("Key of the device, in hexadecimal; empty for none"),
            default="",
            hide_input=True,
            show_default=False,
        )
    else:
        text = sys.stdin.readline()
    try:
        return binascii.unhexlify(text.strip())
    except binascii.Error as error:
        raise CommandRefused(_("This key is not hexadecimal.")) from error


def _place(at: str, radius_m: int) -> Position | None:
    if not at:
        return None
    try:
        lat, lon = (float(part) for part in at.split(","))
    except ValueError as error:
        raise click.UsageError(
            _("Say where it stands as LAT,LON in degrees, such as 50.4550,3.9520.")
        ) from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise click.UsageError(_("Say where it stands as LAT,LON in degrees, such as 50.4550,3.9520."))
    return Position(round(lat * 1e7), round(lon * 1e7), radius_m, 0, Source.MANUAL)
