"""Sealing: AES-256-GCM (NIST SP 800-38D) under keys derived with HKDF-SHA256 (RFC 5869)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

KEY_BYTES = 32
NONCE_BYTES = 12
_HASH = SHA256()


class UnsealError(Exception):
    """The bytes were not sealed with this key for this purpose, or were changed."""


class SealingKey:
    """One 32-byte key. `label` binds what is sealed to its place (stream, field), so pieces cannot be swapped."""

    __slots__ = ("_aead", "_extracted", "_key")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, got {len(key)}")
        self._key = key
        # Made when first needed: it takes ten times the memory of the key, and most keys only derive others.
        self._aead: AESGCM | None = None
        self._extracted = b""

    @property
    def raw(self) -> bytes:
        """The key itself: to wrap it or to put it into an export of one stream."""
        return self._key

    def seal(self, plain: bytes, label: bytes) -> bytes:
        """Nonce and ciphertext of `plain`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, plain, label)

    def unseal(self, sealed: bytes, label: bytes) -> bytes:
        """The plain bytes. Raises UnsealError."""
        try:
            return self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label)
        except (InvalidTag, ValueError) as error:
            raise UnsealError("not sealed with this key for this place") from error

    def _cipher(self) -> AESGCM:
        if self._aead is None:
            self._aead = AESGCM(self._key)
        return self._aead

    def derive(self, purpose: bytes) -> "SealingKey":
        """A key of its own for `purpose` (HKDF-SHA256: the key is uniform, so extract has a fixed zero salt)."""
        self.prepare()
        return SealingKey(HKDFExpand(_HASH, KEY_BYTES, purpose).derive(self._extracted))

    def prepare(self) -> None:
        """Make what other keys are derived from ahead, where nobody waits for it: half of a derivation."""
        if not self._extracted:
            self._extracted = HKDF.extract(_HASH, None, self._key)

    @classmethod
    def fresh(cls) -> "SealingKey":
        """A new random key."""
        return cls(os.urandom(KEY_BYTES))
