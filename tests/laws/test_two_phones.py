"""Law: through whatever history, the phone in Java and the one in Python send, show and say to the button the same."""

import os
import random
from pathlib import Path

import pytest

from tests.android.histories import PlayedCore, differences, live_through
from tests.android.played_companion import PlayedCompanion
from tools import android_core

# So many things happen in one history, and so many steps of both phones make a round.
EVENTS, STEPS = 100, 5_000


@pytest.mark.law
def test_core_and_companion_do_the_same_through_the_same_histories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int, chance: random.Random
) -> None:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    happened = 0
    with PlayedCore() as core, PlayedCompanion(monkeypatch) as companion:
        while happened < rounds * STEPS:
            seed = int(os.environ.get("HISTORY", chance.randrange(10**9)))
            worlds = [live_through(phone, tmp_path, seed, EVENTS) for phone in (companion, core)]
            found = differences(*worlds)
            assert found == [], "\n".join([f"again: HISTORY={seed}", *found])
            happened += min(world.steps for world in worlds)
