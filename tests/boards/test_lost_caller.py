"""Somebody else's emergency call (ng112-js): their app asks our LoST server whose the place is, and a routing proxy
(kamailio) brings the call to that control room, whose people (ng112-js) answer. Egide hears nothing of the call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.connectors.ng112.pidf import Circle, read_circle
from egide.connectors.ng112.zones import InForce
from tests.connectors.ng112.judging import check
from tests.connectors.ng112.places import NAME, PASSWORD, lost_file
from tests.support.ng112.agents import Agent, caller, control_room
from tests.support.ng112.their_place import mended
from tests.support.over_http import served
from tests.support.pages import Pages
from tests.support.sip.servers import Server, kamailio

MONS, PARIS = (50.4542, 3.9523, 20), (48.85, 2.35, 20)
TEXT = "There is somebody at the door"
HOUR_S = 3600
JOURNEY = (
    "tests/boards/test_lost_caller.py"
    "::test_a_caller_reaches_the_control_room_that_our_zones_name_and_a_person_answers"
)


@dataclass(frozen=True)
class Network:
    """Who stands between: the caller's proxy, that of the control room, the people of both, and our file."""

    folder: Path
    esrp: Server
    proxy: Server
    room: Agent
    app: Agent

    def name(self, uri: str) -> None:
        """The control room of Hainaut has this address from now on."""
        lost_file(self.folder, {"HAI": uri})

    @property
    def address(self) -> str:
        """Where its proxy takes calls."""
        return f"sip:psap@127.0.0.1:{self.proxy.tcp_port};transport=tcp"

    def call(self, place: tuple[float, float, int], *, asks: bool = True) -> str:
        """What came of it: "sent", or why it was refused. `asks`: the app asks LoST itself."""
        latitude, longitude, radius = place
        said = {"text": TEXT, "asks": asks, "latitude": latitude, "longitude": longitude, "radius": radius}
        word = self.app.do("call", json.dumps(said))
        refused = [one for one in self.app.said if one["event"] == "refused"]
        return str(refused[-1]["error"]) if word == "refused" else word

    @property
    def asked(self) -> int:
        return sum(one["event"] == "asked" for one in self.app.said)


@pytest.fixture
def network(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    InForce(None)
    path = lost_file(tmp_path, {"HAI": "sip:127.0.0.1:9;transport=tcp"})
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, lost=str(path)))
    key = f"{NAME}:{PASSWORD}"
    with (
        served() as port,
        kamailio(tmp_path / "esrp", "esrp", lost=f"http://{key}@127.0.0.1:{port}/lost") as esrp,
    ):
        more = {"password": "-", "algorithm": "SHA-256", "qop": "1", "nobody": "404", "people": esrp.tcp}
        with (
            kamailio(tmp_path / "proxy", "chat", more=more) as proxy,
            control_room(proxy.tcp_port) as room,
            caller(esrp.tcp_port, f"http://127.0.0.1:{port}/lost", key) as app,
        ):
            yield Network(tmp_path, esrp, proxy, room, app)


def place_in(body: str) -> bytes:
    """The PIDF-LO of one message, as it came."""
    before, _, rest = body.partition("Content-Type: application/pidf+xml")
    assert before, body
    return rest.partition("\r\n\r\n")[2].partition("\r\n--")[0].encode()


def test_a_caller_reaches_the_control_room_that_our_zones_name_and_a_person_answers(network: Network) -> None:
    network.name(network.address)
    assert network.call(MONS) == "sent"
    answer = network.app.wait("asked")
    check("lost", answer["text"])
    assert (answer["uri"], answer["name"], answer["number"]) == (network.address, "Mons/Quévy", "101")
    # Nobody is asked twice: the caller's proxy goes by what the caller was told.
    assert network.esrp.lines("ROUTED") == [[f"{network.address};lr"]] and network.esrp.lines("LOST") == []
    came = network.room.wait("came", type=257)
    assert (came["text"], came["lat"], came["radius"]) == (TEXT, MONS[0], MONS[2])
    place = place_in(came["body"])
    assert read_circle(place) == Circle(*MONS)
    check("pidf-lo", mended(place))
    assert network.room.do("start", "Dispatcher 7 here") == "sent"
    assert network.room.do("say", "Is the door locked?") == "sent"
    heard = [network.app.wait("came", type=kind) for kind in (257, 259)]
    assert [one["text"] for one in heard] == ["Dispatcher 7 here", "Is the door locked?"]
    assert network.app.do("say", "Yes") == "sent"
    network.room.wait("came", type=259, chat=came["chat"], text="Yes")


@pytest.mark.full(
    JOURNEY,
    "tests/boards/test_lost_chain.py"
    "::test_a_proxy_asks_our_zones_and_the_control_room_of_the_place_has_the_alarm",
)
def test_whose_app_knows_no_lost_is_brought_there_by_the_proxy_that_asks_for_it(network: Network) -> None:
    network.name(network.address)
    assert network.call(MONS, asks=False) == "sent"
    ((_code, uri, name, _error),) = network.esrp.lines("LOST")
    assert (uri, name) == (network.address, "Mons/Quévy")
    assert read_circle(place_in(network.room.wait("came", type=257)["body"])) == Circle(*MONS)


@pytest.mark.full(
    "tests/boards/test_lost.py::test_what_cannot_be_answered_has_the_error_of_the_standard",
    "tests/boards/test_lost_chain.py::test_a_place_that_nobody_answers_for_is_refused_and_reaches_nobody",
)
def test_a_caller_outside_every_zone_is_told_so_and_reaches_nobody(network: Network) -> None:
    network.name(network.address)
    assert network.call(PARIS) == "notFound"
    assert network.esrp.lines("ROUTED") == [] and network.esrp.lines("LOST") == []
    assert network.call(PARIS, asks=False) == "404"
    ((_code, uri, _name, error),) = network.esrp.lines("LOST")
    assert (uri, error) == ("", "notFound")
    assert network.room.came == [] and network.asked == 0


@pytest.mark.full(
    JOURNEY,
    "tests/boards/test_lost.py::test_an_answer_may_be_used_for_an_hour_and_the_next_one_has_what_changed_since",
)
def test_what_lost_said_leads_to_the_old_address_until_it_expires(network: Network) -> None:
    gone = "477"
    assert network.call(MONS) == gone
    network.name(network.address)
    assert network.app.do("turn", str(HOUR_S - 600)) == "sent"
    assert network.call(MONS) == gone and network.asked == 1
    assert network.app.do("turn", "601") == "sent"
    assert network.call(MONS) == "sent" and network.asked == 2
    network.room.wait("came", type=257)
