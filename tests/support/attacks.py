"""What attackers send, for the tests and for the measurements of what it costs."""

import http.client
from urllib.parse import urlencode

from egide.protocol.envelope import MAX_BYTES, Sealed, seal_payload
from egide.protocol.keys import SigningKey, kid_of
from tests.support.installation import Phone

# A message whose position is made of as many maps of one number as fit.
_HEAD = b"\xa4\x01\x01\x02\x18\x2a\x03\x1a\x6b\x49\xd2\x00\x04\x9a"
_ITEM = b"\xa1\x00\x00"

# All that an operator can type alone, up to "on site".
TYPED: tuple[tuple[str, dict[str, str]], ...] = (
    ("acknowledge", {}),
    ("zone", {"zone": "5324", "reference": "nobody"}),
    ("team", {"call_sign": "M 12"}),
    ("under-way", {}),
    ("on-site", {}),
)
TYPED_END = {"outcome": "handling-error", "reason": "nothing there"}


def costly() -> bytes:
    """The payload that costs most to read, as long as an envelope may be."""
    count = (MAX_BYTES - 200) // len(_ITEM)
    return _HEAD + count.to_bytes(4, "big") + _ITEM * count


def stranger() -> Phone:
    """A phone that nobody enrolled."""
    return Phone(SigningKey.generate(), "", "")


def forged(phone: Phone, payload: bytes) -> bytes:
    """A payload in the name of this phone's key, sealed by another."""
    kid = kid_of(bytes(phone.key.verify_key))
    signature = SigningKey.generate().sign(Sealed(kid, payload, b"").to_be_signed).signature
    return seal_payload(kid, payload, signature)


class Guesser:
    """A connection that tries passwords on an account of its own name."""

    def __init__(self, connection: http.client.HTTPConnection, number: int, **headers: str) -> None:
        self._connection = connection
        self._connection.request("GET", "/sign-in", headers=headers)
        page = self._connection.getresponse()
        cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
        page.read()
        token = cookie.partition("=")[2]
        self._form = urlencode({"csrfmiddlewaretoken": token, "name": f"n{number}", "password": "x" * 12})
        self._headers = headers | {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}

    def ask(self, **headers: str) -> None:
        """Send one more."""
        self._connection.request("POST", "/sign-in", self._form, self._headers | headers)

    def answer(self) -> int:
        """The status that came back."""
        reply = self._connection.getresponse()
        reply.read()
        return reply.status
