"""Control rooms of others to which an operator can hand a copy of an alarm: who tells them registers them."""

from collections.abc import Callable, Mapping, Set

# By its name in the settings, the centres whose operators may do so.
Neighbours = Mapping[str, Set[str]]

_sources: list[Callable[[], Neighbours]] = []


def register(source: Callable[[], Neighbours]) -> None:
    """Offer those that `source` names, whenever it is asked; call it from `AppConfig.ready`."""
    if source not in _sources:
        _sources.append(source)


def neighbours_of(centres: Set[str]) -> list[str]:
    """Those to which an operator of these centres may hand a copy, in the order of their names."""
    return sorted(name for source in _sources for name, theirs in source().items() if centres & theirs)
