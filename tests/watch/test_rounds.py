"""What watch asks every so often: certificates of public names, days before phones refuse them. Machines that lead are
in tests/entrypoints/test_two_lead.py."""

import re
import threading
from pathlib import Path

import pytest

from egide.common.clock import SetClock, SystemClock
from egide.common.config import Config
from egide.common.settings import NotSetUp
from egide.connectors.alert.http import HttpRoad
from egide.entrypoints.doctor.outside import WRONG_DAYS
from egide.entrypoints.watch import rounds, words
from egide.entrypoints.watch.ledger import Ledger
from egide.entrypoints.watch.roads import Carrier
from egide.entrypoints.watch.rounds import Round, certificates, rounds_of
from egide.entrypoints.watch.rules import CAD, CERTIFICATE, LEADERS
from egide.journal.bell import Ringer
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import ChainTrouble, Signs
from tests.support.certificates import Authority, shown
from tests.support.installation import Installation
from tests.support.waiting import until

CHAIN = Path(__file__).parents[2] / "src/egide/boards/templates/boards/chain.html"
DAY_US = 86_400_000_000


def at(days: int) -> SetClock:
    return SetClock(SystemClock().now_us() + days * DAY_US)


def test_a_certificate_is_told_days_before_it_ends_when_it_is_refused_and_while_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    part = f"{CERTIFICATE}:127.0.0.1"
    with shown(authority.server("127.0.0.1")) as port:
        config = Config(data_dir=tmp_path, phone_url=f"https://127.0.0.1:{port}/app/")
        refused = certificates(config, SystemClock(), {})
        assert refused.keys() == {part} and "issuer certificate" in refused[part]
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        # It lasts for a day.
        assert certificates(config, at(0), {}) == {part: "days: 0"}
        assert certificates(config, at(2 - WRONG_DAYS), {}) == {part: f"days: {WRONG_DAYS - 2}"}
        assert certificates(config, at(-WRONG_DAYS), {part: "days: 0"}) == {}
    # Nobody answers: what was known stays, and nothing is made up.
    assert certificates(config, SystemClock(), {part: "days: 0"}) == {part: "days: 0"}
    assert certificates(config, SystemClock(), {}) == {}


def test_a_round_that_cannot_be_asked_leaves_what_was_told_and_asks_again() -> None:
    stopped = threading.Event()
    answers = [{"x": "bad"}, NotSetUp("unreadable"), OSError("away"), {}]
    told = []

    def ask(last: object) -> dict[str, str]:
        told.append(last)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if not answers:
            stopped.set()
        return answer

    one = Round("x", ask, 0.0, stopped)
    one.run()
    assert told == [{}, {"x": "bad"}, {"x": "bad"}, {"x": "bad"}] and one.wrong == {}


def test_what_is_wrong_is_asked_again_soon_and_what_is_well_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "WRONG_EVERY_S", 0.0)
    stopped = threading.Event()
    answers = [{"x": "bad"}, {"x": "bad"}, {}]
    one = Round("x", lambda _told: answers.pop(0), 3600.0, stopped)
    one.start()
    # The next question would find no answer.
    until(lambda: not answers and one.wrong == {}, lambda: answers)
    assert one.is_alive()
    stopped.set()


def test_another_reason_takes_the_place_of_the_first_and_nobody_is_told_again(
    installation: Installation,
) -> None:
    signs = Signs(installation.config, installation.clock)
    ledger = Ledger(signs, Ringer(installation.journal.bells_dir))
    came = Outcomes(signs, installation.clock)
    ledger.start([Carrier(HttpRoad("http://127.0.0.1:9/"), threading.Event(), ledger.note_delivered, came)])
    part = f"{CERTIFICATE}:127.0.0.1"
    ledger.note_broken(part, "days: 0", 1)
    ledger.note_why(part, "certificate has expired")
    ledger.keep()
    assert signs.troubles() == [ChainTrouble(part, "certificate has expired", 1)]
    (waiting,) = signs.waiting()
    assert "days: 0" in waiting.text


def test_a_demo_of_this_machine_asks_nobody(tmp_path: Path) -> None:
    config = Config(
        data_dir=tmp_path, intake_urls=("http://127.0.0.1:1",), live_url="https://egide.localhost:1"
    )
    assert rounds_of(config, SystemClock(), threading.Event()) == []


@pytest.mark.parametrize("kind", [LEADERS, CERTIFICATE, CAD])
def test_boards_and_the_second_road_have_a_sentence_for_each(kind: str) -> None:
    html = CHAIN.read_text(encoding="utf-8")
    parts = [found.split() for found in re.findall(r'data-parts="([^"]*)"', html)]
    assert parts.count([kind]) == 1 and sum(kind in found for found in parts) == 2, (
        "what it is, and what to do"
    )
    alert = words.broken(ChainTrouble(f"{kind}:there", "days: 3", 1))
    assert alert.subject and "administrator" in alert.text and "there (days: 3)" in alert.text
