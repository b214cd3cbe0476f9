"""`egide sandbox`: a demo for those who write a phone, a dispatch system, a source or a reader."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import click

from egide.common.text import _
from egide.entrypoints.cli.integrating.people import check_place, open_tabs, print_accounts, until_interrupted
from egide.entrypoints.cli.press import demo_place
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.stack.sandbox import begin
from egide.entrypoints.stack.sandbox.guard import is_of_this_machine
from egide.entrypoints.stack.sandbox.house import FOLDER, House
from egide.entrypoints.stack.sandbox.script import ScriptError, read_script
from egide.entrypoints.stack.sandbox.serving import running

PORT = 8400


@click.command(
    help=_(
        "Run a demo for those who write the other side: keys, every call on a page, faults by a script. It reaches"
        " nothing but this machine."
    )
)
@click.option(
    "--script",
    "script_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("faults and steps to play once everything runs"),
)
@click.option("--receiver", default="", help=_("the address of your dispatch system on this machine"))
@click.option(
    "--feed", "with_feed", is_flag=True, help=_("a second dispatch system, which fetches what is due")
)
@click.option(
    "--open", "with_tabs", is_flag=True, help=_("open the console, and a signed-in tab for each role")
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help=_("data directory (made anew)")
)
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(1024, 65532),
    help=_("first of four ports: pages, live, air, console"),
)
def sandbox(
    script_file: Path | None, receiver: str, with_feed: bool, with_tabs: bool, data: Path | None, port: int
) -> None:
    """Run a demo for those who write the other side."""
    run(script_file, receiver, demo_place(data), port, with_feed=with_feed, with_tabs=with_tabs)


def run(
    script_file: Path | None,
    receiver: str,
    place: Path,
    port: int,
    *,
    with_feed: bool,
    with_tabs: bool = False,
) -> None:
    """Run it until it is interrupted. What cannot be played is refused before anything starts."""
    text = _script_in(script_file) if script_file else ""
    if receiver and not is_of_this_machine(urlsplit(receiver).hostname or "?"):
        told = _("“{url}” is no address of this machine; write for example http://127.0.0.1:9000/egide.")
        raise CommandRefused(told.format(url=receiver))
    check_place(place)
    try:
        house = House(place, (port, port + 1, port + 2, port + 3), with_feed=with_feed)
    except OSError as error:
        told = _(
            "Ports {first} to {last} are not free: is another demo running? Name others with --port. ({error})"
        )
        raise click.ClickException(told.format(first=port, last=port + 3, error=error)) from error
    shutil.rmtree(place, ignore_errors=True)
    # This process too: it calls the integrator's system.
    os.environ[begin.VARIABLE] = str(place.absolute() / FOLDER)
    begin.begin()
    with running(house, receiver) as doors:
        print_accounts(house)
        console = f"{house.front_url}/sandbox/"
        click.echo(_("The console of the sandbox: {url}").format(url=console))
        if with_tabs:
            open_tabs(house, console)
        if text:
            doors.play(text)
        click.echo(_("Ctrl-C ends the sandbox."))
        until_interrupted()


def _script_in(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        read_script(text)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandRefused(_("{file} cannot be read: {why}").format(file=path, why=error)) from error
    except ScriptError as error:
        raise CommandRefused(str(error)) from error
    return text
