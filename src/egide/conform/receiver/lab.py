"""The calls that Egide would make to one dispatch system, and what it shows meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Any

from egide.common.clock import Clock
from egide.conform.calls import Answer, Caller
from egide.conform.points import Untried, expect
from egide.conform.receiver.messages import Alarm, encoded, signature

# What a dispatch system shows now: the numbers of alarms, each as often as it is there.
Shown = Callable[[], Awaitable[list[str]]]


class ReceiverLab:
    """`shown`: None where nobody can say what stands on its screens."""

    def __init__(self, caller: Caller, clock: Clock, secret: bytes, shown: Shown | None = None) -> None:
        self._caller, self.clock, self.secret = caller, clock, secret
        self._shown = shown
        # One alarm that goes through everything, as Egide would tell of it.
        self.alarm = Alarm(clock)
        self.raised: dict[str, Any] | None = None
        self.raised_answer: Answer | None = None

    @property
    def now_s(self) -> int:
        return self.clock.now_us() // 1_000_000

    def headers(
        self, told: dict[str, Any], body: bytes, *, secret: bytes | None = None, age_s: int = 0
    ) -> dict[str, str]:
        """Signed `age_s` seconds ago."""
        at_s = self.now_s - age_s
        return {
            "content-type": "application/json",
            "webhook-id": told["id"],
            "webhook-timestamp": str(at_s),
            "webhook-signature": signature(secret or self.secret, told["id"], at_s, body),
        }

    async def post(self, headers: dict[str, str], body: bytes) -> Answer:
        return await self._caller.call("POST", "", headers, body)

    async def tell(self, told: dict[str, Any], **how: Any) -> Answer:
        """Send one message, signed rightly unless `how` says otherwise."""
        body = encoded(told)
        return await self.post(self.headers(told, body, **how), body)

    async def shown(self) -> list[str]:
        """Raises Untried."""
        if self._shown is None:
            raise Untried("nobody said how to see what it shows (--shown)")
        return await self._shown()


def taken(answer: Answer) -> str:
    """Raises Deviates where a machine did not take it: anything but 2xx, a redirect too."""
    expect(200 <= answer.status < 300, str(answer))
    return str(answer.status)


def refused(answer: Answer) -> str:
    """Raises Deviates where it was not refused for what it is: a 4xx."""
    expect(400 <= answer.status < 500, str(answer))
    return str(answer.status)
