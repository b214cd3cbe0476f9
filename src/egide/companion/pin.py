"""What a code may be; and the codes as older versions kept them: slow hashes (PBKDF2, RFC 8018), compared in one go."""

import hashlib
import hmac
from enum import StrEnum

import msgspec

_ROUNDS = 200_000
_LENGTHS = range(4, 9)


class HashedPin(msgspec.Struct, frozen=True):
    """Salt (16 bytes) and PBKDF2-HMAC-SHA-256 (32 bytes) of a code."""

    salt: bytes
    hash: bytes


class PinVerdict(StrEnum):
    """Which of the two codes was entered."""

    RIGHT = "right"
    DURESS = "duress"
    WRONG = "wrong"


def check_pin(text: str) -> str:
    """Four to eight digits. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) in _LENGTHS):
        raise ValueError("a code has four to eight digits")
    return text


def judge_pin(pin: str, own: HashedPin, duress: HashedPin | None) -> PinVerdict:
    """Both are always computed, so that time tells nothing."""
    is_duress, is_own = (_matches(pin, known or own) for known in (duress, own))
    if duress is not None and is_duress:
        return PinVerdict.DURESS
    return PinVerdict.RIGHT if is_own else PinVerdict.WRONG


def _matches(pin: str, known: HashedPin) -> bool:
    hashed = hashlib.pbkdf2_hmac("sha256", pin.encode(), known.salt, _ROUNDS)
    return hmac.compare_digest(hashed, known.hash)
