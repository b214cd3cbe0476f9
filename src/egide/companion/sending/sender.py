"""Carrying signed messages to the server: each address in turn, the same bytes each time, until a receipt verifies."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import aiohttp
import msgspec

from egide.common.encoding import NotJson, from_base64url, from_json
from egide.companion.rules import (
    ANSWER_TIMEOUT_S,
    BESIDE_S,
    CONNECT_TIMEOUT_S,
    check_server,
    server_order,
    wait_s,
)
from egide.protocol.enrolment import EnrolmentReply, EnrolmentRequest
from egide.protocol.keys import PUBLIC_KEY_BYTES
from egide.protocol.opening import PART_BYTES, OpeningReply, OpeningRequest
from egide.protocol.receipt import KEPT, Receipt
from egide.protocol.receipt_key import Pinned, ReceiptKeys

Answer = TypeVar("Answer")

ACCEPTED, LIMITED = 202, 429
# What a server, or a proxy before it, says while it can take nothing: its journal is away, its disk is full, it begins.
AWAY = (502, 503, 504, 507)
_TAKEN, _TAKEN_OR_KEPT = (201,), (201, ACCEPTED)
_MAX_ANSWER_BYTES = 64 * 1024
# Below the servers' own limit, so that no message is put on a connection that is being closed.
_KEEP_ALIVE_S = 3.0


class Unreachable(Exception):
    """No address answered."""


class SendRefused(Exception):
    """A server answered, but not with a receipt to rely on. `status` is that of HTTP, `reason` the server's word.

    `wait_s`: ask again after so long, 0 where nobody says when. Of several words the one with the most `weight` counts.
    """

    weight = 0

    def __init__(self, status: int, reason: str, wait_s: float = 0) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.wait_s = wait_s


class SendKept(SendRefused):
    """A machine of ours has the message and signed for that; the journal has not, and only then is it sent."""

    weight = 3

    def __init__(self) -> None:
        super().__init__(ACCEPTED, KEPT)


class SendLimited(SendRefused):
    """No server takes more of this phone now, whatever it sends: nothing was said of this message, which passes
    later."""

    weight = 2


class SendAway(SendRefused):
    """No server can take it now: that is said of the server, and nothing of the message (decision 0102)."""

    weight = 1


class Sender:
    """Sends to the first address that answers, beginning with the one that answered last. Use as a context."""

    def __init__(
        self, servers: tuple[str, ...], answer_timeout_s: float = ANSWER_TIMEOUT_S, beside_s: float = BESIDE_S
    ) -> None:
        """`servers`: see rules.check_server, ValueError. No receipt is believed before `trust`."""
        self._beside_s = beside_s
        self._servers = [check_server(url) for url in servers]
        self._timeout = aiohttp.ClientTimeout(total=answer_timeout_s, connect=CONNECT_TIMEOUT_S)
        self._pinned = Pinned(b"")
        self._keep: Callable[[Pinned], None] = lambda _: None
        self._last_good = 0
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Sender":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=_KEEP_ALIVE_S),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def trust(
        self, reply: EnrolmentReply, ahead: bytes = b"", keep: Callable[[Pinned], None] = lambda _: None
    ) -> list[str]:
        """From now on use the enrolled addresses too, and believe this server key alone (else ValueError), or the one
        that was pinned `ahead`. `keep` is told when another is believed.

        Returns the enrolled addresses that may not be used (rules.check_server).
        """
        self._pinned = Pinned(from_base64url(reply.server_key, PUBLIC_KEY_BYTES), ahead)
        self._keep = keep
        refused = []
        for url in reply.servers:
            try:
                self._servers.append(check_server(url))
            except ValueError:
                refused.append(url)
        self._servers = list(dict.fromkeys(self._servers))
        return refused

    async def enrol(self, request: EnrolmentRequest) -> EnrolmentReply:
        """Raises Unreachable, or SendRefused when the code is not (or no longer) valid."""
        body = msgspec.json.encode(request)

        def read(answer: bytes, _url: str) -> EnrolmentReply:
            try:
                return from_json(answer, EnrolmentReply)
            except NotJson as error:
                raise SendRefused(201, f"not an enrolment: {error}") from error

        return await self._post_anywhere("/v1/enrolments", body, "application/json", read)

    async def open(self, request: OpeningRequest) -> bytes:
        """The server's half (32 bytes) of what a code opens. Raises Unreachable or SendRefused."""

        def read(answer: bytes, _url: str) -> bytes:
            try:
                return from_base64url(from_json(answer, OpeningReply).part, PART_BYTES)
            except ValueError as error:
                raise SendRefused(201, f"not a half: {error}") from error

        return await self._post_anywhere(
            "/v1/openings", msgspec.json.encode(request), "application/json", read
        )

    async def send(self, envelope: bytes) -> Receipt:
        """The receipt for exactly these bytes, signed by the pinned key or one that it was handed on to. Raises
        Unreachable or SendRefused: SendKept when no address gave more than the word that it keeps them, SendLimited
        or SendAway when none took them and one would later.
        """
        unproven: list[tuple[str, Receipt]] = []

        def read(answer: bytes, url: str) -> Receipt:
            try:
                receipt = from_json(answer, Receipt)
            except NotJson as error:
                raise SendRefused(201, f"not a receipt: {error}") from error
            if not self._believe(self._pinned.after(receipt, envelope)):
                unproven.append((url, receipt))
                raise SendRefused(201, "the receipt is not signed by our server")
            return _complete(receipt)

        try:
            return await self._post_anywhere(
                "/v1/messages", envelope, "application/cose", read, _TAKEN_OR_KEPT, self._beside_s
            )
        except SendRefused:
            # Only when no address gave a good one: nobody in our name holds up a press by it.
            for url, receipt in unproven:
                links = await self._links(url)
                if self._believe(self._pinned.along(links, receipt, envelope)):
                    return _complete(receipt)
            raise

    def _believe(self, pinned: Pinned | None) -> bool:
        """Whether there is a key to believe; another one than before is kept first."""
        if pinned is not None and pinned != self._pinned:
            self._keep(pinned)
            self._pinned = pinned
        return pinned is not None

    async def _links(self, url: str) -> tuple[str, ...]:
        """Every link of the chain of keys, as this address tells them; none when it does not."""
        assert self._session is not None
        try:
            async with self._session.get(f"{url}/v1/receipt-keys", allow_redirects=False) as response:
                return from_json(await response.content.read(_MAX_ANSWER_BYTES), ReceiptKeys).keys
        except (TimeoutError, aiohttp.ClientError, OSError, NotJson):
            return ()

    async def _post_anywhere(
        self,
        path: str,
        body: bytes,
        content_type: str,
        read: Callable[[bytes, str], Answer],
        statuses: tuple[int, ...] = _TAKEN,
        beside_s: float | None = None,
    ) -> Answer:
        """The first answer of these `statuses` that `read` takes. A refusal is kept in mind while the other addresses
        are tried: a server in our name without its key must not hold up a press, nor one that has no journal now. One
        that says nothing for `beside_s` is not waited for alone: the next is asked beside it (decision 0072)."""

        async def ask(index: int) -> Answer:
            url = self._servers[index]
            return read(await self._post(url + path, body, content_type, statuses), url)

        refusal: SendRefused | None = None
        waiting = server_order(self._servers, self._last_good)
        asked: dict[asyncio.Task[Answer], int] = {}
        try:
            while waiting or asked:
                if waiting:
                    index = waiting.pop(0)
                    asked[asyncio.create_task(ask(index))] = index
                patience_s = beside_s if waiting else None
                done, _ = await asyncio.wait(asked, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    index = asked.pop(task)
                    try:
                        answer = task.result()
                    except SendRefused as error:
                        refusal = _weightier(refusal, error)
                    except (TimeoutError, aiohttp.ClientError, OSError):
                        continue
                    else:
                        self._last_good = index
                        return answer
        finally:
            for task in asked:
                task.cancel()
            # Theirs is of no use any more, whatever it was.
            await asyncio.gather(*asked, return_exceptions=True)
        raise refusal or Unreachable(f"none of {len(self._servers)} addresses answered")

    async def _post(self, url: str, body: bytes, content_type: str, statuses: tuple[int, ...]) -> bytes:
        assert self._session is not None
        headers = {"content-type": content_type}
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            answer = await response.content.read(_MAX_ANSWER_BYTES)
            if response.status not in statuses:
                raise refused(response.status, answer, response.headers.get("retry-after", ""))
            return answer


def refused(status: int, answer: bytes, retry_after: str) -> SendRefused:
    """What a server said instead of a receipt."""
    reason = _reason(answer)
    if status == LIMITED:
        return SendLimited(status, reason, wait_s(retry_after))
    return SendAway(status, reason, wait_s(retry_after)) if status in AWAY else SendRefused(status, reason)


def _weightier(one: SendRefused | None, other: SendRefused) -> SendRefused:
    """Which of two words counts: who keeps it; then a limit, since it passes; then a server that is away, which comes
    back; of these the one that is over first. Else, and among equals, the later."""
    if one is None or (other.weight, -other.wait_s) >= (one.weight, -one.wait_s):
        return other
    return one


def _complete(receipt: Receipt) -> Receipt:
    """The receipt, if the journal has the message. Raises SendKept."""
    if receipt.state == KEPT:
        raise SendKept
    return receipt


class _Problem(msgspec.Struct):
    reason: str = ""


def _reason(answer: bytes) -> str:
    """The server's word for a refusal, if it gave one."""
    try:
        return from_json(answer, _Problem).reason[:80]
    except NotJson:
        return ""
