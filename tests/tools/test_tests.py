"""The tests keep to decision 0023: they wait on states, are told once, and each belongs to one lane."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import is_of_engines
from tests.support import choosing, spreading
from tests.support.installation import Installation
from tests.support.postgres import IN_POSTGRES
from tools.tree import ROOT

TESTS = ROOT / "tests"
# Where time passes because it is the subject, or because something is looked at again and again until it is so.
MAY_SLEEP = {
    "conform/tiny.py": "the pauses of a phone, a hundredth as long",
    "deploy/test_crowd.py": "a stream looks for news again and again",
    "laws/test_chain_killed.py": "the moment of a kill",
    "laws/test_intake_killed.py": "the moment of a kill, and the phones' pace",
    "laws/test_ladder_killed.py": "the moment of a kill",
    "laws/test_night_killed.py": "the moment of a kill, and what people do meanwhile",
    "laws/test_supervision_killed.py": "the moment of a kill",
    "support/boards.py": "a board asks again as its script does",
    "support/dispatch_system.py": "a system that answers late",
    "support/sms_gateway.py": "a gateway asks again",
    "support/waiting.py": "looks again and again until it is so",
    "virtual.py": "a finger's hold, a hundred times shortened",
}
MAY_WAIT_ON_A_PAGE = {
    "journeys/phone_app.py": "looks again while the page's requests are answered",
    "journeys/native_app.py": "looks again while the page's questions are carried to its engine",
}
MAY_LOOK_WITHOUT_WAITING = {
    "journeys/phone_app.py": "the phone's database, not its page",
    "journeys/test_phone_checks.py": "asks again until the page shows it",
    "journeys/test_rule_39_stray_keys.py": "which of two is there, once one of them is",
    "support/browser.py": "`every` itself, once the page is there",
}
# What a browser answers at once, with nothing when the page is still on its way.
LOOK = re.compile(
    r"\.((all|count|all_inner_texts|all_text_contents|is_visible|is_hidden)\(\)|(evaluate_all|query_selector\w*)\()"
)
SLEEP = re.compile(r"\bsleep\((?!0\))")


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("*.py")):
        if path != Path(__file__):
            yield str(path.relative_to(TESTS)), path.read_text(encoding="utf-8")


def test_no_test_waits_for_time_to_pass() -> None:
    assert {name for name, text in sources() if SLEEP.search(text)} == set(MAY_SLEEP)
    assert {name for name, text in sources() if "wait_for_timeout(" in text} == set(MAY_WAIT_ON_A_PAGE)


def test_no_story_reads_a_page_that_is_still_on_its_way() -> None:
    told = (pair for pair in sources() if pair[0].startswith("journeys/") or pair[0] == "support/browser.py")
    assert {name for name, text in told if LOOK.search(text)} == set(MAY_LOOK_WITHOUT_WAITING)


def test_nothing_is_told_twice() -> None:
    told_again = re.compile(r"flaky|rerun", re.IGNORECASE)
    assert [name for name, text in sources() if told_again.search(text)] == []
    assert "rerun" not in (ROOT / "pyproject.toml").read_text()


def test_every_path_of_a_lane_exists_and_every_worker_has_lanes() -> None:
    for path in (*spreading.WAITING_PATHS, *spreading.LONG_PATHS, *spreading.TOGETHER_PATHS):
        assert list(ROOT.glob(f"{path}*")), path
    served = [lane for turn in spreading.TURNS for lane in turn]
    assert set(served) == {spreading.BROWSER, spreading.WAITING, spreading.COMPUTING}
    assert spreading.TURNS[0][0] == spreading.BROWSER, "a run with one worker must serve every lane"
    assert set(spreading.TURNS[0]) == set(served)


def test_stories_and_tests_of_processes_go_out_one_by_one_and_files_that_compute_whole() -> None:
    story, file = "tests/journeys/test_pages.py::test_x[de]", "tests/boards/desk/test_rules.py"
    assert spreading.unit_of(story) == story
    assert (
        spreading.unit_of("tests/laws/test_chain_killed.py::test_x")
        == "tests/laws/test_chain_killed.py::test_x"
    )
    assert spreading.unit_of(f"{file}::test_x") == file
    folder, *files = spreading.TOGETHER_PATHS
    together = [
        f"{folder}test_a.py::test_x",
        f"{folder}test_b.py::test_x",
        *(f"{one}::test_x" for one in files),
    ]
    assert {spreading.unit_of(test) for test in together} == {folder, *files}
    # These wait for nothing: their files share what is dear to build.
    waiting = [test for test in together if not test.startswith(("tests/matrix/", "tests/android/"))]
    assert {spreading.lane_of(test) for test in waiting} == {spreading.WAITING}


def test_what_takes_longest_begins_first_and_all_others_come_as_they_are() -> None:
    units = [
        "tests/common/test_ids.py",
        "tests/evaluation/test_report.py",
        "tests/matrix/",
        "tests/access/test_a.py",
    ]
    assert sorted(units, key=spreading.rank_of) == [units[2], units[1], units[0], units[3]]


def test_a_worker_comes_to_the_stories_last_only_where_a_browser_more_is_worth_its_start() -> None:
    first, last = spreading.TURNS[0], spreading.TURNS[1]
    assert last[-1] == spreading.BROWSER
    assert spreading.is_worth_a_browser(first, 1)
    assert spreading.is_worth_a_browser(last, spreading.WORTH_A_BROWSER)
    assert not spreading.is_worth_a_browser(last, spreading.WORTH_A_BROWSER - 1)


def test_whatever_waits_and_shares_what_it_starts_stays_together() -> None:
    """One worker each would start it again; what is cheap to make, or serves a whole folder, may be."""
    cheap = {"entrypoints/test_verify_export_example.py": "links to three packages"}
    shares = re.compile(r"""fixture\(scope="(module|package|session)"\)""")
    sharing = {name for name, text in sources() if shares.search(text) and "conftest" not in name}
    waiting = {name for name in sharing if spreading.lane_of(f"tests/{name}") == spreading.WAITING}
    assert {name for name in waiting if f"tests/{name}" not in spreading.TOGETHER_PATHS} == set(cheap)


def test_only_names_a_package_a_story_a_file_or_one_test() -> None:
    assert choosing.argument_for("desk") == "tests/boards/desk"
    assert choosing.argument_for("rule_04_canary") == "tests/journeys/test_rule_04_canary.py"
    one = "tests/boards/desk/test_rules.py::test_x"
    assert choosing.argument_for(one) == one


def test_what_only_the_full_run_has_is_run_for_who_names_it_or_a_file_of_nothing_else() -> None:
    mixed, full = ROOT / "tests/a/test_mixed.py", ROOT / "tests/a/test_full.py"
    tests = [(mixed, False), (mixed, True), (full, True)]

    def meant(*arguments: str) -> list[bool]:
        return choosing.meant_among(tests, arguments, ROOT)

    assert meant() == meant("tests/a") == meant("tests/a/test_mixed.py") == [True, False, False]
    assert meant("tests/a/test_full.py") == meant(str(full)) == [True, False, True]
    assert meant("tests/a/test_full.py::test_x") == [True, True, True]


def test_a_run_with_postgresql_repeats_what_stands_on_an_installation(
    request: pytest.FixtureRequest, installation: Installation
) -> None:
    assert is_of_engines(request.node)
    # A run with files has it in a file.
    assert bool(installation.config.journal) is IN_POSTGRES


@pytest.mark.files("to see that the mark counts")
def test_and_leaves_out_what_speaks_of_files_or_asks_for_no_installation(
    request: pytest.FixtureRequest, installation: Installation
) -> None:
    assert not is_of_engines(request.node) and installation.config.journal_db.exists()
