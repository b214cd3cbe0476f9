"""One press as a trace: which process did what, and how long that took. Pure.

Made afterwards from what the journal says in the clear (kinds and times), so that a press pays nothing for it. The ids
are random and kept nowhere: no trace leads to an alarm. Format: OTLP 1.x as JSON (opentelemetry-proto, trace/v1).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec


class _Step(NamedTuple):
    service: str
    name: str


# The first opens a trace, the last one ends it. Only the first of each kind counts.
STEPS = {
    "PressReceived": _Step("egide-intake", "received"),
    "AlarmRouted": _Step("egide-worker", "routed"),
    "ShownOnBoard": _Step("egide-web", "shown on a board"),
    "AlarmAcknowledged": _Step("egide-web", "acknowledged"),
}
FIRST, LAST = "PressReceived", "AlarmAcknowledged"
WHOLE = _Step("egide", "press")
# A press that nobody acknowledged in this time is told as it is by then, as an error.
WAITS_S = 600
# More presses at once than a country has: what is above is not traced.
MOST_AT_ONCE = 1000
_INTERNAL, _ERROR = 1, 2


class Traces:
    """Presses under way, by the stream of their events; nothing of it leaves memory but what `note` returns."""

    def __init__(self, new_id: Callable[[int], str]) -> None:
        self._new_id = new_id
        self._at_us: dict[str, dict[str, int]] = {}

    def note(self, stream: str, kind: str, at_us: int) -> bytes | None:
        """One event of the journal, in its order; the whole trace once the press is acknowledged."""
        if kind == FIRST and len(self._at_us) < MOST_AT_ONCE:
            self._at_us.setdefault(stream, {})
        steps = self._at_us.get(stream)
        if steps is None or kind not in STEPS:
            return None
        steps.setdefault(kind, at_us)
        return self._ended(stream) if kind == LAST else None

    def overdue(self, now_us: int) -> list[bytes]:
        """Presses that nobody acknowledged for so long."""
        late = [
            stream for stream, steps in self._at_us.items() if now_us - steps[FIRST] >= WAITS_S * 1_000_000
        ]
        return [self._ended(stream) for stream in late]

    def _ended(self, stream: str) -> bytes:
        steps = self._at_us.pop(stream)
        trace, root = self._new_id(16), self._new_id(8)
        times = list(steps.values())
        whole = _span(trace, root, WHOLE.name, times[0], max(times))
        if LAST not in steps:
            whole["status"] = {"code": _ERROR}
        spans: dict[str, list[dict[str, Any]]] = {WHOLE.service: [whole]}
        began_us = times[0]
        for kind, at_us in steps.items():
            step = STEPS[kind]
            # Two processes of one machine may write within a microsecond, in either order.
            span = _span(trace, self._new_id(8), step.name, min(began_us, at_us), at_us)
            spans.setdefault(step.service, []).append(span | {"parentSpanId": root})
            began_us = at_us
        return msgspec.json.encode({"resourceSpans": [_resource(*one) for one in spans.items()]})


def _span(trace: str, span: str, name: str, began_us: int, ended_us: int) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": span,
        "name": name,
        "kind": _INTERNAL,
        "startTimeUnixNano": str(began_us * 1000),
        "endTimeUnixNano": str(ended_us * 1000),
    }


def _resource(service: str, spans: list[dict[str, Any]]) -> dict[str, Any]:
    attributes = [{"key": "service.name", "value": {"stringValue": service}}]
    return {
        "resource": {"attributes": attributes},
        "scopeSpans": [{"scope": {"name": "egide"}, "spans": spans}],
    }
