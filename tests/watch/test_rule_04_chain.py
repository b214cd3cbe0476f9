"""Safety rule 4: real processes are stopped, and the second road says so once, and once when it is over."""

import queue
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from egide.entrypoints.watch.canary import PLACE
from egide.events.system import CanaryReceived, CanaryRouted
from egide.geography.locate import locator_of
from egide.journal.queries.general import known_canary
from tests.watch.chain import Chain


class Receiver:
    """What came by the HTTP road."""

    def __init__(self, calls: "queue.SimpleQueue[dict[str, str]]") -> None:
        self._calls = calls
        self.all: list[dict[str, str]] = []

    def subjects(self) -> list[str]:
        """Every subject so far, in order of arrival."""
        while not self._calls.empty():
            self.all.append(self._calls.get())
        return [call["subject"] for call in self.all]


@pytest.fixture
def heard(receiver: Any) -> Receiver:
    return Receiver(receiver[1])


@pytest.fixture
def chain(tmp_path: Path, receiver: Any, journal_address: str) -> Iterator[Chain]:
    made = Chain(tmp_path, journal=journal_address, alert_url=receiver[0], watch_patience_s=4)
    made.start()
    made.until(lambda: "CanaryRouted" in made.kinds(), "a canary comes through")
    yield made
    made.close()


def test_a_canary_is_placed_by_the_real_locator(chain: Chain) -> None:
    rows = [row for row in chain.journal.every() if row.stream.startswith("canary:")]
    routed_row = next(row for row in rows if row.kind == "CanaryRouted")
    received_row = next(row for row in rows if row.seq == routed_row.cause)
    received = chain.journal.open_event(received_row)
    routed = chain.journal.open_event(routed_row)
    assert isinstance(received, CanaryReceived) and isinstance(routed, CanaryRouted)
    found = locator_of(chain.config.zones_dir).locate(PLACE.lat_e7, PLACE.lon_e7, PLACE.accuracy_m)
    assert (routed.zone, routed.centre) == (found.zone, found.centre)
    assert routed.counter == received.counter
    assert (routed_row.centre, routed_row.zone) == ("", "")


def test_keys_of_the_canary_are_private_and_a_new_watch_goes_on_counting(chain: Chain) -> None:
    key = chain.config.data_dir / "canary.key"
    assert key.stat().st_mode & 0o777 == 0o600
    device = next(r.stream for r in chain.journal.every() if r.kind == "CanaryEnrolled").removeprefix(
        "canary:"
    )

    def counter() -> int:
        canary = known_canary(chain.journal, device)
        assert canary is not None
        return canary.counter

    before = counter()
    chain.children["watch"].kill()
    chain.restart("watch")
    chain.until(lambda: counter() > before + 1, "canaries go on")
    assert chain.kinds().count("CanaryEnrolled") == 1


SUBJECTS = {
    "worker": "Alarms are not given to a centre",
    "intake": "Alarms may not be received",
    "live": "Boards hear nothing of new alarms",
}


def test_rule_04_stuck_processes_are_told_once_each_and_once_each_when_it_is_over(
    chain: Chain, heard: Receiver
) -> None:
    for name in SUBJECTS:
        chain.children[name].process.send_signal(signal.SIGSTOP)
    chain.until(lambda: {p.partition(":")[0] for p in chain.broken()} == set(SUBJECTS), "all are found")
    chain.until(lambda: set(heard.subjects()) == set(SUBJECTS.values()), "the second road says so")
    for name in SUBJECTS:
        chain.children[name].process.send_signal(signal.SIGCONT)
    over = [f"Over: {subject}" for subject in SUBJECTS.values()]
    chain.until(
        lambda: chain.revive() and set(over).issubset(heard.subjects()),
        "the second road says that it is over",
    )
    told, expected = heard.subjects(), {*SUBJECTS.values(), *over}
    assert len(told) == len(set(told)), "nothing nags twice"
    if chain.config.journal:
        # What the worker does besides stands still until it has begun again.
        chain.until(lambda: chain.broken() == [], "and that is over as well")
    else:
        assert (set(told), chain.broken()) == (expected, [])
    assert all("http" not in call["id"] and call["id"] == call["key"] for call in heard.all)


def test_rule_04_no_board_alive_is_told_while_an_alarm_is_open(chain: Chain, heard: Receiver) -> None:
    alarm = chain.installation.open_alarm(chain.installation.enrol())
    chain.play_boards = False
    chain.until(lambda: "No board is open" in heard.subjects(), "nobody is at a board")
    assert [subject for subject in heard.subjects() if subject.startswith("Alarm on no board")]
    assert any(alarm in call["text"] for call in heard.all)
    chain.play_boards = True
    chain.until(lambda: "Over: No board is open" in heard.subjects(), "somebody is")


def test_rule_04_a_watch_that_starts_again_tells_nothing_twice(chain: Chain, heard: Receiver) -> None:
    chain.children["live"].kill()
    chain.until(lambda: "Boards hear nothing of new alarms" in heard.subjects(), "told")
    chain.until(lambda: not chain.signs.waiting(), "noted as told")
    chain.children["watch"].kill()
    chain.restart("watch")
    chain.restart("live")
    chain.until(lambda: "Over: Boards hear nothing of new alarms" in heard.subjects(), "over")
    # Of a worker that is slow on a busy machine it may tell as well.
    assert len([subject for subject in heard.subjects() if "Boards hear nothing" in subject]) == 2
