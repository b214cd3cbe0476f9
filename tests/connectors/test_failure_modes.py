"""Each connector is tried by each way in which its other side may fail, or a sentence says why it cannot."""

from collections.abc import Callable

import pytest

from tests.support.failing import MODES, PAGE, Row, as_page, faults_of, read_rows

HERE = "tests/connectors/test_failure_modes.py::test_each_way_of_failing_is_held_or_cannot_happen"
WHOLE = Row("Ours", ("connectors/cad",), dict.fromkeys(MODES, (HERE,)))


def test_each_way_of_failing_is_held_or_cannot_happen() -> None:
    rows = read_rows()
    assert faults_of(rows) == []
    assert PAGE.read_text("utf-8") == as_page(rows), "`make contracts` writes it again"


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ((), "slow: no test, and no reason why there is none"),
        ("no", "slow: 'no' is no reason"),
        (("tests/connectors/test_failure_modes.py",), "names no test of its file"),
        (("tests/connectors/test_failure_modes.py::test_nothing",), "is not there"),
        (("tests/connectors/nowhere.py::test_nothing",), "is not there"),
        (
            (
                "tests/connectors/test_gammu.py::test_a_press_comes_by_a_modem_and_the_sentence_and_an_alert_go_by_it",
            ),
            "is itself in the full run alone",
        ),
    ],
)
def test_what_holds_nothing_is_named(held: tuple[str, ...] | str, fault: str) -> None:
    found = faults_of({"ours": Row("Ours", WHOLE.code, WHOLE.ways | {"slow": held})})
    assert any(sentence.startswith("ours: slow") and fault in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("left_out", "fault"),
    [
        (lambda code: code.startswith("connectors/trackers"), "connectors/trackers: no row has its code"),
        (lambda code: code == "connectors/tak/road.py", "tak: no row has connectors/tak/road.py"),
    ],
)
def test_a_connector_without_a_row_is_named(left_out: Callable[[str], bool], fault: str) -> None:
    kept = {name: row for name, row in read_rows().items() if not any(map(left_out, row.code))}
    assert any(fault in sentence for sentence in faults_of(kept))


def test_what_is_left_out_misspelt_or_gone_is_named() -> None:
    ways = {mode: held for mode, held in WHOLE.ways.items() if mode != "huge"} | {
        "late": "Never at all, it seems."
    }
    found = faults_of({"ours": Row("Ours", ("connectors/cad", "connectors/gone"), ways)})
    for fault in ("connectors/gone is not there", "late is no way of failing", "huge: no test"):
        assert any(sentence.startswith(f"ours: {fault}") for sentence in found), fault
