"""Law: through whatever history, the phones in Java, Python and TypeScript send, show and acknowledge the same."""

import os
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.android.comparing import FELT, REPORTED, SHOWN, WORDS, differences, shows, without
from tests.android.histories import Phone, World, live_through
from tests.android.played import played_core, played_web
from tests.android.played_companion import PlayedCompanion
from tests.laws.conftest import ROUNDS
from tools import android_core

# So many things happen in one history. A step is whatever happens to a phone: one of these, an answer, what is due.
EVENTS = 40
IN_EVERY_RUN, IN_FULL = 10_000, 1_000_000
# The web app takes three times as long: its signatures and its disk are the browser's, as Node has them. `make laws`
# says how many its own are, in shares that go side by side.
WEB_IN_EVERY_RUN, WEB_IN_FULL = 2_500, int(os.environ.get("LAW_STEPS", "100000"))
SHARES = 4 if ROUNDS >= 200 else 1
# A history in which two timers end in one millisecond parted in 10 of 40 plays; a million steps hold many such.
TRIES = 10

Made = Callable[[], AbstractContextManager[Phone]]


@pytest.fixture
def core() -> Made:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    return played_core


def compare(
    folder: Path,
    chance: random.Random,
    wanted: int,
    makes: tuple[Made, Made],
    alike: Callable[[World, World], list[str]],
    is_native: bool = False,
    step_us: int = 1,
) -> None:
    """`is_native`: what the web app has no part in happens too, sound and the tests of officers. All happens at
    multiples of `step_us`.

    Of two timers that end within one of the web app's milliseconds either may come first, and not the same one each
    time: a history counts as different where the web app parts TRIES times in turn.
    """
    happened = 0
    with makes[0]() as one, makes[1]() as other:
        while happened < wanted:
            seed = int(os.environ.get("HISTORY", chance.randrange(10**9)))
            for _time in range(1 if is_native else TRIES):
                # What a phone keeps would fill the memory in which tests write, many thousands of phones later.
                with TemporaryDirectory(dir=folder) as kept:
                    worlds = [
                        live_through(
                            phone, Path(kept), seed, EVENTS, step_us, hears=is_native, officers=is_native
                        )
                        for phone in (one, other)
                    ]
                found = alike(worlds[0], worlds[1])
                if not found:
                    break
            assert found == [], "\n".join([f"again: HISTORY={seed}", *found])
            happened += min(world.steps for world in worlds)


@pytest.mark.law
def test_core_and_companion_do_the_same_through_the_same_histories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int, chance: random.Random, core: Made
) -> None:
    def alike(companion: World, core: World) -> list[str]:
        return differences(("companion", "core"), companion.trace, without(core.trace, SHOWN, FELT))

    wanted = IN_FULL if rounds >= 200 else IN_EVERY_RUN
    compare(tmp_path, chance, wanted, (lambda: PlayedCompanion(monkeypatch), core), alike, is_native=True)


@pytest.mark.law
@pytest.mark.parametrize("share", range(1, SHARES + 1))
def test_core_and_web_app_do_the_same_through_the_same_histories(
    tmp_path: Path, rounds: int, chance: random.Random, core: Made, web_app: Path, share: int
) -> None:
    def alike(web: World, core: World) -> list[str]:
        assert all(shows(world.trace) == sorted(WORDS) for world in (web, core))
        return differences(("web", "core"), web.trace, without(core.trace, REPORTED))

    wanted = WEB_IN_FULL // SHARES if rounds >= 200 else WEB_IN_EVERY_RUN
    # A browser's clock counts milliseconds: what happens within one of them has no order for the web app.
    compare(tmp_path, chance, wanted, (lambda: played_web(web_app), core), alike, step_us=1000)
