"""Search: packages register who can find something, and the search page asks them all within the reader's scope."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from egide.access.rules import Scope

SHORTEST, LONGEST = 2, 80


@dataclass(frozen=True)
class Found:
    """One find. Texts are in the reader's language; `word` says what kind of thing it is ("File", "Kit")."""

    title: str
    url: str
    word: str
    detail: str = ""


Finder = Callable[[Scope, str], Iterable[Found]]
_finders: list[Finder] = []


def register(finder: Finder, *, first: bool = False) -> Finder:
    """Ask `finder(scope, text)` at every search, before all others when it is `first`; call it from `AppConfig.ready`.

    It finds only what the scope may see: what it keeps back must look like what does not exist.
    """
    if finder not in _finders:
        _finders.insert(0 if first else len(_finders), finder)
    return finder


def find(scope: Scope, text: str) -> list[Found]:
    """What fits `text`; nothing for a text that is shorter than two signs."""
    wanted = " ".join(text.split())[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    return [found for finder in _finders for found in finder(scope, wanted)]
