"""The claim of contracts/gatt.md, seen from the phone: both sides show once that they hold the key of this button."""

import hmac
import secrets

from egide.companion.ports import RadioError
from egide.protocol import frame as frames


class NotOurs(RadioError):
    """A button of another kit."""


class Claim:
    """One claim on one connection, with a nonce of its own."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._phone_nonce = secrets.token_bytes(frames.NONCE_BYTES)
        self._button_nonce = b""

    def proof(self, state: bytes) -> bytes:
        """What is written after the first read, `state`."""
        self._button_nonce = state[1:]
        return frames.encode_claim(self._button_nonce, self._phone_nonce, self._key)

    def check(self, answer: bytes) -> None:
        """The second read. Raises NotOurs."""
        wanted = b"\x01" + frames.claim_answer(self._button_nonce, self._phone_nonce, self._key)
        if not hmac.compare_digest(answer, wanted):
            raise NotOurs("this button does not hold the key of this kit")
