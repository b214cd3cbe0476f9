"""`egide map`: import a map of streets or an aerial picture, say which are in force."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.cli.refusing import CommandRefused
from egide.geography.tiles.archive import AERIAL, RASTER, STREETS, About, MapFileError, NoMap, about
from egide.geography.tiles.importing import do_import


@click.group("map", help=_("The map under an alarm: the authority's own streets, and an aerial picture."))
def maps() -> None:
    """The map under an alarm: the authority's own streets, and an aerial picture."""


@maps.command(
    "import",
    help=_(
        "Put the map of FILE in force: PMTiles or MBTiles, of vectors or of pictures. A wrong file changes nothing."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--aerial", is_flag=True, help=_("It is an aerial picture, shown where somebody chooses it."))
def import_file(file: Path, aerial: bool) -> None:
    """Put the map of FILE in force. A wrong file changes nothing."""
    kind = AERIAL if aerial else STREETS
    try:
        size = file.stat().st_size if file.is_file() else 0
        with click.progressbar(length=size, label=_("Reading"), file=sys.stderr) as bar:
            done = do_import(file, Config.from_env().map_file(kind), kind, bar.update)
    except MapFileError as error:
        text = _("{error}\nNothing was changed: the map in force stays.")
        raise CommandRefused(text.format(error=error)) from error
    click.echo(_("In force: {path}, tiles: {tiles}.").format(path=done.path, tiles=done.tiles))
    _say(done.about)


@maps.command(help=_("Say which maps are in force, and from where."))
def show() -> None:
    """Say which maps are in force, and from where."""
    config = Config.from_env()
    for kind, word in ((STREETS, _("Streets")), (AERIAL, _("Aerial picture"))):
        path = config.map_file(kind)
        try:
            found = about(path)
        except NoMap:
            click.echo(_("{map}: none was imported.").format(map=word))
        except MapFileError as error:
            raise CommandRefused(str(error)) from error
        else:
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            click.echo(_("{map}: imported on {day}.").format(map=word, day=f"{made:%Y-%m-%d}"))
            _say(found)


def _say(found: About) -> None:
    kind = _("pictures") if found.kind == RASTER else _("vectors")
    text = _("{size} MB, {kind}, zooms {least} to {most}, degrees {bounds}.")
    bounds = f"{found.south:.2f} {found.west:.2f} – {found.north:.2f} {found.east:.2f}"
    size = f"{found.bytes / 1e6:.1f}"
    click.echo(text.format(size=size, kind=kind, least=found.min_zoom, most=found.max_zoom, bounds=bounds))
    if found.is_invented:
        click.echo(_("It is an invented plan."))
    click.echo(_("Named on each page: {whom}").format(whom=found.attribution or "–"))
