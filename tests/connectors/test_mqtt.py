"""Frames at a broker that is no part of Egide reach intake once, in spite of everything that is away meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from egide.connectors.mqtt.carrier import MOST_LIMITED, Carrier, body_of
from egide.connectors.mqtt.checks import problems
from egide.entrypoints.stack.children import Child
from egide.intake.service import REPORT_BURST
from egide.journal.now.outcomes import AWAY, LISTENING, Outcome, Outcomes, outcomes
from egide.journal.now.signs import Signs
from tests.intake.test_process import Running
from tests.support.broker import Broker, broker
from tests.support.installation import Installation
from tests.support.sources import enrol_button
from tests.support.waiting import WITHIN_S, until


@pytest.fixture
def running(tmp_path: Path, journal_address: str) -> Iterator[Running]:
    with Installation(tmp_path / "data", SystemClock(), address=journal_address) as installation:
        made = Running(installation)
        yield made
        made.child.kill()
        made.listener.close()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    with broker(tmp_path / "broker") as made:
        yield made


@contextmanager
def carrying(running: Running, mosquitto: Broker, password: str = "") -> Iterator[Carrier]:
    """Somebody who carries, until the end of the block."""
    config = running.installation.config
    config = mosquitto.settings(config, password) if password else mosquitto.settings(config)
    stopped = threading.Event()
    came = Outcomes(Signs(config, SystemClock()), SystemClock())
    carrier = Carrier(config, [running.url.removesuffix("/v1/messages")], stopped, came)
    thread = threading.Thread(target=carrier.run)
    thread.start()
    try:
        yield carrier
    finally:
        stopped.set()
        thread.join(WITHIN_S)


def presses(running: Running) -> int:
    journal = running.installation.journal
    states = [journal.alarm(alarm) for alarm in journal.open_alarms()]
    return sum(state.press.presses for state in states if state)


def test_a_frame_is_carried_once_as_bytes_or_in_hexadecimal_and_junk_holds_nobody_up(
    running: Running, mosquitto: Broker
) -> None:
    button, other = enrol_button(running.installation), enrol_button(running.installation)
    with carrying(running, mosquitto) as carrier:
        until(lambda: carrier.is_listening, "the broker has us")
        for junk in (b"", b"x" * 300, b"\x45", other.held()):
            mosquitto.publish(button.source, junk)
        frame = button.held()
        mosquitto.publish(button.source, frame)
        mosquitto.publish(button.source, frame.hex().encode())
        until(lambda: carrier.counts.total() == 6, "everything was looked at")
        assert carrier.counts == {"taken": 2, "unreadable": 2, "refused-400": 1, "refused-401": 1}
    assert presses(running) == 1


def test_nothing_is_lost_while_intake_or_whoever_carries_is_away(running: Running, mosquitto: Broker) -> None:
    button = enrol_button(running.installation)
    with carrying(running, mosquitto) as carrier:
        until(lambda: carrier.is_listening, "the broker has us")
        running.child.kill()
        mosquitto.publish(button.source, button.held())
    # Nobody carries now, and the broker itself is started anew.
    mosquitto.publish(button.source, button.held())
    mosquitto.stop()
    mosquitto.start()
    running.child.start()
    running.child.ready()
    with carrying(running, mosquitto) as carrier:
        until(lambda: carrier.counts["taken"] == 2, "both came")
    assert presses(running) == 2


def test_who_says_too_much_is_heard_later_and_holds_up_nobody_else(
    running: Running, mosquitto: Broker
) -> None:
    flooded, other = enrol_button(running.installation), enrol_button(running.installation)
    with carrying(running, mosquitto) as carrier:
        until(lambda: carrier.is_listening, "the broker has us")
        for _ in range(round(REPORT_BURST) + 2):
            mosquitto.publish(flooded.source, other.frame(counter=1))
        mosquitto.publish(flooded.source, flooded.held())
        mosquitto.publish(other.source, other.held())
        until(lambda: presses(running) == 2, lambda: carrier.counts)
        assert "refused-429" not in carrier.counts and "flood" not in carrier.counts
        for _ in range(MOST_LIMITED + 10):
            mosquitto.publish(flooded.source, b"\x45" * 11)
        mosquitto.publish(other.source, other.held())
        until(lambda: presses(running) == 3 and carrier.counts["flood"], lambda: carrier.counts)


def test_who_is_not_let_in_by_the_broker_hears_nothing(running: Running, mosquitto: Broker) -> None:
    button = enrol_button(running.installation)
    with carrying(running, mosquitto, password="wrong") as carrier:
        mosquitto.publish(button.source, button.held())
        log = mosquitto.folder / "mosquitto.log"
        until(lambda: "not authorised" in log.read_text(), "the broker said no")
        assert not carrier.is_listening and not carrier.counts
    assert presses(running) == 0


def test_the_process_carries_and_ends_when_it_is_told(running: Running, mosquitto: Broker) -> None:
    button = enrol_button(running.installation)
    urls = (running.url.removesuffix("/v1/messages"),)
    config = mosquitto.settings(replace(running.installation.config, intake_urls=urls))
    signs = Signs(config, SystemClock())
    child = Child("egide.entrypoints.mqtt", [], config.environment(), None)
    try:
        frame = button.held()

        def is_heard() -> bool:
            # What is said before it listens for the first time is kept by nobody.
            mosquitto.publish(button.source, frame)
            return presses(running) == 1

        until(is_heard, "the press came")

        def came() -> dict[str, Outcome]:
            return outcomes(signs).get("mqtt", {})

        until(lambda: came().keys() == {"broker", "in"} and came()["in"].worked_us, came)
        assert came()["broker"].word == LISTENING
        assert child.stop() == 0
        assert came()["broker"].word == AWAY and came()["broker"].worked_us
    finally:
        child.kill()


def test_the_settings_say_what_is_wrong(running: Running, tmp_path: Path) -> None:
    config = running.installation.config
    assert problems(config) == []
    for broker_at in (
        "mqtt://broker.example",
        "mqtts://",
        "https://broker.example",
        "mqtts://me:it@broker.example",
    ):
        assert "EGIDE_MQTT_BROKER" in " ".join(problems(replace(config, mqtt_broker=broker_at)))
    good = replace(config, mqtt_broker="mqtts://broker.example")
    assert problems(good) == []
    for topic in ("egide", "egide/#", "+/+"):
        assert "EGIDE_MQTT_TOPIC" in " ".join(problems(replace(good, mqtt_topic=topic)))
    login = tmp_path / "login"
    login.write_text("name\npassword\n", encoding="utf-8")
    login.chmod(0o644)
    assert "others can read" in " ".join(problems(replace(good, mqtt_login=str(login))))
    login.chmod(0o640)
    login.write_text("only a name\n", encoding="utf-8")
    assert "EGIDE_MQTT_LOGIN" in " ".join(problems(replace(good, mqtt_login=str(login))))


@pytest.mark.parametrize("topic", ["egide", "other/00112233445566aa"])
def test_what_stands_under_another_topic_is_no_report(topic: str) -> None:
    assert body_of(topic, "egide/+", b"\x45\x01") is None
