"""`egide reference`: the page for those who write a phone, a source, a dispatch system or a reader of their own."""

from importlib.resources import files
from pathlib import Path

import click

from egide.common.text import _

PAGE = "reference.html"


@click.command(
    help=_(
        "Write the reference for those who build on Egide (one page, read in a browser without a network) to FILE;"
        " print it without one."
    )
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def reference(file: Path | None) -> None:
    """Write the reference to FILE, or print it."""
    page = (files("egide.entrypoints.cli") / PAGE).read_text(encoding="utf-8")
    if file is None:
        click.echo(page, nl=False)
    else:
        file.write_text(page, encoding="utf-8")
