"""Which connectors there are, as their folders declare, and which roads an installation has, from its settings."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from egide import connectors as folders
from egide.common.config import Config
from egide.connectors.base import Connector, Road

# A folder that is no connector: what ways of telling a dispatch system share.
SHARED: Final = frozenset({"dispatch"})


@cache
def declared() -> dict[str, Connector]:
    """Every connector by the name of its folder, in the order of the alphabet. What a declaration loads is loaded by
    who asks first, and nothing of what a connector needs only while it works."""
    names = sorted(one.name for one in iter_modules(folders.__path__) if one.ispkg)
    found: dict[str, Connector] = {}
    for name in names:
        if name not in SHARED:
            found[name] = import_module(f"egide.connectors.{name}.declared").DECLARED
    return found


@cache
def modules_of_kinds() -> dict[str, str]:
    """Each way to tell a dispatch system, by its word in the file of receivers, and the module that tells."""
    return {
        kind: f"egide.connectors.{one.name}.{module}"
        for one in declared().values()
        for kind, module in one.kinds.items()
    }


@cache
def kinds_for_teams() -> tuple[str, ...]:
    """The ways that tell a team by itself."""
    return tuple(kind for one in declared().values() if one.is_for_teams for kind in one.kinds)


@cache
def kinds_by_hand() -> frozenset[str]:
    """The ways that tell what an operator hands over, and nothing else. Their secret is a password."""
    return frozenset(kind for one in declared().values() if one.is_by_hand for kind in one.kinds)


@cache
def kinds_that_talk() -> frozenset[str]:
    """The ways by which people there can write, and be written to."""
    return frozenset(kind for one in declared().values() if one.is_talking for kind in one.kinds)


@cache
def kinds_polled() -> frozenset[str]:
    """The ways whose receivers are asked if they are there."""
    return frozenset(kind for one in declared().values() if one.is_polled for kind in one.kinds)


def roads_of(config: Config) -> list[Road]:
    """The configured roads of `watch`. Raises ValueError naming the setting that is wrong."""
    return [road for one in declared().values() for road in one.roads(config)]


def problems_of(config: Config) -> list[tuple[str, str]]:
    """What is wrong with the settings of the connectors: (connector, sentence). Empty when all is well."""
    return [(one.name, problem) for one in declared().values() for problem in one.faults(config)]
