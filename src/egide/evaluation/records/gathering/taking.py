"""How a gathering class says which kinds of events it takes."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., None])
Handler = Callable[[str, int, str, Any], None]


def takes(*kinds: str) -> Callable[[F], F]:
    """Marks a method `(stream, at_us, kind, event)` as the one for these kinds."""

    def mark(method: F) -> F:
        method.__dict__["kinds"] = kinds
        return method

    return mark


class Taking:
    """Base of the gathering classes."""

    def handlers(self) -> dict[str, Handler]:
        """Kind to bound method."""
        return {
            kind: getattr(self, name)
            for name, method in vars(type(self)).items()
            for kind in getattr(method, "kinds", ())
        }
