"""A press as a trace: names of steps and times. No person, no id of one, nobody's place or centre gets into it."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from egide.alarm import events as a
from egide.common.clock import SystemClock
from egide.connectors.registry import problems_of
from egide.connectors.traces.spans import MOST_AT_ONCE, STEPS, WAITS_S, Traces
from egide.entrypoints.worker.tracing import trace_until
from egide.journal.now.outcomes import outcomes
from egide.journal.now.signs import Signs
from tests.support.installation import Installation
from tests.support.waiting import until

Span = dict[str, Any]
PRESS = "alarm:0011223344556677-9"


def counted() -> Traces:
    """Traces whose ids count up."""
    numbers = iter(range(1, 10_000))
    return Traces(lambda size: f"{next(numbers):0{2 * size}x}")


def spans_of(trace: bytes | None) -> list[tuple[str, Span]]:
    """Each span with the process that it belongs to."""
    assert trace is not None
    return [
        (resource["resource"]["attributes"][0]["value"]["stringValue"], span)
        for resource in json.loads(trace)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def test_a_press_becomes_one_trace_with_a_step_of_each_process() -> None:
    traces, times = counted(), (1_000_000, 1_000_400, 1_250_000, 3_000_000)
    ended = [traces.note(PRESS, kind, at_us) for kind, at_us in zip(STEPS, times, strict=True)]
    assert ended[:3] == [None, None, None]
    found = spans_of(ended[3])
    assert [(service, span["name"]) for service, span in found] == [
        ("egide", "press"),
        ("egide-intake", "received"),
        ("egide-worker", "routed"),
        ("egide-web", "shown on a board"),
        ("egide-web", "acknowledged"),
    ]
    assert len({span["traceId"] for _service, span in found}) == 1
    assert len({span["spanId"] for _service, span in found}) == 5
    assert {span.get("parentSpanId") for _service, span in found[1:]} == {found[0][1]["spanId"]}
    took_ns = [int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) for _service, span in found]
    assert took_ns == [2_000_000_000, 0, 400_000, 249_600_000, 1_750_000_000]
    assert "status" not in found[0][1]


def test_what_comes_again_or_of_other_alarms_changes_nothing() -> None:
    traces = counted()
    traces.note(PRESS, "PressReceived", 1_000_000)
    for kind in ("PressReceived", "PositionReceived", "AlarmRouted", "AlarmRouted", "NoteAdded"):
        assert traces.note(PRESS, kind, 2_000_000) is None
    assert traces.note("alarm:another", "AlarmAcknowledged", 2_000_000) is None
    names = [span["name"] for _service, span in spans_of(traces.note(PRESS, "AlarmAcknowledged", 3_000_000))]
    assert names == ["press", "received", "routed", "acknowledged"]
    assert traces.note(PRESS, "AlarmAcknowledged", 4_000_000) is None


def test_a_press_that_nobody_acknowledges_is_told_as_an_error() -> None:
    traces = counted()
    traces.note(PRESS, "PressReceived", 1_000_000)
    assert traces.overdue(WAITS_S * 1_000_000) == []
    [late] = traces.overdue(1_000_000 + WAITS_S * 1_000_000)
    assert spans_of(late)[0][1]["status"] == {"code": 2}
    assert traces.overdue(10 * WAITS_S * 1_000_000) == []


def test_a_flood_costs_no_more_memory_than_a_thousand_presses() -> None:
    traces = counted()
    for number in range(MOST_AT_ONCE + 5):
        traces.note(f"alarm:{number}", "PressReceived", 1)
    assert len(traces.overdue(WAITS_S * 1_000_000 + 1)) == MOST_AT_ONCE


class Collector:
    """Takes what is posted, or answers with another status."""

    def __init__(self) -> None:
        self.status, self.taken = 200, []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    taken: list[bytes]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@contextmanager
def tracing(installation: Installation, url: str) -> Iterator[threading.Thread]:
    """The worker's thread, listening."""
    config, stopped = replace(installation.config, traces_url=url), threading.Event()
    arguments = (stopped, config, installation.journal, SystemClock())
    thread = threading.Thread(target=trace_until, args=arguments)
    bells = installation.journal.bells_dir
    thread.start()
    until(lambda: any(bells.glob("traces.*")) or not thread.is_alive(), lambda: "no bell hangs")
    yield thread
    stopped.set()
    thread.join()


def press(installation: Installation) -> list[str]:
    """A press that is routed, shown and acknowledged; everything that names it, its phone, its file or its place."""
    kit = installation.issue_kit(
        case="case-of-alix", managing_zone="5324", home_zone="5324", home_centre="HAI"
    )
    phone = installation.enrol(kit)
    alarm = installation.open_alarm(phone)
    installation.route(alarm, zone="5324", centre="HAI", managing_zone="5324")
    installation.act(alarm, a.ShownOnBoard(user="hainaut-07", centre="HAI"))
    installation.act(alarm, a.AlarmAcknowledged(user="hainaut-07"))
    return [alarm, phone.device, kit.kit, "case-of-alix", "5324", "HAI", "hainaut"]


def test_no_person_no_id_of_one_and_no_place_gets_into_a_trace(
    installation: Installation, collector: Collector
) -> None:
    with tracing(installation, collector.url):
        names = press(installation)
        until(lambda: bool(collector.taken), lambda: "no trace came")
    [body] = collector.taken
    assert not [name for name in names if name in body.decode()]
    for service, span in spans_of(body):
        assert service in {"egide", *(step.service for step in STEPS.values())}
        assert span["name"] in {"press", *(step.name for step in STEPS.values())}
        assert span.keys() <= {
            "traceId",
            "spanId",
            "parentSpanId",
            "name",
            "kind",
            "startTimeUnixNano",
            "endTimeUnixNano",
        }
        assert all(
            re.fullmatch(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9]{16,19}", span[key])
            for key in span
            if key not in ("name", "kind")
        )


def test_a_collector_that_refuses_holds_nothing_up_and_is_asked_for_the_next_press(
    installation: Installation, collector: Collector
) -> None:
    collector.status = 503
    with tracing(installation, collector.url) as thread:
        press(installation)
        until(lambda: len(collector.taken) == 1, lambda: "not asked")
        signs = Signs(installation.config, SystemClock())
        until(lambda: "traces" in outcomes(signs), "how it went is noted")
        assert outcomes(signs)["traces"]["out"].word == "refused-503"
        collector.status = 200
        assert thread.is_alive()


def test_without_the_setting_and_with_a_wrong_one_nobody_listens(installation: Installation) -> None:
    for url in ("", "ftp://somewhere", "collector"):
        with tracing(installation, url) as thread:
            thread.join()
        wrong = replace(installation.config, traces_url=url)
        found = [sentence for name, sentence in problems_of(wrong) if name == "traces"]
        assert bool(found) == bool(url) and all("EGIDE_TRACES_URL" in sentence for sentence in found)
    assert not list(installation.journal.bells_dir.glob("traces.*"))
