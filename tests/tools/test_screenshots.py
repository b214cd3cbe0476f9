"""A page that cannot be photographed is named and leaves the others alone; every picture stands on their page."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Error

from tools import screenshots

PICTURE = re.compile(r'src="([^"]+)"')


class Studio(SimpleNamespace):
    """What `photograph` needs of the studio."""

    def __init__(self) -> None:
        super().__init__(last="", taken=[], cleared=0)

    def clear(self) -> None:
        self.cleared += 1


def shoot_kits(studio: Studio) -> None:
    studio.last = "kits"
    fault = Error("Locator.click: Timeout 30000ms exceeded.\nwaiting for locator('#presses button')")
    fault.add_note("The window showed http://x/kits/1/")
    raise fault


def shoot_fleet(studio: Studio) -> None:
    studio.taken.append("fleet")


def test_a_page_that_fails_is_named_and_the_next_is_photographed(capsys: pytest.CaptureFixture[str]) -> None:
    studio = Studio()
    [told] = screenshots.photograph(studio, (shoot_kits, shoot_fleet))
    assert "shoot_kits" in told and "behind the picture kits" in told and "http://x/kits/1/" in told
    assert "#presses button" in capsys.readouterr().err
    assert (studio.taken, studio.cleared) == (["fleet"], 1)


def test_a_fault_of_the_tool_itself_ends_the_run() -> None:
    def shoot_nothing(_studio: Studio) -> None:
        raise TypeError("no page did this")

    with pytest.raises(TypeError):
        screenshots.photograph(Studio(), (shoot_nothing, shoot_fleet))


def test_pages_are_chosen_by_name_and_an_unknown_name_is_told_with_those_that_there_are() -> None:
    assert screenshots.chosen(()) == screenshots.SHOTS
    [shot] = screenshots.chosen(("sharing",))
    assert shot.__name__ == "shoot_sharing"
    with pytest.raises(ValueError, match=r"nothing is called nowhere; there are .*sharing"):
        screenshots.chosen(("nowhere",))


def test_a_picture_that_is_on_no_page_any_more_is_deleted(tmp_path: Path) -> None:
    for name in ("kits-desktop", "kits-phone", "gone-phone"):
        (tmp_path / f"{name}.png").touch()
    screenshots.write_page(tmp_path, {"kits": "A zone's kits"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "kits-desktop.png",
        "kits-phone.png",
    ]


def test_every_picture_stands_on_the_page_and_every_one_on_the_page_is_there() -> None:
    named = PICTURE.findall((screenshots.FOLDER / "README.md").read_text(encoding="utf-8"))
    there = {path.name for path in screenshots.FOLDER.glob("*.png")}
    assert len(named) == len(set(named)) and set(named) == there
