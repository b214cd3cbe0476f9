"""How a page becomes pictures: the two of each page, and sheets: four languages, four widths, night and day."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize

from tests.support import browser as b

MOST_BYTES = 300_000
MOST_HEIGHT = 2400
# So few colours a page has: with them a picture is a quarter as large as a PNG, and its letters stay sharp.
COLOURS, SHEET_COLOURS = 128, 32
GAP, BETWEEN = 12, "#808080"
DESKTOP: ViewportSize = {"width": b.DESKTOP["width"], "height": b.DESKTOP["height"]}
TELEPHONE: ViewportSize = {"width": b.TELEPHONE["width"], "height": b.TELEPHONE["height"]}
SIZES = {"desktop": DESKTOP, "phone": TELEPHONE}
LANGUAGES = {"fr": "French", "nl": "Dutch", "de": "German", "en": "English"}
WISHES_LIGHT = "() => matchMedia('(prefers-color-scheme: light)').matches"
# A window that got another size has the new one on the screen when its second frame begins.
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Windows(NamedTuple):
    """Four windows, narrow to wide, as (width, height); each is drawn `drawn` pixels high on a sheet."""

    drawn: int
    sizes: tuple[tuple[int, int], ...]


# What must be seen on a board is seen without scrolling: these are screens that people have.
BOARD = Windows(480, ((390, 844), (1280, 720), (1920, 1080), (2560, 1440)))
# What is opened above a board: the board behind it has its own.
DIALOG = Windows(480, ((390, 844), (768, 1024), (1280, 720), (1600, 900)))
# Other pages scroll: the windows are so high that what lies below the fold shows too.
OFFICE = Windows(640, ((390, 860), (768, 1170), (1280, 1280), (1920, 1540)))
HAND = Windows(640, ((320, 640), (390, 844), (768, 1024), (1280, 800)))


def put_away(picture: Image.Image, path: Path, colours: int) -> None:
    """Write a picture small enough for the repository, a crowded one with half the colours. Raises ValueError."""
    for number in (colours, colours // 2):
        few = picture.convert("RGB").quantize(number, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.convert("RGB").save(path, "WEBP", lossless=True, quality=30, method=1)
        if path.stat().st_size <= MOST_BYTES:
            return
    raise ValueError(f"{path.name} has {path.stat().st_size} bytes; {MOST_BYTES} at most")


def resize(page: Page, size: ViewportSize) -> None:
    """Give the window another size and wait until it is drawn."""
    page.set_viewport_size(size)
    page.evaluate("() => document.fonts.ready")
    page.evaluate(DRAWN)


def take(page: Page, path: Path, whole: bool) -> None:
    """One picture of the window as it is; `whole`: also what lies below a telephone's fold."""
    if whole:
        height: int = min(page.evaluate("() => document.documentElement.scrollHeight"), MOST_HEIGHT)
        picture = page.screenshot(
            full_page=True,
            clip={"x": 0, "y": 0, "width": TELEPHONE["width"], "height": height},
            animations="disabled",
        )
    else:
        picture = page.screenshot(animations="disabled")
    put_away(Image.open(io.BytesIO(picture)), path, COLOURS)


@dataclass
class Sheets:
    """Pages of which each language is one row of a picture; it is written when the fourth is there."""

    folder: Path
    written: list[str] = field(default_factory=list)
    _rows: dict[str, dict[str, Image.Image]] = field(default_factory=dict)

    def add(self, page: Page, name: str, windows: Windows, at: Locator | None = None) -> None:
        """The page in its present language, at each width, scrolled to `at`; its window has the first size then."""
        language = str(page.locator("html").get_attribute("lang"))
        rows = self._rows.setdefault(name, {})
        rows[language] = _beside(_in_each_window(page, windows, at))
        if set(rows) == set(LANGUAGES):
            put_away(below([rows[one] for one in LANGUAGES]), self.folder / f"{name}.webp", SHEET_COLOURS)
            self.written.append(name)
            del self._rows[name]


def _in_each_window(page: Page, windows: Windows, at: Locator | None) -> list[Image.Image]:
    """By night and by day in turns, where the page goes by what the system wishes."""
    camera, pictures = page.context.new_cdp_session(page), []
    was_light = page.evaluate(WISHES_LIGHT)
    for turn, (width, height) in enumerate(windows.sizes):
        page.emulate_media(color_scheme="light" if turn % 2 else "dark")
        resize(page, {"width": width, "height": height})
        if at is not None:
            at.scroll_into_view_if_needed()
            page.evaluate(DRAWN)
        # Drawn small by the browser itself: a tenth of the time that a large picture takes.
        top = page.evaluate("() => scrollY")
        clip = {"x": 0, "y": top, "width": width, "height": height, "scale": windows.drawn / height}
        taken = camera.send(
            "Page.captureScreenshot", {"format": "png", "clip": clip, "optimizeForSpeed": True}
        )
        pictures.append(Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB"))
    camera.detach()
    page.emulate_media(color_scheme="light" if was_light else "dark")
    page.set_viewport_size(DESKTOP)
    return pictures


def _beside(pictures: Sequence[Image.Image]) -> Image.Image:
    width = sum(one.width for one in pictures) + GAP * (len(pictures) - 1)
    row, left = Image.new("RGB", (width, max(one.height for one in pictures)), BETWEEN), 0
    for one in pictures:
        row.paste(one, (left, 0))
        left += one.width + GAP
    return row


def below(rows: Sequence[Image.Image]) -> Image.Image:
    """One row under the other."""
    height = sum(one.height for one in rows) + GAP * (len(rows) - 1)
    sheet, top = Image.new("RGB", (max(one.width for one in rows), height), BETWEEN), 0
    for one in rows:
        sheet.paste(one, (0, top))
        top += one.height + GAP
    return sheet
