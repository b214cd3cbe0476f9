"""The table of ASVS 5.0 is whole, and whatever it says to hold is held by a test that exists."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security" / "asvs.md"
ROW = re.compile(r"^\| (\d+)\.(\d+)\.(\d+) \| ([^|]+) \| ([^|]+) \| ?([^|]*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+?(?:\.py)?)(?:::(\w+))?`")
# How many points levels 1 and 2 have in each chapter of version 5.0.0.
POINTS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}
STANDS = {"holds", "in part", "not yet", "yours", "none here"}


def rows() -> list[tuple[str, ...]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_every_point_of_levels_one_and_two_stands_in_the_table_once() -> None:
    found = [(int(chapter), int(section), int(number)) for chapter, section, number, *_ in rows()]
    assert found == sorted(set(found))
    assert Counter(chapter for chapter, *_ in found) == POINTS
    assert {stands for *_, stands, _how in rows()} <= STANDS


def test_what_is_said_to_hold_names_a_test_or_a_check_and_each_exists() -> None:
    for chapter, section, number, _what, stands, how in rows():
        point = f"{chapter}.{section}.{number}"
        named = TEST.findall(how)
        proven = named or "make check" in how or "make fuzz" in how or "garbage collection" in how
        assert proven or stands != "holds", point
        assert how.strip() or stands == "none here" or stands == "yours", point
        for path, test in named:
            file = ROOT / path
            assert file.exists(), (point, path)
            if test:
                assert re.search(rf"def {test}\(", file.read_text(encoding="utf-8")), (point, test)
