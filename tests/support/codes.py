"""What an authenticator app shows: time-based one-time passwords, written from RFC 6238 and RFC 4226."""

import base64
import hashlib
import hmac

from egide.common.clock import SystemClock

STEP_S = 30


def code_of(secret: str, steps: int = 0) -> str:
    """The six digits of a base32 secret now, or so many steps of thirty seconds later."""
    step = SystemClock().now_us() // 1_000_000 // STEP_S + steps
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    at = digest[-1] & 0xF
    value = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{value % 1_000_000:06d}"
