"""`egide press`: hold the button of a person of a running demo, and say what came of it."""

import json
import os
import shlex
import shutil
import socket
import sys
import time
from pathlib import Path

import click

from egide.button.store import CONTROL_SOCKET
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.settings.sources import Sources
from egide.common.text import _
from egide.entrypoints.stack.installation import BUTTONS_DIR, KEY_FILE
from egide.events.register import KitIssued
from egide.journal.chain import Stored
from egide.journal.queries.general import kit_of_message, kits
from egide.journal.service import Journal, KeyStore

ARRIVES_S = 15.0
_ROUTE_S = 5.0
# What may come of a hold, as the journal calls it.
_PRESSES = ("PressReceived", "PressedAgain", "PressConflicted", "TestReceived")


def demo_place(data: Path | None) -> Path:
    """The data directory of the demo; `data` is what the command was given. What an installation on this machine keeps
    in its file of settings is not the demo's."""
    return data or Config.of(Sources(os.environ)).data_dir / "demo"


def press_command(number: int, data: Path | None) -> str:
    """How the NUMBER-th button is pressed from another terminal in this directory, as it can be typed there."""
    typed = Path(sys.argv[0])
    found = shutil.which("egide")
    words = ["egide" if found and Path(found).samefile(typed) else _short(typed), "press", str(number)]
    # The other terminal knows nothing of this one's environment.
    if data or "EGIDE_DATA" in os.environ:
        words += ["--data", _short(demo_place(data))]
    return shlex.join(words)


def _short(path: Path) -> str:
    """The path from here where it lies below, else the whole one."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole)


@click.command(help=_("Hold the button of the NUMBER-th person of a running demo, and say what came of it."))
@click.argument("number", default=1, type=click.IntRange(1, 99))
@click.option("--hold", "hold_s", default=2.0, show_default=True, type=click.FloatRange(0.1, 20))
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help=_("data directory of the demo")
)
def press(number: int, hold_s: float, data: Path | None) -> None:
    """Hold the button of the NUMBER-th person of a running demo, and say what came of it."""
    place = demo_place(data)
    try:
        buttons = list(json.loads((place / KEY_FILE).read_text()))
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(place / BUTTONS_DIR / CONTROL_SOCKET))
            if number > len(buttons):
                raise click.ClickException(_("The highest button is {count}.").format(count=len(buttons)))
            heard = _Heard(place, buttons[number - 1])
            control.sendall(json.dumps({"press": buttons[number - 1], "hold_s": hold_s}).encode() + b"\n")
    except OSError as error:
        raise click.ClickException(_("No demo runs here. Start one: make demo")) from error
    click.echo(_("Button {number} is held for {hold_s:g} s.").format(number=number, hold_s=hold_s))
    arrived = heard.next_press(hold_s + ARRIVES_S)
    if arrived is None:
        raise click.ClickException(
            _(
                "Nothing arrived within {seconds:g} s. A hold that is shorter than the button asks for is no press;"
                " otherwise look at what the demo prints."
            ).format(seconds=hold_s + ARRIVES_S)
        )
    click.echo(heard.words_for(arrived))


class _Heard:
    """What the journal of the demo hears of one kit from now on."""

    def __init__(self, place: Path, button: str) -> None:
        config = Config(data_dir=place)
        self._journal = Journal.open(config, SystemClock(), KeyStore.open(config))
        self._after = self._journal.head()
        self._kit = self._kit_of(button)

    def _kit_of(self, button: str) -> str:
        for kit in kits(self._journal):
            issued = self._journal.open_event(self._journal.stream(f"kit:{kit}")[0])
            if isinstance(issued, KitIssued) and issued.button_id == button:
                return issued.kit
        raise click.ClickException(_("The journal of this demo knows no such button: start it again."))

    def next_press(self, within_s: float) -> Stored | None:
        """The first press or test of the kit, once it is in the journal; None when there was none in time."""
        deadline = time.monotonic() + within_s
        bell = self._journal.bell("press")
        try:
            while time.monotonic() < deadline:
                for row in self._journal.read(after=self._after):
                    self._after = row.seq
                    if row.kind in _PRESSES and self._is_ours(row):
                        return row
                bell.wait()
        finally:
            bell.close()
        return None

    def _is_ours(self, row: Stored) -> bool:
        return kit_of_message(self._journal, row.seq) == self._kit

    def words_for(self, row: Stored) -> str:
        """What became of the press, in words."""
        if row.kind == "TestReceived":
            return _("It arrived as a test, because a test was armed on the phone. No alarm.")
        alarm = row.stream.removeprefix("alarm:")
        if row.kind != "PressReceived":
            return _("It arrived, and joined the alarm {alarm}.").format(alarm=alarm)
        zone, centre = self._place_of(alarm)
        text = _("It arrived: alarm {alarm}, zone {zone}, centre {centre}.")
        return text.format(alarm=alarm, zone=zone or "?", centre=centre or "?")

    def _place_of(self, alarm: str) -> tuple[str, str]:
        """Where it was given to; empty while the worker has not said."""
        deadline = time.monotonic() + _ROUTE_S
        bell = self._journal.bell("press")
        try:
            while True:
                state = self._journal.alarm(alarm)
                if state is not None and state.lead.route is not None:
                    return state.lead.route.zone, state.lead.route.centre
                if time.monotonic() > deadline:
                    return "", ""
                bell.wait()
        finally:
            bell.close()
