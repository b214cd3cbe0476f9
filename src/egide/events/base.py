"""The base of all events: frozen, typed, past tense. The class name is the kind; a changed meaning gets a new name."""

from typing import Any

import msgspec

from egide.common.encoding import decoder_of

REGISTRY: dict[str, type["Event"]] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        REGISTRY[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name under which the journal keeps it."""
        return type(self).__name__


def encode(event: Event) -> bytes:
    """JSON of the event's fields (RFC 8259); the kind stands beside it in the journal."""
    return msgspec.json.encode(event)


def decode(kind: str, body: bytes) -> Event:
    """The event behind `body`. Raises KeyError for an unknown kind, msgspec.ValidationError for another shape."""
    return decoder_of(REGISTRY[kind]).decode(body)
