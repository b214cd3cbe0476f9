"""Desk, zone and team show the same alarm and stay apart: what two of them need lies in `boards`, once."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from tools.tree import ROOT

BOARDS = ROOT / "src" / "egide" / "boards"
PAGES = ("desk", "zone", "team")
# What a template, a script or a view names: a template or a static file by its address, a module beside it.
NAMED = re.compile(r"""["']([a-z_]+/[a-z_]+\.(?:html|js|css|svg))["']""")
IMPORTED = re.compile(r"""(?:from|import) "(\.[^"]+)";""")


def files_of(page: str, *endings: str) -> list[Path]:
    found = [path for ending in endings for path in (BOARDS / page).rglob(f"*{ending}")]
    assert found
    return sorted(found)


def owner_of(path: str | Path) -> str:
    """The page whose folder a file lies in; empty for what is shared, and for what is not of `boards`."""
    inside = Path(path).resolve()
    parts = inside.relative_to(BOARDS).parts if inside.is_relative_to(BOARDS) else ("",)
    return parts[0] if parts[0] in PAGES else ""


def found(address: str) -> Path:
    """The file behind the address of a static file, or behind the name of a template."""
    return Path(finders.find(address) or get_template(address).origin.name)  # type: ignore[attr-defined]


def loaded_by(path: Path) -> list[Path]:
    """Every template, style and script that a file of a page names, wherever it lies."""
    text = path.read_text(encoding="utf-8")
    # Scripts name each other by address, which ends with the last folder and the name.
    beside = [(path.parent / name).resolve() for name in IMPORTED.findall(text)]
    return [found(name) for name in (*NAMED.findall(text), *("/".join(one.parts[-2:]) for one in beside))]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_loads_a_file_of_another(page: str) -> None:
    loaded = {
        (path.name, str(one))
        for path in files_of(page, ".html", ".js", ".py", ".css")
        for one in loaded_by(path)
    }
    assert len(loaded) > 10, "nothing was found, so nothing was looked at"
    assert {pair for pair in loaded if owner_of(pair[1]) not in ("", page)} == set()


@pytest.mark.parametrize("folder", ["templates", "static", "shown", "waking"])
def test_what_is_shared_loads_nothing_of_a_page(folder: str) -> None:
    loaded = {
        (path.name, str(one)) for path in files_of(folder, ".html", ".js", ".py") for one in loaded_by(path)
    }
    assert {pair for pair in loaded if owner_of(pair[1])} == set()


@pytest.mark.parametrize("page", PAGES)
def test_the_address_of_a_file_says_whose_it_is(page: str) -> None:
    for kind in ("templates", "static"):
        assert [path.name for path in (BOARDS / page / kind).iterdir()] == [page]
        assert [path.name for path in (BOARDS / kind).iterdir()] == ["boards"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_imports_another(page: str) -> None:
    others = "|".join(other for other in PAGES if other != page)
    importing = re.compile(rf"egide\.boards(\.({others})\b| import .*\b({others})\b)")
    assert [path.name for path in files_of(page, ".py") if importing.search(path.read_text())] == []
