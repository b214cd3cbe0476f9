"""Tried: an address of intake that leads the question for its health to a page that is always well."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from egide.common.clock import SystemClock
from egide.entrypoints.watch.probes import Probe
from egide.entrypoints.watch.rules import INTAKE


@pytest.mark.parametrize(("health", "is_answered"), [(302, False), (307, False), (200, True)])
def test_rule_04_who_is_led_elsewhere_has_no_answer(health: int, is_answered: bool) -> None:
    stopped = threading.Event()

    class Leading(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # One question is enough: the probe ends after it.
            stopped.set()
            self.send_response(health if self.path == "/v1/health" else 200)
            self.send_header("Location", "/maintenance")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Leading) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        probe = Probe(INTAKE, url, SystemClock(), stopped, None, every_s=60)
        probe.run()
        server.shutdown()
    assert probe.is_answered == is_answered
