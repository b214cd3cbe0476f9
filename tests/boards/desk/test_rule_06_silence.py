"""Safety rule 6: a silent phone shows last fix, speed, direction, a growing circle; asking the network is a task."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.events import PositionReceived
from egide.alarm.state import Fix
from egide.boards.desk.motion import FASTEST_M_S, WALKING_M_S, motion_of, pace_m_s
from egide.protocol.envelope import Position
from tests.support.pages import MONS, Pages, near, text_of

LAT_E7, LON_E7 = 504_500_000, 39_500_000
METRE_E7 = 89.932  # of latitude


def fix(at_s: float, north_m: float = 0, accuracy_m: int = 10, age_s: int = 0) -> Fix:
    position = Position(LAT_E7 + round(north_m * METRE_E7), LON_E7, accuracy_m, age_s, 1)
    return Fix(position, round(at_s * 1_000_000))


def test_rule_06_speed_and_direction_come_from_the_last_fixes() -> None:
    motion = motion_of([fix(0), fix(20, 100), fix(40, 200)])
    assert motion is not None and motion.heading_deg is not None
    assert motion.speed_m_s == pytest.approx(5, rel=0.01)
    assert motion.speed_km_h == 18 and motion.heading_deg == pytest.approx(0, abs=0.1)
    south = motion_of([fix(0, 300), fix(30, 0)])
    assert south is not None and south.heading_deg == pytest.approx(180, abs=0.1)


def test_rule_06_what_lies_within_the_error_of_two_fixes_is_no_movement() -> None:
    motion = motion_of([fix(0, accuracy_m=60), fix(30, 50)])
    assert motion is not None and (motion.speed_m_s, motion.heading_deg) == (0, None)


def test_rule_06_the_age_of_a_fix_counts_not_its_arrival() -> None:
    """Both arrive at once after a tunnel; they were taken half a minute apart."""
    motion = motion_of([fix(100, 0, age_s=40), fix(100, 300, age_s=10)])
    assert motion is not None and motion.speed_m_s == pytest.approx(10, rel=0.01)


def test_rule_06_one_fix_or_an_impossible_jump_tells_no_speed() -> None:
    assert motion_of([]) is None and motion_of([fix(0)]) is None
    assert motion_of([fix(0), fix(5, 5_000)]) is None
    assert motion_of([fix(0), fix(3_000, 500)]) is None, "too long ago"


def test_rule_06_the_circle_grows_with_the_last_speed_and_a_walker_s_at_least() -> None:
    train = motion_of([fix(0), fix(30, 900)])
    assert pace_m_s(train) == pytest.approx(30, rel=0.01)
    assert pace_m_s(None) == WALKING_M_S


@given(
    st.lists(
        st.tuples(st.floats(0, 600), st.floats(-20_000, 20_000), st.integers(0, 500), st.integers(0, 300)),
        max_size=8,
    ),
)
def test_rule_06_the_circle_never_shrinks_and_no_speed_is_impossible(
    fixes: list[tuple[float, float, int, int]],
) -> None:
    trail = [fix(at_s, north_m, accuracy_m, age_s) for at_s, north_m, accuracy_m, age_s in fixes]
    motion = motion_of(trail)
    assert motion is None or 0 <= motion.speed_m_s <= FASTEST_M_S
    assert pace_m_s(motion) >= WALKING_M_S


def silent(pages: Pages) -> str:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]))
    pages.clock.advance_s(20)
    pages.send(alarm, PositionReceived, phone, position=near(pages.files[MONS], north_m=200))
    pages.clock.advance_s(45)
    return alarm


def test_rule_06_the_panel_of_a_silent_phone_says_where_how_fast_and_which_way(pages: Pages) -> None:
    alarm = silent(pages)
    page = pages.client(pages.user()).get(f"/desk/alarms/{alarm}")
    text = text_of(page)
    assert "The phone is silent" in text and "Last fix" in text and "36 km/h to the north" in text
    found = re.search(r'data-map="([^"]*)"', page.content.decode())
    assert found is not None
    silence = json.loads(found[1].replace("&quot;", '"'))["silence"]
    now_ms = pages.clock.now_us() // 1000
    assert silence["heard"] == now_ms - 45_000
    assert silence["pace"] == pytest.approx(10, rel=0.05)


def test_rule_06_silence_is_a_task_that_somebody_ticks_off_once_for_each_silence(pages: Pages) -> None:
    alarm = silent(pages)
    client = pages.client(pages.user("op-1"))
    assert "To do: ask the telephone network" in text_of(client.get(f"/desk/alarms/{alarm}"))
    done = text_of(client.post(f"/desk/alarms/{alarm}/localisation"))
    assert "asked for by Op-1" in done and "To do" not in done
    client.post(f"/desk/alarms/{alarm}/localisation")
    assert pages.installation.kinds(f"alarm:{alarm}").count("LocalisationAsked") == 1
