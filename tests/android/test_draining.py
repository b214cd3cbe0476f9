"""Messages that a phone could not send for long arrive once each and in order, although intake limits every phone."""

import random
from pathlib import Path

import pytest

from egide.intake.service import BURST, LEFT_BY_REST
from tests.android.draining import drain
from tests.companion.intake import serving

pytestmark = pytest.mark.usefixtures("built")


def test_more_than_intake_takes_at_once_arrives_in_order_and_presses_first(
    tmp_path: Path, chance: random.Random
) -> None:
    with serving(tmp_path / "intake") as server:
        drained = drain(server, tmp_path / "phone", int(BURST - LEFT_BY_REST) + 40, 3, chance)
    assert drained.faults() == []
    # It met the limit again and again, and waited each time.
    assert drained.limited >= 3
