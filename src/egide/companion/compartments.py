"""Two compartments that look alike: one is opened by her own code, one by the code under threat.

Nothing tells which is which, or which of them was written last.

Each has a head under the key that its code makes, with two keys in it: that of its own page, and one that both share.
Every page lies under its own key within the shared one, so that either code can seal both anew. The same
bytes as `phone/src/core/compartments.ts`; AES-256-GCM (NIST SP 800-38D), each under a fresh nonce of 12 bytes.
"""

import secrets
from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_PAGE_BYTES = 512

Fresh = Callable[[int], bytes]


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """What only she reads. `tested_at_ms`: when a test last got through, in ms since 1970."""

    kit: str = ""
    button: str = ""
    tested_at_ms: int | None = None


class Compartment(msgspec.Struct, frozen=True):
    """As it is stored, in hexadecimal."""

    head: str
    page: str


Compartments = tuple[Compartment, Compartment]


class Opened(msgspec.Struct, frozen=True):
    """A compartment that was opened, and the keys (32 bytes each) to write it anew. `at`: 0 or 1."""

    at: int
    is_threat: bool
    page_key: bytes
    shared_key: bytes
    page: Page


def sealed(own: bytes, threat: bytes, page: Page, fresh: Fresh = secrets.token_bytes) -> Compartments:
    """Both for the keys (32 bytes) of two codes, in an order drawn by lot. `fresh` gives random bytes.

    Raises ValueError for a page that is too long.
    """
    shared = fresh(KEY_BYTES)
    mine = _compartment(own, False, shared, page, fresh)
    other = _compartment(threat, True, shared, Page(), fresh)
    return (mine, other) if fresh(1)[0] & 1 else (other, mine)


def opened(key: bytes, compartments: Compartments) -> Opened | None:
    """What the key opens; None when nothing. Both are always tried, so that time tells nothing."""
    heads = [_head(key, compartment) for compartment in compartments]
    at = 1 if heads[0] is None else 0
    head = heads[at]
    if head is None:
        return None
    page_key, shared_key = head[1 : 1 + KEY_BYTES], head[1 + KEY_BYTES :]
    page = _unseal(page_key, _unseal(shared_key, bytes.fromhex(compartments[at].page)))
    return Opened(at, head[0] == 1, page_key, shared_key, msgspec.json.decode(page, type=Page))


def rewritten(was: Opened, page: Page, compartments: Compartments) -> Compartments:
    """The same with another page where `was` stands. Both look new. Raises ValueError for a page that is too long."""

    def anew(at: int) -> Compartment:
        compartment = compartments[at]
        inner = _unseal(was.shared_key, bytes.fromhex(compartment.page))
        if at == was.at:
            inner = _seal(was.page_key, _page_bytes(page), secrets.token_bytes)
        return Compartment(compartment.head, _seal(was.shared_key, inner, secrets.token_bytes).hex())

    return anew(0), anew(1)


def _compartment(key: bytes, is_threat: bool, shared: bytes, page: Page, fresh: Fresh) -> Compartment:
    page_key = fresh(KEY_BYTES)
    head = _seal(key, bytes([is_threat]) + page_key + shared, fresh)
    inner = _seal(page_key, _page_bytes(page), fresh)
    return Compartment(head.hex(), _seal(shared, inner, fresh).hex())


def _page_bytes(page: Page) -> bytes:
    """Always of one length."""
    text = msgspec.json.encode(page)
    if len(text) > _PAGE_BYTES:
        raise ValueError(f"a page of {len(text)} bytes, at most {_PAGE_BYTES}")
    return text.ljust(_PAGE_BYTES)


def _head(key: bytes, compartment: Compartment) -> bytes | None:
    try:
        return _unseal(key, bytes.fromhex(compartment.head))
    except InvalidTag:
        return None


def _seal(key: bytes, plain: bytes, fresh: Fresh) -> bytes:
    nonce = fresh(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _unseal(key: bytes, data: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)
