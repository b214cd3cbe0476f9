"""Messages that a phone could not send for long arrive once each and in order, although intake limits every phone."""

import random
from pathlib import Path

import pytest

from egide.intake.service import BURST, LEFT_BY_REST, PER_S
from tests.android.draining import drain
from tests.companion.intake import serving

# Beyond what intake takes at once; and how seldom the proxy before it is away.
MORE, SELDOM = 40, 15
pytestmark = pytest.mark.usefixtures("built")

# Intake keeps no room beside words, so that many of them leave none for what comes behind them for ten seconds.
MOSTLY_WORDS = (5, 10, 100)


def test_more_than_intake_takes_at_once_arrives_in_order_and_presses_first(
    tmp_path: Path, chance: random.Random
) -> None:
    # Phones are told no address but the one that they know.
    with serving(tmp_path / "intake", intake_urls=()) as server:
        messages = int(BURST - LEFT_BY_REST) + MORE
        drained = drain(server, tmp_path / "phone", messages, 3, chance, SELDOM)
    assert drained.faults() == []
    assert drained.away
    # It met the limit and waited; a machine on which it is slower than intake allows never does.
    assert drained.limited or drained.sent_s > 0.8 * MORE / PER_S


def test_what_words_leave_no_room_for_keeps_its_order_too(tmp_path: Path, chance: random.Random) -> None:
    with serving(tmp_path / "intake", intake_urls=()) as server:
        drained = drain(server, tmp_path / "phone", int(BURST) + 5, 3, chance, 0, MOSTLY_WORDS)
    assert drained.faults() == []
