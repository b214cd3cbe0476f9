"""A phone of the core in Java whose servers are cut off: its press arrives by text message, and is one alarm."""

import json
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from egide.alarm.events import FromPhone
from egide.common.config import SMS_PORT
from tests.android.phone import JavaPhone
from tests.companion.intake import Server, serving
from tests.support.native_phone import Engine
from tests.support.sms_road import UDH, SmsRoad
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("built")
NUMBER = "+3200000001"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "intake", sms_number=NUMBER) as running:
        yield running


@pytest.fixture
def road(server: Server) -> Iterator[SmsRoad]:
    """The process for text messages, into the same installation, and a gateway that calls it."""
    made = SmsRoad(server.config)
    yield made
    made.close()


def said_of(server: Server, alarm: str) -> list[FromPhone]:
    """What the phone said of its press, in the order of the journal."""
    events = [server.journal.open_event(row) for row in server.journal.stream(f"alarm:{alarm}")]
    return [event for event in events if isinstance(event, FromPhone)]


def test_with_the_servers_cut_off_a_press_arrives_by_text_and_is_one_alarm_when_they_are_back(
    server: Server, road: SmsRoad, tmp_path: Path
) -> None:
    kit = server.issue()
    with JavaPhone(tmp_path / "phone", (server.url,), kit.code).ready() as phone:
        server.process.kill()
        phone.press(1, kit.button_key)
        alarm = phone.wait_for("phone.stored")["alarm"]
        text = phone.wait_for("text")
        assert (text["number"], text["port"]) == (NUMBER, SMS_PORT)
        # More proves nothing to her: the network took it, nobody has answered.
        phone.wait_for("phone.texted", is_taken=True)
        assert phone.named("phone.shows", line="RECEIVED") == []
        # What somebody changed on the way raises nothing.
        changed = bytearray.fromhex(text["data"])
        changed[-1] ^= 1
        road.delivered(road.hand(udh=UDH, data=changed.hex(), tries=1))
        assert said_of(server, alarm) == []
        handed = road.hand(udh=UDH, data=text["data"])
        assert road.delivered(handed)["answer"] == {"state": "received"}
        (press,) = said_of(server, alarm)
        assert press.envelope == bytes.fromhex(text["data"]) and press.flags == ("by-sms",)
        server.process.start()
        phone.wait_for("phone.receipt", alarm=alarm)
        phone.wait_for("phone.shows", line="RECEIVED")
    assert server.kinds(alarm).count("PressReceived") == 1
    assert "PressedAgain" not in server.kinds(alarm)
    # Brought once more, as gateways do, also after the servers have it: nothing is doubled.
    again = road.hand(udh=UDH, data=text["data"])
    assert road.delivered(again)["answer"] == {"state": "received"}
    assert server.kinds(alarm).count("PressReceived") == 1


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The core as her page has it."""
    made = Engine(tmp_path / "kit")
    made.start()
    with closing(made):
        yield made


def offered(engine: Engine) -> list[str]:
    """The texts that her page offers, once there are some."""
    until(lambda: engine.state.get("smsLinks"), lambda: engine.state)
    links = engine.state["smsLinks"].split()
    assert all(link.startswith(f"sms:{NUMBER}?body=") for link in links)
    return [urllib.parse.unquote(link.partition("?body=")[2]) for link in links]


def test_where_the_network_takes_no_hidden_message_the_two_texts_are_one_press_in_any_order(
    server: Server, road: SmsRoad, engine: Engine
) -> None:
    engine.say(takes_texts=False)
    engine.say(ask=json.dumps({"what": "enrol", "server": server.url, "code": server.issue().code}))
    until(lambda: engine.state.get("answeredAtMs"), lambda: engine.state)
    assert engine.state["smsLinks"] == ""
    server.process.kill()
    engine.say(ask='{"what":"press"}')
    first, second = offered(engine)
    # One lost: the other alone raises nothing, however often it comes.
    assert [road.delivered(road.hand(text=second))["answer"]["state"] for _ in range(2)] == ["waiting"] * 2
    changed = first[:-3] + ("A" if first[-3] != "A" else "B") + first[-2:]
    assert road.delivered(road.hand(text=changed))["answer"]["state"] == "waiting"
    assert server.journal.open_alarms() == []
    # Both, the second one first; and the first once more.
    for _ in range(2):
        assert road.delivered(road.hand(text=first))["answer"] == {"state": "received"}
    (alarm,) = server.journal.open_alarms()
    # By the hidden road too, when a network takes it after all; and by the servers, once they are back.
    (hidden,) = set(engine.texted)
    assert road.delivered(road.hand(udh=UDH, data=hidden))["answer"] == {"state": "received"}
    (press,) = said_of(server, alarm)
    assert press.envelope == bytes.fromhex(hidden) and "by-sms" in press.flags
    server.process.start()
    until(lambda: engine.state["alarm"] == "received", lambda: engine.state)
    assert engine.state["smsLinks"] == ""
    assert server.kinds(alarm).count("PressReceived") == 1 and "PressedAgain" not in server.kinds(alarm)
    assert server.journal.open_alarms() == [alarm]
