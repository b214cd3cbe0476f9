"""The entries at the top of the offices' pages, what is begun from the start page, and what belongs to one's own
account: packages register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from egide.access.rules import Scope


@dataclass(frozen=True)
class NavigationEntry:
    """A place of work: `title` is a lazy translation, `url_name` needs no arguments, lower `order` comes first."""

    title: str | Promise
    url_name: str
    may_enter: Callable[[Scope], bool]
    order: int = 50


_entries: list[NavigationEntry] = []
_beginnings: list[NavigationEntry] = []
_own: list[NavigationEntry] = []


def register(*entries: NavigationEntry) -> None:
    """Show `entries` to those who may enter; call it from `AppConfig.ready`."""
    _entries.extend(entry for entry in entries if entry not in _entries)


def entries_for(scope: Scope) -> list[NavigationEntry]:
    """What this reader sees at the top of the page, in order."""
    return sorted((entry for entry in _entries if entry.may_enter(scope)), key=lambda entry: entry.order)


def register_beginning(*entries: NavigationEntry) -> None:
    """Offer `entries`, what somebody begins, on the start page; call it from `AppConfig.ready`."""
    _beginnings.extend(entry for entry in entries if entry not in _beginnings)


def beginnings_for(scope: Scope) -> list[NavigationEntry]:
    """What this reader may begin from the start page."""
    return [entry for entry in _beginnings if entry.may_enter(scope)]


def register_own(*entries: NavigationEntry) -> None:
    """Offer `entries` on the page of one's own account and below what waits; call it from `AppConfig.ready`."""
    _own.extend(entry for entry in entries if entry not in _own)


def own_for(scope: Scope) -> list[NavigationEntry]:
    """What this reader settles for their own account."""
    return [entry for entry in _own if entry.may_enter(scope)]
