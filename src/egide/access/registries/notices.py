"""Notices on every page of people who must act: packages register who knows of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from egide.access.rules import Scope


@dataclass(frozen=True)
class Notice:
    """A text in the reader's language, and where to act: a page, or what `button` posts to.

    It names nobody from a file, because it is on every screen.
    """

    text: str
    url: str
    button: str = ""


Provider = Callable[[Scope], Iterable[Notice]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider(scope)` for each page; call it from `AppConfig.ready`."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def notices_of(scope: Scope) -> tuple[Notice, ...]:
    """All notices for this reader."""
    return tuple(notice for provider in _providers for notice in provider(scope))
