"""Bytes as text in JSON: base64url without padding (RFC 4648, section 5)."""

import base64
import binascii


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
