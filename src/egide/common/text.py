"""Texts outside Django's pages (command line): the same four-language catalogues, by the standard library."""

import gettext
import os
from functools import cache
from pathlib import Path

LOCALE_DIR = Path(__file__).parent.parent / "locale"
LANGUAGES = ("fr", "nl", "de", "en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE_DIR, languages=[language], fallback=True)


def language() -> str:
    """Two letters from EGIDE_LANG, LC_ALL, LC_MESSAGES or LANG; English when none of ours is asked for."""
    for name in ("EGIDE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")[:2]
        if value in LANGUAGES:
            return value
    return "en"


def _(message: str) -> str:
    """`message` (English) in the reader's language."""
    return _catalogue(language()).gettext(message)
