"""Law: through servers that are away, full, silent or limit it, what a phone keeps arrives, and in its order."""

import json
import os
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from egide.protocol.envelope import Kind, decode
from tests.android.drawn import Passing
from tests.android.histories import Phone, World, live_through
from tests.android.played import played_core, played_web
from tests.android.played_companion import PlayedCompanion
from tools import android_core

EVENTS = 80
IN_EVERY_RUN, IN_LAWS = 2_000, 100_000
# Longer than any pause at rest.
AT_LAST_US = 700_000_000
# Sound goes on being recorded to the last moment.
ON_THEIR_WAY_US = 60_000_000
# Of places and signs of life the newest goes first, so their order is not that of their counters.
IN_ORDER = (Kind.TEXT, Kind.TEST, Kind.NOTICE, Kind.AUDIO)

Made = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[Phone]]


def a_core(_web_app: Path, _monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Phone]:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    return played_core()


def a_companion(_web_app: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Phone]:
    return PlayedCompanion(monkeypatch)


def a_web_app(web_app: Path, _monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Phone]:
    return played_web(web_app)


def said(world: World) -> set[tuple[Kind, int]]:
    """Kind and counter of each message that the phone tried to send, but for those that are on their way at the end."""
    until_us = world.trace[-1][0] - ON_THEIR_WAY_US
    asked = [did[1:] for at, line in world.trace if at < until_us and (did := json.loads(line))[0] == "ask"]
    bodies = {body for url, body in asked if url.endswith("/v1/messages")}
    messages = [decode(bytes.fromhex(body)).message for body in bodies]
    return {(message.kind, message.counter) for message in messages}


def faults(world: World) -> list[str]:
    found = []
    for kind in IN_ORDER:
        came = [counter for of, counter in world.server.came if of is kind]
        if came != sorted(came):
            found.append(f"{kind.name} came as {came}")
        if missing := {counter for of, counter in said(world) if of is kind} - set(came):
            found.append(f"{kind.name} never came: {sorted(missing)}")
    return found


@pytest.mark.law
@pytest.mark.parametrize("made", [a_core, a_companion, a_web_app])
def test_what_waited_for_servers_arrives_in_its_order(
    tmp_path: Path,
    web_app: Path,
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
    chance: random.Random,
    made: Made,
) -> None:
    is_web = made is a_web_app
    wanted = (IN_LAWS if rounds >= 200 else IN_EVERY_RUN) // (4 if is_web else 1)
    happened = waited = 0
    with made(web_app, monkeypatch) as phone:
        while happened < wanted:
            seed = int(os.environ.get("HISTORY", chance.randrange(10**9)))
            with TemporaryDirectory(dir=tmp_path) as kept:
                world = live_through(
                    phone, Path(kept), seed, EVENTS, 1000, hears=not is_web, officers=not is_web, kind=Passing
                )
                world.happen(1000, "network", "well", {"servers": [0, 1]})
                world.happen(1000, "phone", "hurry", {})
                world.happen(AT_LAST_US, "phone", "hurry", {})
            assert faults(world) == [], f"again: HISTORY={seed}"
            happened += world.steps
            waited += len(world.server.came)
    assert waited
