"""What of a published contract no longer holds: nothing that others rely on goes, and nothing new is asked of them.

Held against what stands in contracts/published/: a later word for something is no change, a shorter list is.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tools.reference.contracts import Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# What a value may be: another word here is another value.
_SAME = ("type", "const", "pattern", "format", "contentMediaType", "contentEncoding")
# What lets less through than before.
_LEAST, _MOST = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
# In these, names are chosen by the contract: each that was there stays.
_NAMED = ("paths", "webhooks", "channels", "operations", "messages", "properties", "schemas", "parameters")


def broken(published: Node, now: Node, today: date) -> list[str]:
    """A sentence for each promise of a published document that this one breaks.

    What was published as deprecated may go once the day of its `x-until` is over.
    """
    return sorted(set(_broken(published, now, "", today)))


def _broken(before: Any, now: Any, where: str, today: date) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        yield from _values(before, now, where)
        yield from _lists(before, now, where)
        for name, part in before.items():
            if name in now:
                yield from _broken(part, now[name], f"{where}/{name}", today)
            elif _is_missed(name, part, where, today):
                yield f"{where}/{name}: it is gone"
        yield from _asked_more(before, now, where)
    elif isinstance(before, list) and isinstance(now, list):
        yield from _parts(before, now, where, today)


def _is_missed(name: str, part: Any, where: str, today: date) -> bool:
    """Whether somebody may rely on it, and was not told long enough that it goes."""
    until = part.get("x-until") if isinstance(part, dict) and part.get("deprecated") else None
    if until is not None and date.fromisoformat(str(until)) < today:
        return False
    above = where.rpartition("/")[2]
    return above in (*_NAMED, "responses", "content", "headers") or name in METHODS


def _values(before: Node, now: Node, where: str) -> Iterator[str]:
    if where.rpartition("/")[2] in _NAMED:
        return
    for name in _SAME:
        if before.get(name) != now.get(name):
            yield f"{where}/{name}: {before.get(name)!r} became {now.get(name)!r}"
    for name in (*_LEAST, *_MOST):
        was, becomes = before.get(name), now.get(name)
        is_number = isinstance(becomes, int | float)
        if is_number and (was is None or (becomes > was if name in _LEAST else becomes < was)):
            yield f"{where}/{name}: {was!r} became {becomes!r}"
    if "$ref" in before and before["$ref"] != now.get("$ref"):
        yield f"{where}: it was {before['$ref']}"
    if before.get("additionalProperties") is not False and now.get("additionalProperties") is False:
        yield f"{where}: further fields are refused now"
    if where.rpartition("/")[0].endswith("/channels") and before.get("address") != now.get("address"):
        yield f"{where}/address: {before.get('address')!r} became {now.get('address')!r}"


def _lists(before: Node, now: Node, where: str) -> Iterator[str]:
    """Words that may be said, and fields that are there; a status that a client does not know is one too many."""
    words = {str(word) for word in now.get("enum", ())}
    yield from (f"{where}/enum: {word} is gone" for word in before.get("enum", ()) if str(word) not in words)
    needed, was_needed = _required(now), _required(before)
    yield from (f"{where}/required: {name} is needed now" for name in needed - was_needed)
    yield from (f"{where}/required: {name} may be absent now" for name in was_needed - needed)
    if where.endswith("/responses"):
        yield from (f"{where}/{status}: a status more" for status in now if status not in before)


def _required(node: Node) -> set[str]:
    required = node.get("required", ())
    return set(required) if isinstance(required, list) else set()


def _asked_more(before: Node, now: Node, where: str) -> Iterator[str]:
    if now.get("required") is True and before.get("required") is not True and "required" in before:
        yield f"{where}: it must be there now"


def _parts(before: list[Any], now: list[Any], where: str, today: date) -> Iterator[str]:
    """Parameters by what they are called, everything else by its place."""
    kind = where.rpartition("/")[2]
    if kind == "parameters":
        was, becomes = _by_name(before), _by_name(now)
        yield from (f"{where}: {name} is gone" for name in was if name not in becomes)
        for name, one in becomes.items():
            if name in was:
                yield from _broken(was[name], one, f"{where}/{name}", today)
            elif one.get("required") or "$ref" in one:
                yield f"{where}: {name} is needed now"
    elif kind in ("allOf", "anyOf", "oneOf", "items", "security", "tags"):
        if len(now) < len(before):
            yield f"{where}: {len(before)} became {len(now)}"
        for number, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from _broken(one, other, f"{where}/{number}", today)


def _by_name(parameters: list[Any]) -> dict[str, Any]:
    return {str(one.get("name", one.get("$ref"))): one for one in parameters}


def lost(published: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Bytes that were published as right or wrong, and are no longer among those that are tried."""
    return sorted(name for name, digest in published.items() if now.get(name) != digest)
