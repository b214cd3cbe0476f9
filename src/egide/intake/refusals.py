"""How an item is refused: a status and a reason that stays the same."""

from http import HTTPStatus

import msgspec

from egide.intake.passing import Answered, Item


def problem(status: HTTPStatus, reason: str, detail: str = "") -> bytes:
    """A refusal as JSON: a stable reason and, where it helps, a detail without personal data."""
    body = {"error": status.phrase, "reason": reason}
    if detail:
        body["detail"] = detail
    return msgspec.json.encode(body)


def refuse(item: Item, status: HTTPStatus, reason: str, detail: str = "") -> Answered:
    """One item is refused, and nothing of it kept."""
    return Answered(item.number, status, reason, problem(status, reason, detail))


def unavailable(item: Item) -> Answered:
    """Nothing of it was kept; it is worth while to say it again."""
    return refuse(item, HTTPStatus.SERVICE_UNAVAILABLE, "journal-unavailable")


def unknown(item: Item) -> Answered:
    """Nobody knows such a phone; so a blocked one is told too."""
    return refuse(item, HTTPStatus.UNAUTHORIZED, "unknown-key")


def full(item: Item) -> Answered:
    """The same, for want of room."""
    return refuse(item, HTTPStatus.INSUFFICIENT_STORAGE, "journal-full")
