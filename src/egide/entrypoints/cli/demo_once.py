"""`egide demo --once`: one press of a demo without a person, up to the closed alarm, with the time of each step."""

import asyncio
import json
import queue
import threading
from typing import Any

import click

from egide.common.clock import SystemClock
from egide.entrypoints.stack.installation import Stack
from egide.entrypoints.stack.operator import Operator

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
    async with (
        Operator(desk, f"{live}/v1/live", account["name"], account["password"]) as operator,
        operator.at_board(),
    ):
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


def print_press(stack: Stack, as_json: bool) -> None:
    """Press once and print what happened, as JSON or as lines."""
    result: dict[str, Any] = asyncio.run(press_once(stack))
    if as_json:
        click.echo(json.dumps(result))
        return
    click.echo(f"{result['alarm']}  {result['zone']}  {result['centre']}")
    for step in result["steps"]:
        click.echo(f"{step['ms']:>10.1f} ms  {step['step']}")
