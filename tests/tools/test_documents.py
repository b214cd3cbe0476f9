"""Decisions are numbered without holes and listed, and the changelog has the sections that readers look for."""

import re
from collections.abc import Iterator
from fnmatch import filter as matching
from pathlib import Path

from tools.tree import ROOT, find_files

DECISIONS = ROOT / "docs" / "decisions"
SECTIONS = ["Added", "Changed", "Fixed", "Security"]
# A test as documents name it: folder, file or function (with a star for several), and a function of that file.
NAMED = re.compile(r"`((?:[\w.-]+/)*)((?:test_[\w*]+|[\w*]+\.test)(?:\.py|\.ts)?)(?:::(test_\w+))?`")
FUNCTION = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)


def test_decisions_are_numbered_without_holes_and_each_is_listed() -> None:
    names = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    listed = re.findall(
        r"^\| \[(\d{4})\]\(([\w-]+\.md)\) \| \S", (DECISIONS / "README.md").read_text(), re.MULTILINE
    )
    assert [name for _number, name in listed] == names
    assert all(name.startswith(number) for number, name in listed)


def test_each_decision_bears_its_number_and_says_what_holds_it() -> None:
    for path in DECISIONS.glob("[0-9]*.md"):
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# {path.name[:4]}[.:] \S", text), path.name
        assert re.search(r"^## Held by", text, re.MULTILINE), path.name


def test_the_changelog_has_its_sections_in_order_and_nothing_twice() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        found = re.findall(r"^### (.+)$", part, re.MULTILINE)
        assert found == [section for section in SECTIONS if section in found] and found
    entries = re.findall(r"^- (.+)$", text, re.MULTILINE)
    assert sorted({entry for entry in entries if entries.count(entry) > 1}) == []


def _not_there(document: Path, files: dict[str, set[str]], functions: set[str]) -> Iterator[str]:
    for folder, name, function in NAMED.findall(document.read_text(encoding="utf-8")):
        found = matching(files, f"*{folder}{name}*")
        is_there = any(function in files[file] for file in found) if function else found
        if not is_there and (folder or not matching(functions, name)):
            yield f"{document.relative_to(ROOT)}: {folder}{name} {function}"


def test_every_test_that_a_document_names_exists() -> None:
    tests = (file for file in find_files(ROOT, ".py", ".ts") if ".test." in file.name or "test_" in file.name)
    files = {file.as_posix(): set(FUNCTION.findall(file.read_text(encoding="utf-8"))) for file in tests}
    functions = set[str]().union(*files.values())
    documents = [one for one in find_files(ROOT, ".md") if one.name != "CHANGELOG.md"]
    assert [fault for document in documents for fault in _not_there(document, files, functions)] == []
