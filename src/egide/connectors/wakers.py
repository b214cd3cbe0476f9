"""The way in which an installation wakes pages: apart from the registry, because its libraries take 15 MB."""

from egide.common.config import Config
from egide.connectors.base import Waker
from egide.connectors.webpush.client import WebPush


def waker_of(config: Config) -> Waker | None:
    """The way to wake pages, None where none is set. Raises ValueError naming the setting that is wrong."""
    return WebPush.of(config) if config.push_contact else None


def usable_waker_of(config: Config) -> Waker | None:
    """The same; None also where a setting is wrong, which `registry.problems_of` names."""
    try:
        return waker_of(config)
    except ValueError:
        return None
