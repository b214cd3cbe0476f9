"""The demo: a whole installation with invented people; either for a person to try, or one press without a person."""

import shutil
import tempfile
from pathlib import Path

import click

from egide.common.text import _
from egide.entrypoints.cli.integrating.people import check_place, open_tabs, print_accounts, until_interrupted
from egide.entrypoints.cli.press import demo_place, press_command
from egide.entrypoints.cli.refusing import CommandRefused
from egide.entrypoints.stack.installation import Stack

PORT = 8400


@click.command(help=_("Run everything on this machine with invented people."))
@click.option("--once", is_flag=True, help=_("one press without a person, then end"))
@click.option("--json", "as_json", is_flag=True, help=_("with --once: print JSON"))
@click.option("--open", "with_tabs", is_flag=True, help=_("open a signed-in tab for each role"))
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help=_("data directory (made anew)")
)
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(1024, 65532),
    help=_("first of four ports: pages, live, intake, air"),
)
@click.option("--sandbox", "for_integrators", is_flag=True, help=_("as `egide sandbox`, without a script"))
def demo(
    once: bool, as_json: bool, with_tabs: bool, data: Path | None, port: int, for_integrators: bool
) -> None:
    """Run everything on this machine with invented people."""
    if for_integrators:
        if once or as_json:
            raise CommandRefused(
                _("A sandbox runs until Ctrl-C ends it: leave out --once and --json, or --sandbox.")
            )
        # Only this way of running it passes calls on.
        from egide.entrypoints.cli.integrating.sandbox import run

        run(None, "", demo_place(data), port, with_feed=False, with_tabs=with_tabs)
        return
    if once:
        with (
            tempfile.TemporaryDirectory(prefix="egide-demo-") as made,
            Stack(Path(made), is_forked=True) as stack,
        ):
            stack.start()
            stack.start_radio()
            # Only this way of running it acts as an operator, over HTTP.
            from egide.entrypoints.cli.demo_once import print_press

            print_press(stack, as_json)
        return
    place = demo_place(data)
    check_place(place)
    try:
        # The ports first: a demo that still runs must not lose its data.
        stack = Stack(place, (port, port + 1, port + 2, port + 3), is_forked=True, by_night=True)
    except OSError as error:
        raise click.ClickException(
            _(
                "Ports {first} to {last} are not free: is another demo running? Name others with --port. ({error})"
            ).format(first=port, last=port + 3, error=error)
        ) from error
    shutil.rmtree(place, ignore_errors=True)
    with stack:
        stack.start()
        # The evaluator's pages show what was built last, and the next night is far.
        stack.start_figures()
        print_accounts(stack)
        stack.start_radio()
        stack.wait_for_figures()
        _print_buttons(stack, data)
        if with_tabs:
            open_tabs(stack)
        until_interrupted()


def _print_buttons(stack: Stack, data: Path | None) -> None:
    click.echo(_("Buttons and phones are paired. Press from another terminal in this directory:"))
    for number, kit in enumerate(stack.demo["kits"], start=1):
        click.echo(f"  {press_command(number, data)}    {kit['name']} · {kit['zone']} · {kit['centre']}")
    click.echo(_("Ctrl-C ends the demo."))
