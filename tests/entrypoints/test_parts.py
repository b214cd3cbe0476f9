"""A machine for intake alone: what the lifeline starts with, and the sentence where more is needed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from egide.entrypoints.serving.parts import part_of, sentence_for

ROOT = Path(__file__).parents[2]
# Stands in for a machine where only the lifeline is installed: packages of all other locks cannot be imported.
BARE = """
import importlib.machinery, re, runpy, sys
from importlib import metadata

locked = re.findall(r"^([\\w.-]+)==", open("requirements-lifeline.lock").read(), re.MULTILINE)
known = {name.lower() for name in locked} | {"egide"}
away = {
    module
    for module, packages in metadata.packages_distributions().items()
    if not any(package.lower().replace("_", "-") in known for package in packages)
}

class Here(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in away else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Here
del sys.modules["re"]
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__")
"""


def on_a_bare_machine(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        cwd=ROOT,
        env={"EGIDE_LANG": "en", "EGIDE_CONFIG": "/dev/null", "EGIDE_DATA": str(data), "EGIDE_DEMO": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["intake", "live", "sms", "watch"])
def test_the_lifeline_loads_with_its_own_packages_alone(name: str, tmp_path: Path) -> None:
    ended = on_a_bare_machine(f"egide.entrypoints.{name}", "--help", data=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("module", ["nearest", "searching"])
def test_who_only_asks_for_addresses_loads_nothing_that_writes_them(module: str) -> None:
    """Pages and `egide doctor` ask; NumPy, which an import needs, takes longer to load than all else of it."""
    asked = f"import sys, egide.geography.addresses.{module}; print('numpy' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


def test_kits_load_with_the_lifeline_alone(tmp_path: Path) -> None:
    for kit in ("phone", "phone-side", "receiver"):
        ended = on_a_bare_machine("egide.entrypoints.cli", "conform", kit, "--help", data=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "") and "--json" in ended.stdout


def test_keys_and_journal_are_made_there_and_no_tables_of_pages(tmp_path: Path) -> None:
    ended = on_a_bare_machine("egide.entrypoints.ready", data=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "journal.db").exists() and not (tmp_path / "app.db").exists()


@pytest.mark.parametrize(
    ("module", "part"), [("egide.entrypoints.web", "pages"), ("egide.entrypoints.button", "radio")]
)
def test_a_process_that_needs_more_says_which_part_in_one_sentence(
    module: str, part: str, tmp_path: Path
) -> None:
    ended = on_a_bare_machine(module, "--help", data=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"This needs the part {part} of Egide (")


def test_every_package_of_an_extra_is_known_by_its_module() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    modules = {"pages": ["django", "PIL", "allauth", "prometheus_client"], "evaluation": ["polars"]}
    assert {part: [part_of(module) for module in known] for part, known in modules.items()} == {
        part: [part] * len(known) for part, known in modules.items()
    }
    assert extras["lifeline"] == [] and part_of("uvicorn") is None
    assert sentence_for(ModuleNotFoundError("No module named 'nothing'", name="nothing")) is None
    assert sentence_for(ValueError("other")) is None
