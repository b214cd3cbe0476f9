"""Photographs every page for `docs/screenshots/`, and writes the page that shows them.

Each page is taken at desktop and phone width; a sheet shows what changes with it in four languages at four widths.

Two installations with invented people run for it side by side, one for boards and phones, one for offices; nothing is
drawn by hand. A page that fails leaves the others alone: at the end stands which ones failed, and the page that shows
the pictures stays as it was.
"""

import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Error, expect

from egide.entrypoints.stack.installation import Stack
from tests.support.push_service import push_service
from tools.screenshots_access import SHOTS as ACCESS
from tools.screenshots_camera import SIZES, Sheets
from tools.screenshots_desk import SHOTS as DESK
from tools.screenshots_figures import SHOTS as FIGURES
from tools.screenshots_files import SHOTS as FILES
from tools.screenshots_fleet import SHOTS as FLEET
from tools.screenshots_imports import SHOTS as IMPORTS
from tools.screenshots_kits import SHOTS as KITS
from tools.screenshots_native import SHOTS as NATIVE
from tools.screenshots_phone import SHOTS as PHONE
from tools.screenshots_register import SHOTS as REGISTER
from tools.screenshots_roads import DESK_SHOTS as DESK_ROADS
from tools.screenshots_roads import SHOTS as ROADS
from tools.screenshots_sign_in import SHOTS as SIGN_IN
from tools.screenshots_studio import PATIENCE_MS, Colleagues, History, Shot, Studio, chromium
from tools.screenshots_team import SHOTS as TEAM
from tools.tree import ROOT

FOLDER, SHEETS = ROOT / "docs" / "screenshots", "sheets"
INTRODUCTION = """Drawn by `make screenshots`; all people and files are invented. A sheet shows a page in French, Dutch,
German and English (from above) and in four windows (from the left), by night and by day in turns where the page goes by
what the system wishes."""
# Each half with an installation of its own: an alarm of a board's picture shows on no office's.
HALVES = (
    (*DESK, *DESK_ROADS, *TEAM, *PHONE),
    (*FILES, *KITS, *FLEET, *ACCESS, *ROADS, *FIGURES, *IMPORTS, *SIGN_IN, *REGISTER, *NATIVE),
)
SHOTS = tuple(shot for half in HALVES for shot in half)
# What a page or the installation may do wrong. A fault of this tool ends the run with its trace.
FAULTS = (Error, AssertionError, ValueError, OSError, subprocess.SubprocessError)


def chosen(names: Sequence[str]) -> tuple[Shot, ...]:
    """Everything, or only what `names` say: "sharing" is `shoot_sharing`. Raises ValueError."""
    by_name = {shot.__name__.removeprefix("shoot_"): shot for shot in SHOTS}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ValueError(f"nothing is called {', '.join(unknown)}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names) or SHOTS


def photograph(studio: Studio, shots: Sequence[Shot]) -> list[str]:
    """Take all pictures; returns what failed, one sentence each."""
    failed = []
    for shot in shots:
        studio.last, began = "", time.monotonic()
        try:
            shot(studio)
        except FAULTS as fault:
            where = f"behind the picture {studio.last}" if studio.last else "before its first picture"
            notes = "".join(f"\n  {note}" for note in getattr(fault, "__notes__", []))
            failed.append(f"{shot.__name__} failed {where}.{notes}")
            print(f"{failed[-1]}\n{fault}", file=sys.stderr, flush=True)
            studio.clear()
        print(f"{shot.__name__}: {time.monotonic() - began:.0f} s", flush=True)
    return failed


def write_page(folder: Path, captions: dict[str, str], sheets: Sequence[str]) -> None:
    """The page that shows all pictures; what is on no page any more is deleted."""
    lines = ["# Every page", "", INTRODUCTION, ""]
    kept = set()
    for name, caption in captions.items():
        files = {size: f"{name}-{size}.webp" for size in SIZES}
        pictures = (
            f'<img src="{file}" alt="{caption}, {size}" height="360">' for size, file in files.items()
        )
        lines += [f"## {caption}", "", " ".join(pictures), ""]
        kept |= {folder / file for file in files.values()}
        if name in sheets:
            lines += [f"[In four languages at four widths]({SHEETS}/{name}.webp)", ""]
            kept.add(folder / SHEETS / f"{name}.webp")
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")
    for picture in {*folder.rglob("*.png"), *folder.rglob("*.webp")} - kept:
        picture.unlink()


class Taken(NamedTuple):
    """What came of some pages: captions by picture in order, pages with a sheet, and what failed."""

    captions: dict[str, str]
    sheets: list[str]
    failed: list[str]


def take(shots: Sequence[Shot]) -> Taken:
    """Photograph these pages of an installation of their own."""
    expect.set_options(timeout=PATIENCE_MS)
    sheets = Sheets(FOLDER / SHEETS)
    with (
        tempfile.TemporaryDirectory(prefix="egide-screenshots-") as made,
        push_service() as push,
        Stack(Path(made) / "installation") as stack,
        chromium() as browser,
    ):
        contact = "mailto:keeper@egide.example"
        stack.config = replace(stack.config, push_contact=contact, push_services=(push.origin,))
        stack.config = replace(stack.config, mail_smtp="smtps://127.0.0.1:9")
        stack.start()
        with History(Path(made) / "history") as history, Colleagues(stack.config) as colleagues:
            # Only now: what writes it must not keep the installation from being ready in time.
            if {*FIGURES, *IMPORTS} & {*shots}:
                history.begin()
            studio = Studio(stack, browser, FOLDER, sheets, push, history, colleagues)
            failed = photograph(studio, shots)
    return Taken(studio.captions, sheets.written, failed)


def main(names: Sequence[str] = ()) -> int:
    """Photograph everything and write the page; or only what is named, and leave the page as it is."""
    began = time.monotonic()
    try:
        shots = chosen(names)
    except ValueError as unknown:
        print(unknown, file=sys.stderr)
        return 2
    (FOLDER / SHEETS).mkdir(parents=True, exist_ok=True)
    halves = [part for half in HALVES if (part := [shot for shot in shots if shot in half])]
    # Fresh processes: what drives the browser cannot be forked.
    with ProcessPoolExecutor(len(halves), multiprocessing.get_context("spawn")) as pool:
        taken = list(pool.map(take, halves))
    captions = {name: caption for part in taken for name, caption in part.captions.items()}
    sheets = [name for part in taken for name in part.sheets]
    failed = [sentence for part in taken for sentence in part.failed]
    if not (failed or names):
        write_page(FOLDER, captions, sheets)
    pictures, took_s = len(captions) * len(SIZES), time.monotonic() - began
    print(f"{pictures} pictures, {len(sheets)} sheets in {FOLDER.relative_to(ROOT)}, {took_s:.0f} s")
    for sentence in failed:
        print(sentence, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
