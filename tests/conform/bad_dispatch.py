"""Dispatch systems with one fault each, by the point that finds it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from egide.conform.calls import Answer
from tests.conform.dispatch import REFUSED, Dispatch

FAILED, MOVED_AWAY = Answer(500, {}, b""), Answer(302, {"location": "/elsewhere"}, b"")
Told = dict[str, Any]


class Unsigned(Dispatch):
    """Takes what is not signed at all."""

    def verified(self, headers: Mapping[str, str], body: bytes) -> Told | None:
        if "webhook-signature" in headers:
            return super().verified(headers, body)
        return dict(json.loads(body))


class Unchecked(Dispatch):
    """Looks whether there is a signature, and not at it."""

    def verified(self, headers: Mapping[str, str], body: bytes) -> Told | None:
        return dict(json.loads(body)) if "webhook-signature" in headers else None


class Timeless(Dispatch):
    """Checks the signature, and takes whatever time is in it."""

    def verified(self, headers: Mapping[str, str], body: bytes) -> Told | None:
        if "webhook-signature" not in headers:
            return None
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        signed = self.webhook.sign(headers["webhook-id"], at, body.decode())
        return dict(json.loads(body)) if signed in headers["webhook-signature"].split(" ") else None


class FirstOnly(Dispatch):
    """Looks at the first signature alone."""

    def verified(self, headers: Mapping[str, str], body: bytes) -> Told | None:
        first = headers.get("webhook-signature", "").split(" ")[0]
        return super().verified({**headers, "webhook-signature": first}, body) if first else None


class ShowsTests(Dispatch):
    def show(self, told: Told) -> None:
        super().show(told | {"type": "alarm.raised"} if told["test"] else told)


class ShowsTwice(Dispatch):
    """Knows no message again."""

    def take(self, told: Told) -> Answer:
        self.known.clear()
        return super().take(told)


class NeverEnds(Dispatch):
    def show(self, told: Told) -> None:
        if told["type"] != "alarm.closed":
            super().show(told)


class OneAtATime(Dispatch):
    """Cannot take a message while it takes another."""

    def __init__(self, secret: bytes) -> None:
        super().__init__(secret)
        self._tests = 0

    def take(self, told: Told) -> Answer:
        self._tests += told["type"] == "test"
        return FAILED if self._tests > 8 else super().take(told)


def answering(answer: Answer, when: Callable[[Dispatch, Told], object]) -> Callable[[bytes], Dispatch]:
    """One that answers so where it holds, and takes everything else."""

    class Answering(Dispatch):
        def take(self, told: Told) -> Answer:
            return answer if when(self, told) else super().take(told)

    return Answering


def _is(kind: str) -> Callable[[Dispatch, Told], object]:
    return lambda _system, told: told["type"] == kind


FAULTS: dict[str, Callable[[bytes], Dispatch]] = {
    "test": answering(REFUSED, _is("test")),
    "test-apart": ShowsTests,
    "raised": answering(MOVED_AWAY, _is("alarm.raised")),
    "repeat": answering(Answer(409, {}, b"known"), lambda system, told: told["id"] in system.known),
    "shown-once": ShowsTwice,
    "moved": answering(FAILED, _is("alarm.moved")),
    "unsigned": Unsigned,
    "other-secret": Unchecked,
    "changed-body": Unchecked,
    "changed-id": Unchecked,
    "changed-time": Unchecked,
    "old": Timeless,
    "ahead": Timeless,
    "two-signatures": FirstOnly,
    "unknown-fields": answering(FAILED, lambda _system, told: "note_of_later" in told),
    "fewest-fields": answering(FAILED, lambda _system, told: "weapon" not in told),
    "nothing-known": answering(FAILED, lambda _system, told: told.get("weapon", False) is None),
    "many-at-once": OneAtATime,
    "closed": answering(FAILED, _is("alarm.closed")),
    "closed-gone": NeverEnds,
    "raised-anew": answering(
        FAILED, lambda system, told: any(told["alarm"] == one["alarm"] for one in system.seen if _ended(one))
    ),
}


def _ended(told: Told) -> bool:
    return bool(told["type"] == "alarm.closed")
