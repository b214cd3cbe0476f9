"""A phone of the core in Java whose servers are cut off: its press arrives by text message, and is one alarm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from egide.alarm.events import FromPhone
from egide.common.config import SMS_PORT
from tests.android.phone import JavaPhone
from tests.companion.intake import Server, serving
from tests.support.sms_road import UDH, SmsRoad

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
