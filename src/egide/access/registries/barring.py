"""Barred readers (safety rule 27): which files must not exist for a reader, as the package that keeps files tells.

One file is asked for by `rules.is_barred`. Everything else (lanes, lists, numbers, the live stream, devices, exports)
asks here: an event belongs to the case whose key seals it, a kit to the case that it was issued for.
"""

from collections.abc import Callable, Iterable

from egide.access.rules import Scope

Provider = Callable[[Scope], Iterable[str]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider(scope)` for the ids of the files that bar this reader; call it from `AppConfig.ready`."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def files_that_bar(scope: Scope) -> frozenset[str]:
    """The ids of all files that bar this reader."""
    return frozenset(case for provider in _providers for case in provider(scope))
