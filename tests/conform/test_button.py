"""`egide conform button`: a broadcasting button keeps every point, and one that breaks a point is found by it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from egide.button.broadcaster import BroadcastingButton
from egide.button.store import ButtonStore
from egide.button.virtual import fresh_identity
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.conform.button.broadcast import KIT, BroadcastLab
from egide.conform.points import Verdict
from egide.protocol import bthome
from egide.protocol.bthome import Advertised, Event
from tests.support.commands import run

ADDRESS, KEY = bytes.fromhex("0ceff6010203"), bytes(range(16))
Record = list[dict[str, str]]


def said(counter: int, event: int, key: bytes = KEY, battery: int = 90) -> dict[str, str]:
    frame = bthome.encode(Advertised(counter, (event,), battery, counter & 0xFF), ADDRESS, key)
    return {"frame": frame.hex()}


def good() -> Record:
    """Each frame is heard twice, as on the air."""
    touch, hold, later = said(5, Event.PRESS), said(6, Event.LONG_PRESS), said(7, Event.HOLD_PRESS)
    return [
        *({"did": "touch"}, touch, touch),
        *({"did": "hold"}, hold, hold),
        *({"did": "power"}, {"did": "hold"}, later, later),
    ]


def replaced(at: int, *lines: dict[str, str]) -> Callable[[], Record]:
    return lambda: [*good()[:at], *lines, *good()[at + 1 :]]


BAD: dict[str, Callable[[], Record]] = {
    "version": replaced(4, {"frame": "2500013a04"}),
    "encrypted": replaced(4, {"frame": "4400013a04"}),
    "key": replaced(4, said(6, Event.LONG_PRESS, bytes(16))),
    "objects": replaced(4, said(6, Event.LONG_PRESS, battery=101)),
    "counter": replaced(4, said(5, Event.LONG_PRESS)),
    "hold": lambda: [*good()[:3], {"did": "hold"}, said(6, Event.DOUBLE_PRESS)],
    "touch": replaced(1, said(4, Event.LONG_PRESS)),
    "power": lambda: [*good()[:8], said(1, Event.LONG_PRESS)],
}


def encoded(record: Record) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in record).encode()


async def test_a_good_record_keeps_every_point() -> None:
    report = await KIT.examine(BroadcastLab(encoded(good()), ADDRESS, KEY), "good")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert len(report.findings) == len(KIT.points) and report.exit_code == 0


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_button_that_breaks_a_point_is_found_by_it(broken: str) -> None:
    report = await KIT.examine(BroadcastLab(encoded(BAD[broken]()), ADDRESS, KEY), "bad")
    found = {one.point.id: one for one in report.findings}
    assert found[broken].verdict is Verdict.DEVIATES and report.exit_code == 1


async def test_our_broadcasting_button_keeps_every_point(tmp_path: Path) -> None:
    """The virtual one, over a loss of power; what it would say is written down instead of sent."""
    record: Record = []
    identity = fresh_identity()

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    class Noted(BroadcastingButton):
        async def say(self, data: bytes) -> None:
            record.extend([{"frame": data.hex()}] * 3)

    def switched_on() -> tuple[ButtonStore, Noted]:
        store = ButtonStore(tmp_path / "button.db", identity)
        return store, Noted("b1", KEY, store, SystemClock(), lambda *_step, **_facts: None, at_once)

    for did, held_s in (("touch", 0.2), ("hold", 2.0), ("power", 0.0), ("hold", 2.0)):
        record.append({"did": did})
        if held_s:
            store, button = switched_on()
            await button.hold(held_s)
            address = bthome.address_bytes(button.address)
            store.close()
    report = await KIT.examine(BroadcastLab(encoded(record), address, KEY), "ours")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []


async def test_what_the_record_does_not_show_is_not_tried() -> None:
    report = await KIT.examine(BroadcastLab(encoded(good()[3:5]), ADDRESS, KEY), "short")
    untried = {one.point.id for one in report.findings if one.verdict is Verdict.UNTRIED}
    assert untried == {"touch", "power"} and report.exit_code == 2


def test_the_command_reads_a_record_and_refuses_what_is_none(tmp_path: Path) -> None:
    record, key = tmp_path / "record.jsonl", tmp_path / "key"
    key.write_text(KEY.hex() + "\n", encoding="ascii")
    record.write_bytes(encoded(good()))
    arguments = ("conform", "button", str(record), "--key-file", str(key), "--address", "0C:EF:F6:01:02:03")
    config = Config(data_dir=tmp_path)
    whole = run(config, *arguments, "--json")
    assert whole.returncode == 0 and json.loads(whole.stdout)["holds"] == len(KIT.points)
    record.write_bytes(b'{"did": "sing"}\n')
    none = run(config, *arguments)
    assert none.returncode == 2 and "line 1" in none.stderr and KEY.hex() not in none.stderr
    neither = run(config, "conform", "button", "--key-file", str(key))
    assert neither.returncode == 2 and "--radio" in neither.stderr
    nowhere = run(config, "conform", "button", "--key-file", str(key), "--radio", "nothing:0")
    assert nowhere.returncode == 2 and "nothing:0" in nowhere.stderr
    key.write_text("secret", encoding="ascii")
    wrong = run(config, *arguments)
    assert wrong.returncode == 2 and "secret" not in wrong.stderr
