"""The red strip: open alarms that concern a reader, on each of their pages (safety rule 43). Packages register.

It is on every screen, also before somebody who sits across the desk: a line names nobody and no place of hers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from egide.access.rules import Scope


@dataclass(frozen=True)
class Strip:
    """One line in the reader's language. `word` says where `url` leads, `page` which page shows the same by itself, and
    `alarm` which one it is about where it is a single one: a page about that one needs no line."""

    text: str
    url: str
    word: str
    since_ms: int
    page: str = ""
    alarm: str = ""


Provider = Callable[[Scope], Iterable[Strip]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider(scope)` for each page, and every few seconds while it is open; call it from `AppConfig.ready`.

    It must cost next to nothing while no alarm is open, and give nothing to people whom the alarm does not concern.
    """
    if provider not in _providers:
        _providers.append(provider)
    return provider


def strips_of(scope: Scope) -> tuple[Strip, ...]:
    """All lines for this reader."""
    return tuple(strip for provider in _providers for strip in provider(scope))
