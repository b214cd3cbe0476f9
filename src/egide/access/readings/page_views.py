"""What a page loads beside itself, such as a photo, belongs to the opening that was recorded when the page was made.

The address of such a part carries a mark for its reader, for this file and for a minute. Asked for without one, or
later, the part was opened by itself: that is a reading, and is recorded like any other.
"""

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from egide.outbox.service import clock

LASTS_S = 60
_signer = Signer(salt="egide.access.page-view")


def view_mark(user: str, case: str) -> str:
    """The mark for the parts of a page that is made now; it tells nothing but its time."""
    at_s = clock().now_us() // 1_000_000
    return f"{at_s}.{_signature(user, case, at_s)}"


def is_of_view(mark: str, user: str, case: str) -> bool:
    """Whether a page that this reader opened a moment ago asks for a part of itself."""
    at, _dot, signature = mark.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        return False
    age_s = clock().now_us() // 1_000_000 - int(at)
    return 0 <= age_s <= LASTS_S and constant_time_compare(signature, _signature(user, case, int(at)))


def _signature(user: str, case: str, at_s: int) -> str:
    return _signer.signature(f"{case}:{at_s}:{user}")
