"""`egide zones`: show the police zones in force, import the official file, ask where a position belongs."""

from pathlib import Path

import click
import msgspec

from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.places.numbers import Number
from egide.entrypoints.cli.refusing import CommandRefused
from egide.geography.locate import Location, Locator
from egide.geography.zone_file import FIELDS, ZoneImport, do_import
from egide.geography.zone_set import ZoneSet
from egide.geography.zones import Zone, ZoneFileError


@click.group(help=_("Police zones: the official map, and where a position belongs."))
def zones() -> None:
    """Police zones: the official map, and where a position belongs."""


@zones.command(
    "import",
    help=_("Put the zones of FILE (GeoJSON, GeoPackage, Shapefile) in force. A wrong file changes nothing."),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--attribution", default="", help=_("Whom the map names as the source."))
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="KEY=FIELD",
    help=_("Which field is what: {fields}.").format(fields=", ".join(FIELDS)),
)
def import_file(file: Path, attribution: str, fields: tuple[str, ...]) -> None:
    """Put the zones of FILE (GeoJSON, GeoPackage, Shapefile) in force. A wrong file changes nothing."""
    try:
        done = do_import(file, Config.from_env().zones_dir, attribution, _field_names(fields))
    except (ZoneFileError, OSError) as error:
        raise CommandRefused(
            _("{error}\nNothing was changed: the zones in force stay.").format(error=error)
        ) from error
    for line in _import_lines(done):
        click.echo(line)


def _field_names(pairs: tuple[str, ...]) -> dict[str, str]:
    """The --field options as a mapping. Raises CommandRefused."""
    names: dict[str, str] = {}
    for pair in pairs:
        key, _equals, name = pair.partition("=")
        if key not in FIELDS or not name:
            text = _("--field {pair}: write KEY=FIELD, with KEY one of {keys}.")
            raise CommandRefused(text.format(pair=pair, keys=", ".join(FIELDS)))
        names[key] = name
    return names


def _import_lines(done: ZoneImport) -> list[str]:
    lines = [_("Zones in force: {count}.").format(count=done.zones)]
    if done.added:
        lines.append(_("New: {ids}").format(ids=" ".join(done.added)))
    if done.removed:
        lines.append(_("No longer there: {ids}").format(ids=" ".join(done.removed)))
    if done.derived_centres:
        text = _("Dispatch centre not in the file, taken from the reference map: {ids}")
        lines.append(text.format(ids=" ".join(done.derived_centres)))
    return [*lines, _("Start the worker and the web process again, so that they use them.")]


@zones.command(help=_("Say which zones are in force, and from where."))
def show() -> None:
    """Say which zones are in force, and from where."""
    zone_set = _load()
    kind = _("official zones") if zone_set.is_official else _("reference zones, not an official map")
    click.echo(_("Zones: {count} ({kind})").format(count=len(zone_set.zones), kind=kind))
    click.echo(zone_set.attribution)
    for code, centre in sorted(zone_set.centres.items()):
        count = sum(zone.centre == code for zone in zone_set.zones)
        click.echo(f"  {code}  {centre.own_name:<28} {count:>3}")


@zones.command(
    context_settings={"ignore_unknown_options": True},
    help=_("Say whom the position LAT LON (degrees, WGS 84) concerns."),
)  # so that -33.9 is a number, not an option
@click.argument("lat", type=Number("latitude", -90, 90))
@click.argument("lon", type=Number("longitude", -180, 180))
@click.option("--accuracy", default=0.0, type=Number("metres", 0, 65_535), help=_("Radius in metres."))
@click.option("--json", "as_json", is_flag=True, help=_("One JSON object, for programs."))
def locate(lat: float, lon: float, accuracy: float, as_json: bool) -> None:
    """Say whom the position LAT LON (degrees, WGS 84) concerns."""
    zone_set = _load()
    found = Locator(zone_set).locate(round(lat * 1e7), round(lon * 1e7), accuracy)
    if as_json:
        answer = msgspec.to_builtins(found) | {"zones": zone_set.label}
        click.echo(msgspec.json.encode(answer).decode())
        return
    for line in _location_lines(zone_set, found):
        click.echo(line)


def _load() -> ZoneSet:
    zone_set = ZoneSet.load(Config.from_env().zones_dir)
    if zone_set.problem:
        click.echo(zone_set.problem, err=True)
    return zone_set


def _location_lines(zone_set: ZoneSet, found: Location) -> list[str]:
    """A location as short lines of words."""
    by_id = {zone.id: zone for zone in zone_set.zones}
    lines = [] if found.outside is None else [_outside_text(found.outside)]
    if found.zone:
        lines.append(_("Zone: {zone}").format(zone=_title(by_id[found.zone])))
    elif found.nearest_zone:
        text = _("Nearest zone, to be informed: {zone}, {km} km away")
        lines.append(text.format(zone=_title(by_id[found.nearest_zone]), km=f"{found.border_m / 1000:.1f}"))
    if found.centre:
        lines.append(_("Dispatch centre: {name}").format(name=zone_set.centres[found.centre].own_name))
    if len(found.candidates) > 1 or (found.candidates and found.outside_share > 0.005):
        shares = [f"{_title(by_id[part.zone])} {part.share:.0%}" for part in found.candidates]
        lines.append(_("The circle touches: {zones}").format(zones=", ".join(shares)))
    if found.outside is None:
        lines.append(_("Border of the zone: {metres} m away").format(metres=found.border_m))
    if found.place:
        place = found.place
        text = _("Seen from {place}: {metres} m, {bearing}° ({compass})")
        lines.append(
            text.format(
                place=place.name, metres=place.distance_m, bearing=place.bearing_deg, compass=place.compass
            )
        )
    if not zone_set.is_official:
        lines.append(_("By the reference zones, not an official map."))
    return lines


def _outside_text(outside: str) -> str:
    if outside == "sea":
        return _("At sea.")
    if outside == "unknown":
        return _("In no zone: the dispatch centre decides by hand.")
    return _("Abroad: {country}.").format(country=outside.removeprefix("abroad:"))


def _title(zone: Zone) -> str:
    return zone.name if zone.number is None else f"{zone.number} {zone.name}"
