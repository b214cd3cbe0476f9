"""A page that cannot be photographed is named and leaves the others alone; every picture stands on their page."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from playwright.sync_api import Error

from tools import screenshots, screenshots_camera

PICTURE = re.compile(r'src="([^"]+)"')
SHEET = re.compile(r"\]\((sheets/[^)]+)\)")


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
    (tmp_path / "sheets").mkdir()
    for name in ("kits-desktop", "kits-phone", "gone-phone", "sheets/kits", "sheets/gone"):
        (tmp_path / f"{name}.webp").touch()
    screenshots.write_page(tmp_path, {"kits": "A zone's kits"}, ["kits"])
    kept = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert kept == ["README.md", "kits-desktop.webp", "kits-phone.webp", "sheets/kits.webp"]


def test_every_picture_stands_on_the_page_and_every_one_on_the_page_is_there() -> None:
    page = (screenshots.FOLDER / "README.md").read_text(encoding="utf-8")
    named = [*PICTURE.findall(page), *SHEET.findall(page)]
    there = {path.relative_to(screenshots.FOLDER).as_posix() for path in screenshots.FOLDER.rglob("*.webp")}
    assert len(named) == len(set(named)) and set(named) == there
    assert SHEET.findall(page), "some pages are shown in four languages"


def test_a_sheet_has_a_row_for_each_language_and_is_small(tmp_path: Path) -> None:
    rows = {
        language: Image.new("RGB", (40, 10), colour)
        for language, colour in zip(
            screenshots_camera.LANGUAGES, ("red", "lime", "blue", "white"), strict=True
        )
    }
    sheet = screenshots_camera.below([rows[language] for language in screenshots_camera.LANGUAGES])
    screenshots_camera.put_away(sheet, tmp_path / "kits.webp", screenshots_camera.SHEET_COLOURS)
    with Image.open(tmp_path / "kits.webp") as written:
        step = 10 + screenshots_camera.GAP
        seen = [written.convert("RGB").getpixel((5, 5 + step * at)) for at in range(4)]
    assert seen == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def test_a_picture_that_would_swell_the_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots_camera, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match=r"kits\.webp has \d+ bytes; 10 at most"):
        screenshots_camera.put_away(Image.new("RGB", (40, 10)), tmp_path / "kits.webp", 64)
