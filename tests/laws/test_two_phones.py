"""Law: through whatever history, the phone in Java and the one in Python send, show and say to the button the same."""

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.android.histories import PlayedCore, differences, live_through
from tests.android.played_companion import PlayedCompanion
from tools import android_core

# So many things happen in one history. A step is whatever happens to a phone: one of these, an answer, what is due.
EVENTS, IN_EVERY_RUN, IN_LAWS = 40, 10_000, 1_000_000


@pytest.mark.law
def test_core_and_companion_do_the_same_through_the_same_histories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rounds: int, chance: random.Random
) -> None:
    try:
        android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
    happened, wanted = 0, IN_LAWS if rounds >= 200 else IN_EVERY_RUN
    with PlayedCore() as core, PlayedCompanion(monkeypatch) as companion:
        while happened < wanted:
            seed = int(os.environ.get("HISTORY", chance.randrange(10**9)))
            # What a phone keeps would fill the memory in which tests write, many thousands of phones later.
            with TemporaryDirectory(dir=tmp_path) as folder:
                worlds = [live_through(phone, Path(folder), seed, EVENTS) for phone in (companion, core)]
            found = differences(*worlds)
            assert found == [], "\n".join([f"again: HISTORY={seed}", *found])
            happened += min(world.steps for world in worlds)
