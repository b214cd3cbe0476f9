"""Names of centres, zones and prosecutor's offices: the package that keeps the roll-out tells them."""

from collections.abc import Callable, Mapping

from egide.access.rules import PLACE_OF, Post
from egide.common.folding import fold

# Code to name, for one kind of place ("centre", "zone", "office").
Provider = Callable[[str], Mapping[str, str]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Ask `provider(kind)` for the places of a kind, code to name; call it from `AppConfig.ready`."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def places_of(kind: str) -> dict[str, str]:
    """All places of a kind, by code; empty where none are registered, and for the whole country ("")."""
    if not kind:
        return {}
    return {code: name for provider in _providers for code, name in provider(kind).items()}


def is_known(post: Post) -> bool:
    """Whether the post's place exists, as far as places are registered."""
    kind = PLACE_OF.get(post.role, "")
    known = places_of(kind)
    return not known or post.place in known


def place_for(role: str, typed: str) -> str:
    """The code of the place that somebody typed by its code or its name; what fits none stays as it is."""
    known = places_of(PLACE_OF.get(role, ""))
    text = typed.strip()
    if text in known:
        return text
    # A zone's name goes with its number, which nobody has to type.
    fitting = [code for code, name in known.items() if fold(text) in (fold(name), fold(name.split(" · ")[0]))]
    return fitting[0] if len(fitting) == 1 else text
