"""The demo: a whole installation with invented people; either for a person to try, or one press without a person."""

import asyncio
import contextlib
import json
import queue
import shutil
import signal
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import Any

import click

from egide.common.clock import SystemClock
from egide.common.text import _
from egide.entrypoints.cli.press import demo_place, press_command
from egide.entrypoints.stack.installation import MARKER, Stack
from egide.entrypoints.stack.operator import Operator

PORT = 8400
_STEP_S = 30.0
# Where each step of the life of a press is read from: a line of a process, or an event of the journal.
_LINES = ("button.held", "phone.stored", "phone.receipt", "phone.told")
_EVENTS = {
    "PressReceived": "intake.received",
    "AlarmRouted": "routing.routed",
    "AlarmAcknowledged": "desk.acknowledged",
    "ZoneConfirmed": "zone.confirmed",
    "TeamNamed": "team.named",
    "TeamUnderWay": "team.under_way",
    "TeamOnSite": "team.on_site",
    "AlarmClosed": "alarm.closed",
}


class Steps:
    """When each step of one press happened, in microseconds of the wall clock."""

    def __init__(self) -> None:
        self.at_us: dict[str, int] = {}
        self.alarm: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._told = threading.Event()

    def note_line(self, line: dict[str, Any]) -> None:
        """A line that a process printed."""
        step = line.get("step")
        if step not in _LINES:
            return
        self.at_us.setdefault(step, line["at_us"])
        if step == "phone.stored":
            self.alarm.put(line["alarm"])
        if step == "phone.told" and line.get("state") == "acknowledged":
            self._told.set()

    async def until_told(self) -> None:
        """Wait until the phone knows that an operator has seen the alarm. Raises TimeoutError."""
        if not await asyncio.to_thread(self._told.wait, _STEP_S):
            raise TimeoutError("the phone was not told that an operator acknowledged")

    def note_journal(self, stack: Stack, alarm: str) -> None:
        """What the journal says of the alarm."""
        for row in stack.journal().stream(f"alarm:{alarm}"):
            if row.kind in _EVENTS:
                self.at_us.setdefault(_EVENTS[row.kind], row.at_us)

    def in_ms(self) -> list[dict[str, object]]:
        """In order of time, in milliseconds from the end of the hold."""
        start_us = self.at_us["button.held"]
        ordered = sorted(self.at_us.items(), key=lambda item: item[1])
        return [{"step": step, "ms": round((at_us - start_us) / 1000, 1)} for step, at_us in ordered]


async def press_once(stack: Stack) -> dict[str, object]:
    """One press of the first kit, up to the closed alarm; returns what happened and when."""
    kit, account, officer = _first(stack)
    steps = Steps()
    stack.on_line = steps.note_line
    desk, live = (f"http://127.0.0.1:{stack.ports[name]}" for name in ("web", "live"))
    async with Operator(desk, f"{live}/v1/live", account["name"], account["password"]) as operator:
        listening = asyncio.Event()
        routed = asyncio.create_task(_until_routed(operator, listening))
        await asyncio.wait_for(listening.wait(), _STEP_S)
        stack.press(kit)
        alarm = await asyncio.wait_for(routed, _STEP_S)
        steps.at_us["desk.shown"] = SystemClock().now_us()
        await operator.do(alarm, "shown")
        await operator.do(alarm, "acknowledge")
        await steps.until_told()
        await operator.do(alarm, "zone", zone=kit["zone"], reference="egide demo --once")
        await operator.do(alarm, "team", call_sign="Demo 1")
        await operator.do(alarm, "under-way")
        # The operator's own word would end nothing (safety rule 8).
        async with Operator(desk, f"{live}/v1/live", officer["name"], officer["password"]) as zone:
            await zone.do(alarm, "on-site", board="zone")
        await operator.do(alarm, "close", outcome="test", reason="egide demo --once")
    steps.note_journal(stack, alarm)
    state = stack.journal().alarm(alarm)
    assert state is not None and state.lead.route is not None
    return {
        "alarm": alarm,
        "zone": state.lead.route.zone,
        "centre": state.lead.route.centre,
        "steps": steps.in_ms(),
    }


async def _until_routed(operator: Operator, listening: asyncio.Event) -> str:
    async for _seq, kind, stream in operator.events(listening):
        if kind == "AlarmRouted":
            return stream.removeprefix("alarm:")
    raise TimeoutError("the live stream ended before the alarm came")


def _first(stack: Stack) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The first kit, an operator of its centre, and an officer of its zone."""
    kit = stack.demo["kits"][0]
    accounts = stack.demo["users"]
    operators = (user for user in accounts if (user["role"], user["centre"]) == ("operator", kit["centre"]))
    officers = (user for user in accounts if (user["role"], user["zone"]) == ("zone-officer", kit["zone"]))
    return kit, next(operators), next(officers)


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
def demo(once: bool, as_json: bool, with_tabs: bool, data: Path | None, port: int) -> None:
    """Run everything on this machine with invented people."""
    if once:
        with tempfile.TemporaryDirectory(prefix="egide-demo-") as made, Stack(Path(made)) as stack:
            stack.start()
            stack.start_radio()
            _print_result(asyncio.run(press_once(stack)), as_json)
        return
    place = demo_place(data)
    _check_place(place)
    try:
        # The ports first: what a demo writes that still runs is not taken away from under it.
        stack = Stack(place, (port, port + 1, port + 2, port + 3))
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
        _print_accounts(stack)
        stack.start_radio()
        stack.wait_for_figures()
        _print_buttons(stack, data)
        if with_tabs:
            _open_tabs(stack)
        _until_interrupted()


def _check_place(place: Path) -> None:
    """Refuse to write over a directory that no demo has made."""
    if place.exists() and any(place.iterdir()) and not (place / MARKER).exists():
        raise click.ClickException(
            _("{place} holds something else than a demo. Name another directory with --data.").format(
                place=place
            )
        )


def _print_result(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result))
        return
    click.echo(f"{result['alarm']}  {result['zone']}  {result['centre']}")
    for step in result["steps"]:
        click.echo(f"{step['ms']:>10.1f} ms  {step['step']}")


def _print_accounts(stack: Stack) -> None:
    click.echo(_("Invented people only. Passwords and addresses are printed once and kept nowhere."))
    click.echo(
        _("Each address opens signed in, as a session of its own. The second factor is waived here alone.")
    )
    for user in stack.demo["users"]:
        click.echo(f"  {user['title']:<42} {user['role']:<18} {user['name']:<20} {user['password']}")
        click.echo(f"    {_door(stack, user)}")


def _door(stack: Stack, user: dict[str, Any]) -> str:
    return stack.host(user["name"]) + str(user["door"])


def _open_tabs(stack: Stack) -> None:
    """One tab for each role, in the person's own browser."""
    first = {user["role"]: user for user in reversed(stack.demo["users"])}
    for user in first.values():
        webbrowser.open_new_tab(_door(stack, user))


def _print_buttons(stack: Stack, data: Path | None) -> None:
    click.echo(_("Buttons and phones are paired. Press from another terminal in this directory:"))
    for number, kit in enumerate(stack.demo["kits"], start=1):
        click.echo(f"  {press_command(number, data)}    {kit['name']} · {kit['zone']} · {kit['centre']}")
    click.echo(_("Ctrl-C ends the demo."))


def _until_interrupted() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            signal.pause()
