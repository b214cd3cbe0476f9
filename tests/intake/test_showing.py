"""What boards are shown of what a machine keeps: a line for each kit, and no more than anybody may know."""

from hashlib import sha256
from typing import Any

import pytest

from egide.common.clock import SetClock
from egide.common.ticket import Ticket
from egide.entrypoints.streams.kept_rows import may_see
from egide.intake.away.showing import LINGERS_S, KeptAlarm, Showing, one_for_each_kit
from egide.intake.rules import Device
from egide.protocol.envelope import Kind, Message, Position, Trigger
from tests.support.installation import HOME_CENTRE, MANAGING_ZONE, NOW_S, ORIGIN

AT_US = NOW_S * 1_000_000
HERE, THERE = (Position(504_000_000 + n, 39_000_000, 20, 0, 1) for n in (0, 1))


def device(**fields: Any) -> Device:
    return Device(
        **{
            "device": "d" * 16,
            "kit": "k",
            "case": "c",
            "origin": ORIGIN,
            "grant_ends_at_s": None,
            "returned": False,
            **fields,
        }
    )


def message(counter: int = 1, kind: Kind = Kind.PRESS, after_s: int = 0, **fields: Any) -> Message:
    return Message(kind=kind, counter=counter, sent_at_s=NOW_S + after_s, **fields)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AT_US)


@pytest.fixture
def showing(clock: SetClock) -> Showing:
    made = Showing(clock)
    made.learn(device())
    return made


def add(showing: Showing, kid: str, message: Message, at_us: int) -> bytes:
    """Its digest, as if the message were all that was sent."""
    digest = sha256(repr((kid, message)).encode()).digest()
    showing.add(kid, digest, message, at_us)
    return digest


def only(showing: Showing) -> KeptAlarm:
    (line,) = showing.lines()
    return line


def test_a_kit_is_one_line_with_its_latest_position_and_each_press_counts_once(showing: Showing) -> None:
    add(showing, "d" * 16, message(1, position=HERE), AT_US)
    for _ in range(2):
        add(
            showing,
            "d" * 16,
            message(2, after_s=5, trigger=Trigger.DURESS, position=THERE),
            AT_US + 5_000_000,
        )
    # Held up on its way: older than what is known.
    add(showing, "d" * 16, message(3, Kind.POSITION, after_s=2, press=1, position=HERE), AT_US + 6_000_000)
    line = only(showing)
    assert (line.kit, line.case, line.home_centre, line.zone) == ("k", "c", HOME_CENTRE, MANAGING_ZONE)
    assert (line.presses, line.is_duress, line.position) == (2, True, THERE)
    assert (line.first_ms, line.last_ms) == (NOW_S * 1000, NOW_S * 1000 + 6000)


def test_a_line_stays_until_the_journal_has_all_of_it_and_a_moment_longer(
    showing: Showing, clock: SetClock
) -> None:
    first, second = (add(showing, "d" * 16, message(counter), AT_US) for counter in (1, 2))
    # Said again: it waits once.
    add(showing, "d" * 16, message(1), AT_US)
    showing.settle([first])
    clock.advance_s(LINGERS_S)
    assert only(showing).presses == 2
    showing.settle([second])
    clock.advance_s(LINGERS_S - 0.1)
    third = add(showing, "d" * 16, message(3), AT_US + 5_000_000)
    clock.advance_s(LINGERS_S)
    assert only(showing).presses == 3
    showing.settle([third])
    clock.advance_s(LINGERS_S)
    assert showing.lines() == []
    add(showing, "d" * 16, message(4), AT_US + 9_000_000)
    assert (only(showing).presses, only(showing).first_ms) == (1, NOW_S * 1000 + 9000)
    showing.settle_all()
    clock.advance_s(LINGERS_S)
    assert showing.lines() == []


def test_what_was_in_the_journal_before_it_could_be_shown_leaves_no_line_behind(showing: Showing) -> None:
    digest = sha256(repr(("d" * 16, message(1))).encode()).digest()
    showing.settle([digest])
    assert add(showing, "d" * 16, message(1), AT_US) == digest
    assert showing.lines() == []


def test_a_position_of_an_alarm_that_is_open_shows_without_a_press(showing: Showing) -> None:
    add(showing, "d" * 16, message(9, Kind.POSITION, press=4, position=HERE), AT_US)
    assert (only(showing).presses, only(showing).position) == (0, HERE)


def test_of_a_phone_that_nobody_knows_here_no_place_is_shown() -> None:
    showing = Showing(SetClock(AT_US))
    add(showing, "e" * 16, message(1, position=HERE), AT_US)
    line = only(showing)
    assert (line.kit, line.zone, line.position) == ("e" * 16, "", None)
    assert may_see(Ticket("s", 0, supervisor=True), line)
    assert not may_see(Ticket("o", 0, centres=(HOME_CENTRE,)), line)


def test_rule_38_an_earlier_phone_stands_beside_and_moves_nothing(showing: Showing) -> None:
    showing.learn(device(device="e" * 16, is_superseded=True))
    add(showing, "d" * 16, message(1, position=HERE), AT_US)
    add(showing, "e" * 16, message(1, after_s=9, position=THERE), AT_US)
    now, earlier = showing.lines()
    assert (now.presses, now.position, now.is_earlier) == (1, HERE, False)
    assert (earlier.kit, earlier.presses, earlier.position, earlier.is_earlier) == ("k", 1, None, True)


def test_a_blocked_phone_shows_nowhere(showing: Showing) -> None:
    showing.learn(device(is_superseded=True, is_blocked=True))
    add(showing, "d" * 16, message(1, position=HERE), AT_US)
    assert showing.lines() == []


@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        ({"centres": (HOME_CENTRE,)}, True),
        ({"supervisor": True}, True),
        ({"centres": ("BE-LIE",)}, False),
        ({"zones": (MANAGING_ZONE,)}, False),
        ({"centres": (HOME_CENTRE,), "supervisor": True, "hidden": ("c",)}, False),
    ],
)
def test_rule_27_only_its_home_centre_and_supervisors_see_it_and_nobody_whom_the_file_bars(
    showing: Showing, scope: dict[str, Any], sees: bool
) -> None:
    add(showing, "d" * 16, message(1, position=HERE), AT_US)
    assert may_see(Ticket("op", 0, **scope), only(showing)) is sees


def test_rule_09_what_two_writers_keep_of_a_kit_is_one_line(showing: Showing) -> None:
    other = Showing(SetClock(AT_US))
    for one in (device(), device(device="e" * 16, kit="l")):
        other.learn(one)
    add(showing, "d" * 16, message(1, position=HERE), AT_US)
    add(other, "d" * 16, message(1, trigger=Trigger.DURESS), AT_US + 3_000_000)
    add(other, "e" * 16, message(1), AT_US)
    lines = [*showing.lines(), *other.lines()]
    for order in (lines, lines[::-1]):
        line, second = sorted(one_for_each_kit(order), key=lambda one: one.kit)
        assert (line.kit, line.presses, line.is_duress, line.position) == ("k", 1, True, HERE)
        assert (line.first_ms, line.last_ms) == (NOW_S * 1000, NOW_S * 1000 + 3000)
        assert (second.kit, second.presses) == ("l", 1)
