"""Opening a phone by code: what the phone makes of the code, what the server adds, and the key that both make together.

Neither half opens anything. The phone has the salt and no limit on tries, the server has the limit and no salt: so four
digits cannot be tried away from the server, and the server learns neither a code nor whether it was right.
"""

import hashlib
import hmac

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.keys import KID_BYTES, SIGNATURE_BYTES, SigningKey, kid_of, signature_is_valid

SALT_BYTES = 16
TAG_BYTES = 32
PART_BYTES = 32
# scrypt (RFC 7914): 32 MiB, and about a second on a slow telephone.
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


class OpeningRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/openings. `kid` is hexadecimal, `tag` and `signature` are base64url."""

    kid: str
    tag: str
    signature: str


class OpeningReply(msgspec.Struct, frozen=True):
    """What the server adds for this tag: 32 bytes as base64url."""

    part: str


def stretched(code: str, salt: bytes) -> bytes:
    """32 bytes from a code and the phone's salt (16 bytes): slow, and costly in memory."""
    return hashlib.scrypt(code.encode(), salt=salt, **_SCRYPT)


def tag_of(stretch: bytes) -> bytes:
    """What the server gets of a code: 32 bytes that say nothing without the salt."""
    return hmac.digest(stretch, b"egide-opening-tag-1", "sha256")


def part_of(secret: bytes, tag: bytes) -> bytes:
    """What the server answers: 32 bytes that look alike for every code. `secret` is that of this one phone."""
    return hmac.digest(secret, b"egide-opening-part-1\0" + tag, "sha256")


def key_of(stretch: bytes, part: bytes) -> bytes:
    """The key (32 bytes) of what the code opens."""
    return hmac.digest(stretch, b"egide-opening-key-1\0" + part, "sha256")


def opening_statement(tag: bytes) -> bytes:
    """What the phone's key signs."""
    return b"egide-opening-1\0" + tag


def make_opening(tag: bytes, key: SigningKey) -> OpeningRequest:
    """The request of the phone that has `key`."""
    signature = key.sign(opening_statement(tag)).signature
    kid = kid_of(bytes(key.verify_key)).hex()
    return OpeningRequest(kid, to_base64url(tag), to_base64url(signature))


def check_opening(request: OpeningRequest) -> tuple[bytes, bytes]:
    """Tag and signature, of the right size. Raises ValueError."""
    if len(bytes.fromhex(request.kid)) != KID_BYTES or request.kid != request.kid.lower():
        raise ValueError(f"kid {request.kid!r}: {KID_BYTES} bytes in lower-case hexadecimal")
    return from_base64url(request.tag, TAG_BYTES), from_base64url(request.signature, SIGNATURE_BYTES)


def opening_is_signed(public_key: bytes, tag: bytes, signature: bytes) -> bool:
    """Whether the holder of `public_key` (32 bytes) asks."""
    return signature_is_valid(public_key, opening_statement(tag), signature)
