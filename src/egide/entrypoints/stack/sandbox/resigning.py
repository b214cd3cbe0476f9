"""Signatures of dispatch systems while a sandbox's clock was turned on: each side keeps to its own clock.

What Egide signs is signed anew for the machine's time, and what was rightly signed for the machine's time is signed
anew for the sandbox's. What was not rightly signed stays as it is, and is refused as it would be.
"""

from typing import Final

from multidict import CIMultiDict

from egide.connectors.webhooks import Unauthentic, check_call, secret_of, signature_of

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_ALL: Final = (ID, TIME, SIGNATURE)


def signed_anew(
    headers: CIMultiDict[str], body: bytes, secret: str, by_s: int, for_s: int
) -> CIMultiDict[str]:
    """The headers of a call that was signed by a clock that says `by_s`, signed for one that says `for_s`."""
    number, at, signatures = (headers.get(name, "") for name in _ALL)
    key = secret_of(secret)
    try:
        check_call([key], number, at, signatures, body, by_s)
    except Unauthentic:
        return headers
    moved = str(int(at) + for_s - by_s)
    found = headers.copy()
    found[TIME], found[SIGNATURE] = moved, signature_of(key, number, moved, body)
    return found
