"""Texts outside Django's pages (command line): the same four-language catalogues, by the standard library."""

import gettext
import os
from functools import cache
from pathlib import Path

from egide.common.settings import NotSetUp
from egide.common.settings.file import path_in_force, read_file

LOCALE_DIR = Path(__file__).parent.parent / "locale"
LANGUAGES = ("fr", "nl", "de", "en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE_DIR, languages=[language], fallback=True)


def language() -> str:
    """Two letters from EGIDE_LANG, the file of settings, LC_ALL, LC_MESSAGES or LANG; English when none of ours is
    asked for."""
    asked = [os.environ.get(name, "")[:2] for name in ("EGIDE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    asked.insert(1, _of_file(path_in_force(os.environ)))
    return next((value for value in asked if value in LANGUAGES), "en")


@cache
def _of_file(path: Path | None) -> str:
    """What the file says, as long as a process runs; what is wrong with the file is said by who reads all of it."""
    try:
        return str(read_file(path).values.get("lang", ""))
    except NotSetUp:
        return ""


def _(message: str) -> str:
    """`message` (English) in the reader's language."""
    return _catalogue(language()).gettext(message)
