"""Texts outside Django's pages (command line): the same four-language catalogues, by the standard library."""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from egide.common.settings import NotSetUp
from egide.common.settings.file import path_in_force, read_file

LOCALE_DIR = Path(__file__).parent.parent / "locale"
LANGUAGES = ("fr", "nl", "de", "en")
_reader: ContextVar[str] = ContextVar("reader", default="")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE_DIR, languages=[language], fallback=True)


def language() -> str:
    """Two letters from `read_in`, EGIDE_LANG, the file of settings, LC_ALL, LC_MESSAGES or LANG; English when none of
    ours is asked for."""
    if reader := _reader.get():
        return reader
    asked = [os.environ.get(name, "")[:2] for name in ("EGIDE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    asked.insert(1, _of_file(path_in_force(os.environ)))
    return next((value for value in asked if value in LANGUAGES), "en")


@contextmanager
def read_in(language: str) -> Iterator[None]:
    """Texts that are made in here are read in `language` (of LANGUAGES): a page's reader is not the process's."""
    token = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(token)


@cache
def _of_file(path: Path | None) -> str:
    """What the file says, as long as a process runs; what is wrong with the file is said by who reads all of it."""
    try:
        return str(read_file(path).values.get("lang", ""))
    except NotSetUp:
        return ""


def gettext_noop(message: str) -> str:
    """`message` as it stands: it is collected for translation here, and translated by who shows it."""
    return message


def _(message: str) -> str:
    """`message` (English) in the reader's language."""
    return _catalogue(language()).gettext(message)
