"""The entries at the top of the offices' pages: packages register theirs, each reader sees those of their roles."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from egide.access.rules import Scope


@dataclass(frozen=True)
class Entry:
    """A place of work: `title` is a lazy translation, `url_name` needs no arguments, lower `order` comes first."""

    title: str | Promise
    url_name: str
    may_enter: Callable[[Scope], bool]
    order: int = 50


_entries: list[Entry] = []


def register(*entries: Entry) -> None:
    """Show `entries` to those who may enter; call it from `AppConfig.ready`."""
    _entries.extend(entry for entry in entries if entry not in _entries)


def entries_for(scope: Scope) -> list[Entry]:
    """What this reader sees at the top of the page, in order."""
    return sorted((entry for entry in _entries if entry.may_enter(scope)), key=lambda entry: entry.order)
