"""Law: kill -9 of watch, worker and live at any moment: what is down is told, and so is its return."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from egide.events.system import CanaryReceived
from egide.journal.proof.verify import verify
from tests.watch.chain import Chain

# Shorter than in life, and three signs of life all the same.
PATIENCE_S = 6
# The receiver drops answers, so that the road itself is told as well, now and then.
ROAD = "A road that reports troubles outside accepts nothing"
SUBJECTS = {"worker": "Alarms are not given to a centre", "live": "Boards hear nothing of new alarms"}


class Receiver(ThreadingHTTPServer):
    """Keeps every alert that comes, and drops some answers, so that they come again."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chance = chance
        self.alerts: list[dict[str, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alert"

    def count(self, subject: str) -> int:
        """How many different alerts said this."""
        return len({alert["id"] for alert in self.alerts if alert["subject"] == subject})


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.alerts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(503 if self.server.chance.random() < 0.3 else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver(chance: random.Random) -> Iterator[Receiver]:
    made = Receiver(random.Random(chance.random()))
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def chain(tmp_path: Path, receiver: Receiver, journal_address: str) -> Iterator[Chain]:
    made = Chain(tmp_path, journal=journal_address, alert_url=receiver.url, watch_patience_s=PATIENCE_S)
    made.start()
    yield made
    made.close()


def shake_watch(chain: Chain, chance: random.Random) -> int:
    """Kill watch at up to three moments; how many they were."""
    moments = chance.randrange(1, 4)
    for _ in range(moments):
        moment_s = time.monotonic() + chance.uniform(0.0, 4.0)
        chain.until(lambda moment_s=moment_s: time.monotonic() >= moment_s, "a moment")
        chain.children["watch"].kill()
        chain.restart("watch")
    return moments


def missed(chain: Chain) -> set[str]:
    """The processes that watch calls broken."""
    return {part for part in chain.broken() if not part.startswith("road:")}


@pytest.mark.law
def test_rule_04_whatever_is_killed_is_told_and_its_return_too(
    chain: Chain, receiver: Receiver, rounds: int, chance: random.Random
) -> None:
    told: Counter[str] = Counter()
    killed = 0
    while killed < rounds:
        chain.until(lambda: not missed(chain), "all is well")
        victims = chance.sample(sorted(SUBJECTS), chance.randrange(1, 3))
        for name in victims:
            chain.children[name].kill()
            told[SUBJECTS[name]] += 1
            killed += 1
        killed += shake_watch(chain, chance)
        chain.until(lambda v=victims: missed(chain) >= set(v), f"{victims} found")
        killed += shake_watch(chain, chance)
        for name in victims:
            chain.restart(name)
        killed += shake_watch(chain, chance)
    chain.until(lambda: not missed(chain), "all are back")
    chain.until(lambda: not chain.signs.waiting(), "every alert was taken")
    for subject, times in told.items():
        # A watch that is killed between finding and keeping finds it once more, under another id; never less.
        assert receiver.count(subject) >= times
        assert receiver.count(f"Over: {subject}") >= times
    # On a busy machine one that was not killed may have been silent for as long.
    found = {alert["subject"].removeprefix("Over: ") for alert in receiver.alerts} - {ROAD}
    assert set(told) <= found <= set(SUBJECTS.values())
    check_canaries(chain)


def check_canaries(chain: Chain) -> None:
    """Canaries came through at the end, none is there twice, none is an alarm, and the chain of events is whole."""
    head = chain.journal.head()
    chain.until(
        lambda: any(r.kind == "CanaryRouted" for r in chain.journal.read(after=head)), "canaries go on"
    )
    rows = list(chain.journal.every())
    verify(rows)
    assert {row.stream.partition(":")[0] for row in rows} == {"canary"}
    received = [chain.journal.open_event(row) for row in rows if row.kind == "CanaryReceived"]
    counters = [event.counter for event in received if isinstance(event, CanaryReceived)]
    assert counters == sorted(set(counters))
    causes = [row.cause for row in rows if row.kind == "CanaryRouted"]
    assert causes == sorted(set(causes), key=lambda seq: seq or 0)
    assert chain.journal.open_alarms() == []
