"""Ed25519 keys (RFC 8032) through libsodium."""

import hashlib

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

__all__ = ["SigningKey", "VerifyKey", "kid_of", "signature_is_valid"]

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
KID_BYTES = 8


def kid_of(public_key: bytes) -> bytes:
    """Key id: the first 8 bytes of the SHA-256 of the public key."""
    return hashlib.sha256(public_key).digest()[:KID_BYTES]


def signature_is_valid(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` verifies under `public_key` (32 bytes)."""
    try:
        VerifyKey(public_key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True
