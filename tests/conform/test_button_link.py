"""The kit for a button that links: the virtual one keeps every point, and one that breaks a point is found by it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from egide.button import peers, profile, repeats, rules
from egide.button.store import ButtonStore
from egide.conform.button.linked import HOLD, KIT, WINDOW, LinkLab, radio
from egide.conform.points import Verdict
from tests.support.commands import COMMAND
from tests.virtual import KEY, OTHER_KEY, SOON_S, Button, on_air


@asynccontextmanager
async def examined(path: Path) -> AsyncIterator[LinkLab]:
    async with on_air() as air, Button(air, path) as button, radio(await air.transport()) as device:

        async def ask(what: str) -> None:
            if what == WINDOW:
                await button.virtual.open_pairing(SOON_S)
            elif what == HOLD:
                await button.virtual.hold(2)

        yield LinkLab(device, KEY, ask)


async def test_the_virtual_button_keeps_every_point(tmp_path: Path) -> None:
    async with examined(tmp_path / "b.db") as lab:
        report = await KIT.examine(lab, "ours")
    assert [one for one in report.findings if one.verdict is not Verdict.HOLDS] == []
    assert len(report.findings) == len(KIT.points) and report.exit_code == 0


Plant = Callable[[pytest.MonkeyPatch], None]


def planted(target: object, name: str, value: object) -> Plant:
    return lambda patch: patch.setattr(target, name, value)


async def taken(*_arguments: object) -> None:
    """Whatever was written."""


def another_proof(value: bytes, _nonce: bytes, _key: bytes) -> bytes:
    """Believes each claim."""
    return value[:8]


async def overfull(*_arguments: object) -> bytes:
    """200 %."""
    return b"\xc8"


def other_frames(**changed: object) -> SimpleNamespace:
    """The frames as the button knows them: those of the kit stay as they are."""
    return SimpleNamespace(**{**vars(peers.frames), **changed})


BAD: dict[str, Plant] = {
    "window": planted(rules, "NEUTRAL_NAME", "Alarm button"),
    "unencrypted": planted(profile, "_READ", profile._P.READABLE),
    "wrong-claim": planted(peers, "frames", other_frames(decode_claim=another_proof)),
    "claim": planted(peers, "frames", other_frames(claim_answer=lambda *_: bytes(8))),
    "at-rest": planted(rules, "advertisement", lambda _open, true=rules.advertisement: true(True)),
    "press": planted(
        repeats, "encode_frame", lambda frame, _key, true=repeats.encode_frame: true(frame, OTHER_KEY)
    ),
    "repeats": planted(rules, "repeat_after_s", lambda _copies: None),
    "wrong-acknowledgement": planted(peers.Peers, "acknowledge", taken),
    "acknowledgement": planted(ButtonStore, "do_acknowledge", lambda _store, _counter: False),
    "hold-time": planted(rules, "may_take_hold", lambda *_: True),
    "battery": planted(peers.Peers, "battery", overfull),
}
# What a bad button fails to do is not waited for longer.
SHORT_S = 1.0


@pytest.mark.parametrize("broken", [point.id for point in KIT.points])
async def test_a_button_that_breaks_a_point_is_found_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    names = [point.id for point in KIT.points]
    before = names[: names.index(broken)]
    BAD[broken](monkeypatch)
    async with examined(tmp_path / "b.db") as lab:
        if before:
            await KIT.examine(lab, "bad", only=before)
        if broken == "repeats":
            lab.patience_s = SHORT_S
        report = await KIT.examine(lab, "bad", only=(broken,))
    assert report.findings[0].verdict is Verdict.DEVIATES, report.findings[0].came
    assert report.exit_code == 1


async def test_the_command_reaches_a_button_over_the_virtual_air(tmp_path: Path) -> None:
    """In a process of its own; what it asks for on standard error is done with the button."""
    key = tmp_path / "key"
    key.write_text(KEY.hex(), encoding="ascii")
    async with on_air() as air, Button(air, tmp_path / "b.db") as button:
        arguments = (
            "conform",
            "button",
            "--radio",
            f"tcp-client:{air.address}",
            "--key-file",
            str(key),
            "--json",
        )
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None and process.stdout is not None
        async for line in process.stderr:
            if WINDOW.encode() in line:
                await button.virtual.open_pairing(SOON_S)
            elif HOLD.encode() in line:
                await button.virtual.hold(2)
        report = json.loads(await process.stdout.read())
        assert await process.wait() == 0, report
    assert report["holds"] == len(KIT.points)
