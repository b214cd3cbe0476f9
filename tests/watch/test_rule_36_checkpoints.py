"""Safety rule 36, with the real process: watch signs at its start and its end, and says outside what it cannot copy."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child
from egide.journal.proof.checkpoint import read_checkpoints
from egide.journal.proof.checkpoints import FILE_NAME
from tests.support.commands import run
from tests.support.installation import Installation
from tests.support.waiting import WITHIN_S


def receiver(alerts: "SimpleQueue[str]") -> ThreadingHTTPServer:
    """A real HTTP server that takes what goes out by the second road."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            alerts.put(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_rule_36_watch_signs_at_its_start_and_its_end_and_holds_no_case_key(
    tmp_path: Path, journal_address: str
) -> None:
    place = tmp_path / "second place"
    place.mkdir()
    with Installation(tmp_path / "data", SystemClock(), address=journal_address) as installation:
        installation.config = replace(installation.config, checkpoints_to=str(place), demo=True)
        installation.open_alarm(installation.enrol())
        (installation.config.data_dir / "master.key").rename(tmp_path / "master.key")
        watcher = Child("egide.entrypoints.watch", [], installation.config.environment())
        watcher.ready()
        (tmp_path / "master.key").rename(installation.config.data_dir / "master.key")
        installation.open_alarm(installation.enrol())
        head = installation.journal.head()
        assert watcher.stop() == 0
        found, unreadable = read_checkpoints((place / FILE_NAME).read_bytes())
        assert unreadable == 0 and found[-1].seq >= head
        answer = run(installation.config, "journal", "verify", "--checkpoints", str(place / FILE_NAME))
        assert answer.returncode == 0, answer.stderr
        assert f"{len(found)} checkpoints agree" in answer.stdout


def test_rule_36_a_second_place_that_is_down_goes_out_by_the_second_road(
    tmp_path: Path, journal_address: str
) -> None:
    alerts: SimpleQueue[str] = SimpleQueue()
    server = receiver(alerts)
    try:
        with Installation(tmp_path / "data", SystemClock(), address=journal_address) as installation:
            url = f"http://127.0.0.1:{server.server_address[1]}/"
            settings = {"checkpoints_to": str(tmp_path / "nowhere"), "alert_url": url}
            installation.config = replace(installation.config, **settings)
            installation.open_alarm(installation.enrol())
            watcher = Child(
                "egide.entrypoints.watch", [], installation.config.environment() | {"EGIDE_LANG": "en"}
            )
            watcher.ready()
            texts = [alerts.get(timeout=WITHIN_S)]
            while not any("second place" in text for text in texts):
                texts.append(alerts.get(timeout=WITHIN_S))
            watcher.stop()
    finally:
        server.shutdown()
        server.server_close()
    assert any("nowhere" in text for text in texts)
