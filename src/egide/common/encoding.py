"""JSON that comes from outside (RFC 8259), and bytes as text in it: base64url without padding (RFC 4648, section 5)."""

import base64
import binascii
import threading
from typing import Any, TypeVar

import msgspec

Shape = TypeVar("Shape")


# By the type that they give.
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_learning = threading.Lock()


class NotJson(ValueError):
    """The bytes are not the JSON that was expected."""


def decoder_of(shape: type[Shape]) -> msgspec.json.Decoder[Shape]:
    """The decoder that gives `shape`, made once, and by one thread at a time.

    msgspec learns a type that holds others piece by piece when it is first asked for it, and a thread that decodes to
    it meanwhile ends the process (seen with 0.22).
    """
    if shape not in _decoders:
        with _learning:
            _decoders[shape] = msgspec.json.Decoder(shape)
    return _decoders[shape]


def from_json(data: bytes, shape: type[Shape]) -> Shape:
    """What `data` says, as `shape`. Raises only NotJson.

    Text that is no UTF-8 and arrays in arrays without end have errors of their own in msgspec: both come from outside.
    """
    try:
        return decoder_of(shape).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson(str(error)) from error


def to_base64url(data: bytes) -> str:
    """Text for `data`, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str, size: int | None = None) -> bytes:
    """Bytes for `text`; `size`, when given, is the exact length expected.

    Raises ValueError when the text is not base64url or has another length.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64url: {error}") from error
    if size is not None and len(data) != size:
        raise ValueError(f"expected {size} bytes, got {len(data)}")
    return data
