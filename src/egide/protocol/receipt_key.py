"""The key that signs receipts is handed on: the one in force signs the one that follows, and phones pin that ahead.

Replies carry the word while both exist. A phone that was away for all that time asks for all of them (GET
/v1/receipt-keys), and goes from the key that it knows to the one that signed its receipt, link by link.
"""

from collections.abc import Sequence

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.keys import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SigningKey, signature_is_valid
from egide.protocol.receipt import Receipt, receipt_is_valid

# What a pending thing is called that hands the key on.
PENDING = "key"
# More links than that are no chain of ours.
MOST = 64


class ReceiptKeys(msgspec.Struct, frozen=True):
    """Body of GET /v1/receipt-keys: every link, oldest first."""

    keys: tuple[str, ...]


class Pinned(msgspec.Struct, frozen=True):
    """What a phone believes: receipts by `key`, and from the first by `ahead` on those by that alone. Both 32 bytes;
    `ahead` is empty when nothing was handed on. The first that is pinned ahead stays: a key that leaks later pins no
    other.
    """

    key: bytes
    ahead: bytes = b""

    def after(self, receipt: Receipt, envelope: bytes) -> "Pinned | None":
        """What it believes after this receipt; None when the receipt is signed by neither key."""
        if receipt_is_valid(receipt, envelope, self.key):
            return Pinned(self.key, self.ahead or _announced(receipt, self.key))
        if self.ahead and receipt_is_valid(receipt, envelope, self.ahead):
            return Pinned(self.ahead, _announced(receipt, self.ahead))
        return None

    def along(self, links: Sequence[str], receipt: Receipt, envelope: bytes) -> "Pinned | None":
        """The same, by way of these links; None when neither its own keys nor one of the chain signed the receipt."""
        # What was believed of another message meanwhile may have led here already.
        if found := self.after(receipt, envelope):
            return found
        key = self.ahead or self.key
        for link in links[:MOST]:
            following = handed_on(link, key)
            if following:
                key = following
                if found := Pinned(key).after(receipt, envelope):
                    return found
        return None


def handing_statement(key: bytes, following: bytes) -> bytes:
    """What is signed: a fixed word, the key that signs, and the one that follows it (32 bytes each)."""
    return b"egide-receipt-key-1\0" + key + following


def hand_on(key: SigningKey, following: bytes) -> str:
    """The link: base64url of the key that follows (32 bytes) and the signature (64 bytes)."""
    signature = key.sign(handing_statement(bytes(key.verify_key), following)).signature
    return to_base64url(following + signature)


def handed_on(link: str, key: bytes) -> bytes:
    """The key that follows, empty when `key` (32 bytes) did not sign this link."""
    try:
        data = from_base64url(link, PUBLIC_KEY_BYTES + SIGNATURE_BYTES)
    except ValueError:
        return b""
    following, signature = data[:PUBLIC_KEY_BYTES], data[PUBLIC_KEY_BYTES:]
    return following if signature_is_valid(key, handing_statement(key, following), signature) else b""


def _announced(receipt: Receipt, key: bytes) -> bytes:
    """The key that this receipt hands on to, if it does."""
    links = (one.text for one in receipt.pending if one.what == PENDING)
    return next(filter(None, (handed_on(link, key) for link in links)), b"")
