"""`egide addresses`: import the authority's list, ask what is near a position, find an address."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.places.numbers import Number
from egide.entrypoints.cli.refusing import CommandRefused
from egide.geography.addresses.book import AddressBook, NoAddresses
from egide.geography.addresses.importing import (
    ENCODINGS,
    NAMED,
    Imported,
    do_import,
    do_import_points,
    fault_text,
)
from egide.geography.addresses.nearest import nearest
from egide.geography.addresses.points import nearest_point
from egide.geography.addresses.rows import AddressFileError, sources_of
from egide.geography.addresses.searching import LIMIT, search


@click.group(help=_("Addresses: the authority's own list, in both directions."))
def addresses() -> None:
    """Addresses: the authority's own list, in both directions."""


@addresses.command(
    "import",
    help=_(
        "Put the addresses of FILES in force: federal BeSt files (openaddress-be*.csv or zip), or a CSV with the"
        " columns street, number, postcode, place, lat, lon. A wrong file changes nothing."
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--encoding",
    type=click.Choice(ENCODINGS),
    default=ENCODINGS[0],
    show_default=True,
    help=_("How the files are written."),
)
def import_files(files: tuple[Path, ...], encoding: str) -> None:
    """Put the addresses of FILES in force. A wrong file changes nothing."""
    clock, target = SystemClock(), Config.from_env().addresses_file
    begun_us = clock.steady_us()
    try:
        size = sum(source.size for file in files for source in sources_of(file))
        with click.progressbar(length=size, label=_("Reading"), file=sys.stderr) as bar:
            done = do_import(files, target, clock, encoding, bar.update)
    except AddressFileError as error:
        text = _("{error}\nNothing was changed: the addresses in force stay.")
        raise CommandRefused(text.format(error=error)) from error
    for line in _import_lines(done, (clock.steady_us() - begun_us) / 1e6):
        click.echo(line)


def _import_lines(done: Imported, seconds: float) -> Iterator[str]:
    yield _(
        "Addresses in force: {addresses} (houses: {houses}, streets: {streets}, places: {places})."
    ).format(addresses=done.addresses, houses=done.houses, streets=done.streets, places=done.places)
    yield _("{path}: {size} MB, in {seconds} s.").format(
        path=done.path, size=f"{done.bytes / 1e6:.1f}", seconds=f"{seconds:.0f}"
    )
    if done.out_of_force:
        yield _("Not in force by the list's own word, left out: {count}.").format(count=done.out_of_force)
    if done.faults:
        yield _("Cannot be used, left out: {count}.").format(count=done.faults)
        yield from (f"  {count} × {why}" for why, count in done.reasons.items())
        yield _("The first of them:")
        yield from (f"  {fault_text(fault)}" for fault in done.first_faults)


@addresses.command(
    "points",
    help=_(
        "Put the points of reference of FILE in force (kilometre posts, stations, locks): a CSV with the columns name"
        " (or name_fr, name_nl, name_de), lat, lon. A wrong file changes nothing."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
def import_points(file: Path) -> None:
    """Put the points of reference of FILE in force. A wrong file changes nothing."""
    try:
        done = do_import_points(file, Config.from_env().points_file)
    except AddressFileError as error:
        text = _("{error}\nNothing was changed: the points in force stay.")
        raise CommandRefused(text.format(error=error)) from error
    click.echo(_("Points of reference in force: {count}.").format(count=done.points))
    if done.faults:
        click.echo(_("Cannot be used, left out: {count}.").format(count=len(done.faults)))
        for fault in done.faults[:NAMED]:
            click.echo(f"  {fault_text(fault)}")


@addresses.command(help=_("Say which addresses are in force, and from where."))
def show() -> None:
    """Say which addresses are in force, and from where."""
    with _answered():
        about = AddressBook(Config.from_env().addresses_file).about()
    made = datetime.fromtimestamp(about["made_at_s"], UTC)
    click.echo(_("Imported on {day} from {files}.").format(day=f"{made:%Y-%m-%d}", files=about["files"]))
    text = _("Houses: {houses}, streets: {streets}, places: {places}.")
    click.echo(text.format(houses=about["houses"], streets=about["streets"], places=about["places"]))


@addresses.command(
    "nearest",
    context_settings={"ignore_unknown_options": True},
    help=_("Say what is at the position LAT LON (degrees, WGS 84)."),
)
@click.argument("lat", type=Number("latitude", -90, 90))
@click.argument("lon", type=Number("longitude", -180, 180))
@click.option("--accuracy", default=0.0, type=Number("metres", 0, 65_535), help=_("Radius in metres."))
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def nearest_to(lat: float, lon: float, accuracy: float, as_json: bool) -> None:
    """Say what is at the position LAT LON (degrees, WGS 84)."""
    with _answered():
        book = AddressBook(Config.from_env().addresses_file)
        found = nearest(book, round(lat * 1e7), round(lon * 1e7), accuracy)
    click.echo(msgspec.json.encode(found).decode() if as_json else found.text)
    if not as_json:
        with _answered(), suppress(NoAddresses):
            point = nearest_point(Config.from_env().points_file, round(lat * 1e7), round(lon * 1e7), accuracy)
            if point is not None:
                click.echo(point.text)


@addresses.command("search", help=_("Find an address: words in any order, in any language, also begun."))
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--limit", default=LIMIT, type=click.IntRange(1, 50), show_default=True, help=_("At most so many.")
)
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def search_for(text: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find an address: words in any order, in any language, also begun."""
    with _answered():
        found = search(AddressBook(Config.from_env().addresses_file), " ".join(text), limit)
    if as_json:
        click.echo(msgspec.json.encode({"matches": found}).decode())
        return
    if not found:
        click.echo(_("No address is like it."))
    for match in found:
        click.echo(f"{match.text}  ({match.lat_e7 / 1e7:.5f} {match.lon_e7 / 1e7:.5f})")


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except AddressFileError as error:
        raise CommandRefused(str(error)) from error
