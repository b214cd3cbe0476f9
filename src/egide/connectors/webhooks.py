"""Who calls is who has the secret: Standard Webhooks 1.0.0, HMAC-SHA256 (RFC 2104) over id, time and body.

Signed is `webhook-id`, a point, `webhook-timestamp`, a point, and the body. `webhook-signature` holds one signature or
several with spaces between them, each `v1,` and base64, so that a secret can be changed without a gap.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from pathlib import Path

# How far the clocks of gateway and server may differ, and how long a call that somebody recorded stays valid.
WINDOW_S = 300
SECRET_PREFIX = "whsec_"
# The standard asks for 24 to 64 bytes.
SECRET_BYTES = range(24, 65)
MOST_SIGNATURES = 8
_ID = re.compile(r"[!-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class Unauthentic(Exception):
    """The call is not theirs, or no longer; `reason` is a word of contracts/sms-gateway.openapi.yaml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def secret_of(text: str) -> bytes:
    """The bytes of a secret as it is written (`whsec_` and base64). Raises ValueError, without the secret in it."""
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64") from error
    if not text.startswith(SECRET_PREFIX):
        raise ValueError(f"it does not begin with {SECRET_PREFIX}")
    if len(secret) not in SECRET_BYTES:
        raise ValueError(f"it holds {len(secret)} bytes, expected {SECRET_BYTES[0]} to {SECRET_BYTES[-1]}")
    return secret


def secrets_in(path: Path) -> list[bytes]:
    """The secrets of a file, one in a line. Raises ValueError naming the line, OSError."""
    secrets = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            secrets.append(secret_of(text))
        except ValueError as error:
            raise ValueError(f"line {number} of {path.name} is no secret: {error}") from error
    if not secrets:
        raise ValueError(f"{path.name} holds no secret: give whsec_ and base64, one in a line")
    return secrets


def signature_of(secret: bytes, call: str, timestamp: str, body: bytes) -> str:
    """What `webhook-signature` holds for this call."""
    signed = f"{call}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def check_call(
    secrets: Sequence[bytes], call: str, timestamp: str, signatures: str, body: bytes, now_s: int
) -> None:
    """Raises Unauthentic "unsigned", "bad-signature" or "outside-window"."""
    if not _ID.fullmatch(call) or not _TIMESTAMP.fullmatch(timestamp) or not signatures:
        raise Unauthentic("unsigned")
    expected = [signature_of(secret, call, timestamp, body).encode() for secret in secrets]
    given = [text.encode() for text in signatures.split(" ")[:MOST_SIGNATURES]]
    # Every pair is compared, each in constant time: how long it takes says nothing of which one was near.
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        raise Unauthentic("bad-signature")
    if abs(now_s - int(timestamp)) > WINDOW_S:
        raise Unauthentic("outside-window")
