"""The two codes: what they open, how they are chosen, and the page that is open now (decision 0029).

Its model is `phone/src/engine/codes.ts`.
"""

import asyncio
import secrets
from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus

import msgspec

from egide.companion.choices import Choices
from egide.companion.compartments import Compartments, Opened, Page, opened, rewritten, sealed
from egide.companion.pin import PinVerdict, judge_pin
from egide.companion.sending.sender import Sender, SendRefused, Unreachable
from egide.companion.store import PhoneStore
from egide.protocol.opening import SALT_BYTES, key_of, make_opening, stretched, tag_of


class CodeKind(StrEnum):
    """What a code is: one of the two, another, or not to be known now: no network, or too many different ones."""

    OWN = "own"
    THREAT = "threat"
    WRONG = "wrong"
    OFFLINE = "offline"
    OFTEN = "often"


_OLD = {PinVerdict.RIGHT: CodeKind.OWN, PinVerdict.DURESS: CodeKind.THREAT, PinVerdict.WRONG: CodeKind.WRONG}


class _Kept(msgspec.Struct, frozen=True):
    """`salt`: 16 bytes in hexadecimal."""

    salt: str
    compartments: Compartments


class Codes:
    """Those of one phone. `page` is what the code opened that was entered last; empty while none was."""

    def __init__(self, store: PhoneStore, sender: Sender) -> None:
        self._store = store
        self._sender = sender
        self._open: Opened | None = None
        # What came while no page was open is written into the next that is.
        self._unwritten: dict[str, int] = {}

    @property
    def page(self) -> Page:
        return msgspec.structs.replace(self._open.page if self._open else Page(), **self._unwritten)

    @property
    def are_chosen(self) -> bool:
        """Whether anything opens with a code here."""
        return self._store.codes() is not None

    @property
    def is_open(self) -> bool:
        """Whether a code opened a page, whichever it was."""
        return self._open is not None

    async def enter(self, code: str, before: Choices) -> CodeKind:
        """What `code` is. `before`: what a store of an older version kept of the codes."""
        if before.pin is not None:
            return _OLD[await asyncio.to_thread(judge_pin, code, before.pin, before.duress)]
        kept = self._kept()
        if kept is None:
            return CodeKind.WRONG
        try:
            key = await self._key(code, bytes.fromhex(kept.salt))
        except SendRefused as refused:
            return CodeKind.OFTEN if refused.status == HTTPStatus.TOO_MANY_REQUESTS else CodeKind.OFFLINE
        except Unreachable:
            return CodeKind.OFFLINE
        found = opened(key, kept.compartments)
        if found is None:
            return CodeKind.WRONG
        # A code that is asked for on an open page changes nothing of it.
        self._open = self._open or found
        return CodeKind.THREAT if found.is_threat else CodeKind.OWN

    async def choose(self, own: str, threat: str, page: Page, keep: Callable[[bytes], None]) -> None:
        """Set both codes. `keep` writes them down, with whatever else there is, all or nothing: once the server has
        given its halves, seconds later perhaps.

        Raises Unreachable or SendRefused when the server gives no half, sqlite3.Error when nothing can be kept.
        """
        salt = secrets.token_bytes(SALT_BYTES)
        keys = [await self._key(code, salt) for code in (own, threat)]
        compartments = sealed(keys[0], keys[1], page)
        keep(msgspec.json.encode(_Kept(salt.hex(), compartments)))
        self._open = opened(keys[0], compartments)
        self._unwritten = {}

    def note_test(self, at_ms: int) -> None:
        """A test got through: kept on the page that is open. Both compartments look new, whichever it is.

        Raises sqlite3.Error.
        """
        self._unwritten["tested_at_ms"] = at_ms
        kept = self._kept()
        if self._open is None or kept is None:
            return
        page = self.page
        written = _Kept(kept.salt, rewritten(self._open, page, kept.compartments))
        self._store.do_keep_codes(msgspec.json.encode(written))
        self._open = msgspec.structs.replace(self._open, page=page)
        self._unwritten = {}

    def _kept(self) -> _Kept | None:
        data = self._store.codes()
        return None if data is None else msgspec.json.decode(data, type=_Kept)

    async def _key(self, code: str, salt: bytes) -> bytes:
        stretch = await asyncio.to_thread(stretched, code, salt)
        part = await self._sender.open(make_opening(tag_of(stretch), self._store.key))
        return key_of(stretch, part)
