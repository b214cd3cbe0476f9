"""The house keeps its word: commands that the documents name exist, locks are complete and name no registry."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.tree import ROOT

PEERS = ("tests/support/openid/", "tests/support/asyncapi/")
LOCKS = sorted(ROOT.glob("requirements*.lock"))
# https://yml.publiccode.tools/schema.core.html, version 0.4: keys that must be there.
PUBLICCODE_KEYS = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "categories",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_version_and_hashes_and_no_registry(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(
        r"\n(?=[a-zA-Z0-9])", "\n".join(ln for ln in text.splitlines() if not ln.startswith("#"))
    )
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://", text) == []


def test_each_lock_pins_what_the_smaller_one_pins() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+==[^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE))

    lifeline, service = pins("requirements-lifeline.lock"), pins("requirements-service.lock")
    assert lifeline < service < pins("requirements.lock") < pins("requirements-dev.lock")
    # A demo keeps to SQLite and reads no zone file; a box has no pages.
    assert pins("requirements-box.lock") < pins("requirements-demo.lock") < pins("requirements.lock")
    names = {pin.partition("==")[0] for pin in lifeline}
    assert names.isdisjoint({"django", "numpy", "polars", "typst"}), "too much for a machine for intake alone"


def test_every_python_gets_the_same_versions() -> None:
    for lock in LOCKS:
        names = re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)
        assert len(names) == len(set(names)), f"{lock.name} pins a package twice"


def test_the_node_locks_name_no_registry() -> None:
    ours = [f"{folder}package-lock.json" for folder in ("", "phone/", *PEERS)]
    for lock in ours:
        assert '"resolved"' not in (ROOT / lock).read_text()


def test_every_dependency_has_a_line_of_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    project = tomllib.loads("\n".join(lines))
    groups = project["dependency-groups"]
    extras = [name for each in project["project"]["optional-dependencies"].values() for name in each]
    for name in [*project["project"]["dependencies"], *extras, *groups["setup"], *groups["dev"]]:
        line = next(ln for ln in lines if ln.strip().startswith(f'"{name}"'))
        assert re.search(r"#\s*\S+", line), f"{name} has no reason"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_in_the_documents_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", (ROOT / document).read_text(), re.MULTILINE))
    assert named
    assert {first or second for first, second in named} - targets == set()


PATH = re.compile(r"`([\w./{},*-]+/[\w./{},*-]*|[\w-]+\.toml)`")
# The map, the tables to which it leads, and ten ways that were walked.
LEADING = (
    "MAP.md",
    "CONTRIBUTING.md",
    "docs/readings.md",
    "phone/README.md",
    "android/README.md",
    "android/core/README.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "src" / "egide").glob("*/README.md"))),
)


def rows_of(document: str) -> list[str]:
    """The rows of tables; of a README those of "To change"."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        line
        for line in text.partition("## To change")[2 if "## To change" in text else 0].splitlines()
        if line.startswith("| ")
    ]


@pytest.mark.parametrize("document", LEADING)
def test_every_path_of_the_map_and_of_the_tables_behind_it_exists(document: str) -> None:
    missing = []
    for path in PATH.findall("\n".join(rows_of(document))):
        pattern = re.sub(r"\{[^}]*\}", "*", path).rstrip("/")
        if not any(any(base.glob(pattern)) for base in (ROOT / "src" / "egide", ROOT)):
            missing.append(path)
    assert missing == []


def test_the_map_is_short_and_leads_to_each_package_that_has_a_readme() -> None:
    text = (ROOT / "MAP.md").read_text(encoding="utf-8")
    assert len(rows_of("MAP.md")) <= 34
    assert [
        name
        for name in LEADING
        if name.startswith(("src/", "phone/", "android/")) and f"]({name})" not in text
    ] == []
    assert sum(len(PATH.findall("\n".join(rows_of(name)))) for name in LEADING) > 150


def test_a_person_who_knows_the_map_alone_finds_ten_changes_in_two_steps() -> None:
    readings = [row.split("|") for row in rows_of("docs/readings.md")[1:]]
    assert len(readings) == 10
    on_the_map = (ROOT / "MAP.md").read_text(encoding="utf-8")
    for _, change, first, second, files, _held, _ in readings:
        [readme] = re.findall(r"\]\(\.\./([^)#]+)#to-change\)", first)
        assert f"]({readme})" in on_the_map, change
        behind = "\n".join(rows_of(readme))
        assert all(words in behind for words in re.findall(r"\"([^\"]+)\"", second)), change
        assert PATH.findall(files)[0].rpartition("/")[0] in behind, change


def test_publiccode_has_what_the_standard_asks_for() -> None:
    content = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert content.keys() >= PUBLICCODE_KEYS
    assert (
        set(content["localisation"]["availableLanguages"])
        == set(content["description"])
        == {"fr", "nl", "de", "en"}
    )
    for texts in content["description"].values():
        assert len(texts["shortDescription"]) <= 150
        assert 150 <= len(texts["longDescription"]) <= 10_000
        assert texts["features"]


def test_continuous_integration_fails_when_no_test_ran(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    (tmp_path / "Makefile").write_text("test:\n\t@echo nothing to see\n")
    done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1


@pytest.mark.parametrize(("code", "closing"), [(0, "3 passed in 1.25s"), (2, "1 failed, 2 passed in 1.25s")])
def test_continuous_integration_ends_with_the_closing_line_and_the_code_of_the_tests(
    tmp_path: Path, code: int, closing: str
) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    (tmp_path / "Makefile").write_text(f"test:\n\t@echo {closing}; echo and more; exit {code}\n")
    done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stdout.splitlines()[-1] == closing
