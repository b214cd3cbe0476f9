"""In which order alarms stand on a board, and by whom it rings."""

from hypothesis import given
from hypothesis import strategies as st

from egide.alarm.state import Help, Missed
from egide.boards.desk.rules import in_order, rings
from tests.support.standing import standing


def test_rule_05_duress_then_not_acknowledged_then_longest_without_arrival() -> None:
    taken_old = standing(alarm="taken-old", received_at_us=1, acknowledged_by="x")
    taken_new = standing(alarm="taken-new", received_at_us=4, acknowledged_by="x")
    waits_old = standing(alarm="waits-old", received_at_us=2)
    waits_new = standing(alarm="waits-new", received_at_us=5)
    duress = standing(alarm="duress", received_at_us=9, duress=True, acknowledged_by="x")
    order = in_order([taken_new, waits_new, taken_old, duress, waits_old])
    assert [state.alarm for state in order] == ["duress", "waits-old", "waits-new", "taken-old", "taken-new"]


@given(st.permutations(range(6)), st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_rule_05_the_order_does_not_depend_on_anything_but_the_three_criteria(
    mixed: list[int], presses: list[int]
) -> None:
    states = [
        standing(
            alarm=str(i),
            received_at_us=i,
            duress=i == 5,
            acknowledged_by="x" if i < 2 else "",
            presses=presses[i],
            acknowledged_at_us=presses[i],
        )
        for i in range(6)
    ]
    assert [state.alarm for state in in_order([states[i] for i in mixed])] == ["5", "2", "3", "4", "0", "1"]


CENTRES = st.sampled_from(["", "HAI", "LIE", "NAM"])


@given(CENTRES, CENTRES, st.sampled_from(["", "op-1"]), st.booleans(), st.booleans(), CENTRES)
def test_rule_01_an_open_alarm_that_nobody_has_rings_at_the_centre_that_leads(
    lead: str, asked: str, taken: str, closed: bool, calls_help: bool, copied_to: str
) -> None:
    state = standing(
        alarm="a",
        centre=lead,
        handover_to="" if asked == lead else asked,
        acknowledged_by=taken,
        closed_at_us=5 if closed else 0,
        help=Help("M 12", 4) if calls_help else None,
        missed=(Missed("acknowledged", 3, "neighbour", 1, copied_to),) if copied_to else (),
    )
    if closed:
        assert not any(rings(state, {centre}) for centre in ("HAI", "LIE", "NAM"))
        return
    if not taken or calls_help:
        assert rings(state, {lead or "HAI"})
    if state.lead.handover_to:
        assert not lead or rings(state, {state.lead.handover_to}), (
            "who is asked hears it until somebody took over"
        )
    assert rings(state, set()) == (calls_help or (not lead and not taken))
