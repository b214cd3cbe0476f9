"""What is read before the workers are forked, and in which order."""

import subprocess
import sys
from pathlib import Path

from hypothesis import settings

from tests.support.reading import AFTER_THE_FORK, TESTS, files_of

# As every test's own settings, this holds what was chosen when the file was read.
AS_IT_WAS_READ = settings()

NAMES = (
    "conftest.py",
    "a/conftest.py",
    "a/test_one.py",
    "a/helper.py",
    "a/b/test_two.py",
    "node_modules/test_its.py",
)


def made_at(root: Path) -> Path:
    """A few files of tests, which are not to be loaded."""
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("raise AssertionError\n")
    return root


def test_of_a_folder_its_tests_are_read_each_behind_what_it_leans_on(tmp_path: Path) -> None:
    read = [str(path.relative_to(tmp_path)) for path in files_of(["."], made_at(tmp_path))]
    one, two = ["a/conftest.py", "a/test_one.py"], ["a/conftest.py", "a/b/test_two.py"]
    assert read == ["conftest.py", *one, "conftest.py", *two]


def test_who_names_one_file_or_one_test_reads_no_other(tmp_path: Path) -> None:
    root = made_at(tmp_path)
    for named in ("a/test_one.py", "a/test_one.py::test_it[a::b]"):
        read = [str(path.relative_to(root)) for path in files_of([named], root)]
        assert read == ["conftest.py", "a/conftest.py", "a/test_one.py"]


def test_whatever_package_is_named_nothing_is_loaded_beside_which_no_fork_is_safe() -> None:
    # The matrix makes published figures in its conftest.py, and is the only package that needs their library there.
    read = "import sys; from tests.support.reading import do_read; do_read(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", read, f"{TESTS}/matrix"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "pytest" in loaded and not {*AFTER_THE_FORK} & {*loaded}


def test_whoever_reads_a_file_has_chosen_how_many_examples_are_tried_and_that_none_is_timed() -> None:
    assert AS_IT_WAS_READ.deadline is None and AS_IT_WAS_READ.suppress_health_check
    assert AS_IT_WAS_READ.max_examples == settings.default.max_examples
