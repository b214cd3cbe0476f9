"""Whatever is in the full run alone names what holds it in every run, and that is there."""

from pathlib import Path

import pytest

from tests.support import holding
from tools.tree import ROOT

HEAD = "import pytest\n\n\n"
A_TEST = "def test_a() -> None: ...\n"
A_FULL_TEST = '@pytest.mark.full("tests/test_b.py::test_b")\n' + A_TEST
CASES = """@pytest.mark.parametrize("x", [{}pytest.param(2, marks=pytest.mark.full("its other cases"))])
def test_a(x: int) -> None: ...
"""


def faults(root: Path, **sources: str) -> list[str]:
    """What is wrong in these files of tests."""
    (root / "tests").mkdir()
    (root / "phone" / "tests").mkdir(parents=True)
    (root / "phone" / "tests" / "keeping.test.ts").write_text("test('it is kept', () => {})\n")
    for name, text in sources.items():
        (root / "tests" / f"{name}.py").write_text(HEAD + text)
    return [fault for moved in holding.all_moved(root) if (fault := holding.fault_of(moved, root))]


def test_each_of_ours_is_held() -> None:
    moved = holding.all_moved(ROOT)
    assert [fault for each in moved if (fault := holding.fault_of(each, ROOT))] == []
    table = holding.as_table(moved)
    assert table.count("\n") == 2 + len(moved) and "| its other cases |" in table


@pytest.mark.parametrize(
    ("sources", "fault"),
    [
        ({"test_a": A_FULL_TEST}, "tests/test_b.py::test_b is not there"),
        ({"test_a": A_FULL_TEST, "test_b": A_TEST}, "tests/test_b.py::test_b is not there"),
        (
            {
                "test_a": A_FULL_TEST,
                "test_b": 'pytestmark = pytest.mark.full("tests/test_c.py")\ndef test_b(): ...\n',
                "test_c": A_TEST,
            },
            "tests/test_b.py::test_b is itself in the full run alone",
        ),
        (
            {"test_a": A_FULL_TEST.replace("test_b.py::test_b", "test_a.py")},
            "is itself in the full run alone",
        ),
        ({"test_a": A_FULL_TEST.replace("test_b.py::test_b", "b.py"), "b": ""}, "tests/b.py is no test"),
        (
            {
                "test_a": A_FULL_TEST.replace(
                    "tests/test_b.py::test_b", "phone/tests/keeping.test.ts::it is lost"
                )
            },
            "is not there",
        ),
        ({"test_a": "@pytest.mark.full\n" + A_TEST}, "names no test"),
        ({"test_a": "@pytest.mark.full()\n" + A_TEST}, "names no test"),
        ({"test_a": CASES.format("")}, "its other cases are said to hold it, and there are none"),
    ],
)
def test_a_holder_that_is_missing_or_left_out_itself_is_a_fault(
    tmp_path: Path, sources: dict[str, str], fault: str
) -> None:
    assert any(fault in one for one in faults(tmp_path, **sources))


def test_a_test_a_file_a_case_and_a_test_of_the_phone_hold(tmp_path: Path) -> None:
    more = "@pytest.mark.full(*HELD)\ndef test_d() -> None: ...\n"
    held = 'HELD = ("tests/test_b.py", "phone/tests/keeping.test.ts::it is kept")\n'
    named = '@pytest.mark.full("tests/test_b.py::test_b")\ndef test_c() -> None: ...\n'
    test_b = CASES.format("1, ").replace("test_a", "test_b")
    assert faults(tmp_path, test_a=held + more + named, test_b=test_b) == []
    assert len(holding.all_moved(tmp_path)) == 3


def test_a_mark_where_none_is_understood_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="marks a test, a case"):
        faults(tmp_path, test_a="LONG = pytest.mark.full('tests/test_b.py')\n")
