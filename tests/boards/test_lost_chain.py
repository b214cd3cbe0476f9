"""RFC 8876, figure 2, with servers that are not ours: a routing proxy (kamailio) takes the alarm, asks our LoST server
by its own client whose the place is, and passes the alarm on to the control room (kamailio) that it names."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import Refused
from egide.connectors.ng112.asking import asking
from egide.connectors.ng112.directory import Directory, Zones, answer
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.road import deliver
from egide.connectors.ng112.trunk import Trunk
from egide.connectors.ng112.zones import InForce
from egide.journal.now.outcomes import Outcomes, outcomes
from egide.journal.now.signs import Signs
from tests.connectors.ng112.judging import check, facts, receiver
from tests.connectors.ng112.places import NAME, PASSWORD, key_file, lost_file
from tests.support.over_http import served
from tests.support.pages import Pages
from tests.support.sip.servers import Server, kamailio
from tests.support.waiting import until

PATIENT_S = 60.0


@pytest.fixture
def lost_port(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr("egide.connectors.ng112.asking.DEADLINE_S", PATIENT_S)
    # As the process does before it is ready.
    InForce(None)
    with served() as port:
        yield port


@pytest.fixture
def psap(tmp_path: Path) -> Iterator[Server]:
    with kamailio(tmp_path / "psap", "psap") as server:
        yield server


@pytest.fixture
def esrp(tmp_path: Path, lost_port: int, psap: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """It knows where LoST is, and the password; LoST knows the control room of Hainaut alone."""
    path = lost_file(tmp_path, {"HAI": psap.tcp})
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, lost=str(path)))
    lost = f"http://{NAME}:{PASSWORD}@127.0.0.1:{lost_port}/lost"
    with kamailio(tmp_path / "esrp", "esrp", lost=lost) as server:
        yield server


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What our LoST server is asked, as it came."""
    came: list[bytes] = []

    def heard(body: bytes, directory: Directory, zones: Zones, now_us: int) -> bytes:
        came.append(body)
        return answer(body, directory, zones, now_us)

    monkeypatch.setattr("egide.connectors.ng112.views.answer", heard)
    return came


def told_to(told: Trunk, **more: object) -> str:
    """The id of a message that this receiver took."""
    message = message_of(facts(**more), told)  # type: ignore[arg-type]
    deliver(message, told, SystemClock(), PATIENT_S)
    return message.id


def test_a_proxy_asks_our_zones_and_the_control_room_of_the_place_has_the_alarm(
    esrp: Server, psap: Server, questions: list[bytes]
) -> None:
    number = told_to(receiver(esrp.tcp))
    until(lambda: psap.came, lambda: esrp.said + psap.said)
    (read,) = psap.came
    assert (read.identifier, read.pos, read.radius) == (number, "50.4542000 3.9523000", "20")
    ((_code, uri, name, _error),) = esrp.lines("LOST")
    assert (uri, name) == (psap.tcp, "Mons/Quévy")
    (question,) = questions
    check("lost", question)


def test_a_place_that_nobody_answers_for_is_refused_and_reaches_nobody(esrp: Server, psap: Server) -> None:
    told = receiver(esrp.tcp)
    message = message_of(facts(circle=(48.85, 2.35, 20, 1)), told)
    with pytest.raises(Refused, match="refused-404"):
        deliver(message, told, SystemClock(), PATIENT_S)
    ((_code, uri, _name, _error),) = esrp.lines("LOST")
    assert psap.came == [] and uri == ""


def test_a_proxy_without_the_password_is_told_nothing(
    esrp: Server, psap: Server, lost_port: int, tmp_path: Path
) -> None:
    with kamailio(tmp_path / "stranger", "esrp", lost=f"http://127.0.0.1:{lost_port}/lost") as stranger:
        told = receiver(stranger.tcp)
        with pytest.raises(Refused, match="refused-404"):
            deliver(message_of(facts(), told), told, SystemClock(), PATIENT_S)
    assert psap.came == []


def test_asked_by_us_whom_lost_names_stands_in_the_message_and_the_proxy_need_not_ask(
    esrp: Server, psap: Server, lost_port: int, tmp_path: Path
) -> None:
    told = receiver(
        esrp.tcp, lost=f"http://127.0.0.1:{lost_port}/lost", lost_key_file=str(key_file(tmp_path))
    )
    number = told_to(told)
    until(lambda: psap.came, lambda: esrp.said + psap.said)
    assert psap.came[0].identifier == number
    assert esrp.lines("LOST") == [] and esrp.lines("ROUTED") == [[f"{psap.tcp};lr"]]
    assert outcomes(Signs(settings.EGIDE, SystemClock()))["ng112"]["answered"].is_well


def test_where_lost_refuses_us_or_is_away_the_alarm_goes_all_the_same(
    esrp: Server, psap: Server, lost_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, signs = key_file(tmp_path, "wrong" * 6), Signs(settings.EGIDE, SystemClock())
    for number, url in enumerate((f"http://127.0.0.1:{lost_port}/lost", "http://127.0.0.1:9/lost")):
        told = receiver(esrp.tcp, lost=url, lost_key_file=str(wrong))
        came = Outcomes(signs, SystemClock())
        # One of the process outlasts the test.
        monkeypatch.setattr(asking(url, str(wrong)), "outcomes", came)
        told_to(told, alarm=f"away-{number}")
        came.do_keep()
        assert outcomes(signs)["ng112"]["asked"].word == ("refused-401", "unreachable")[number]
    until(lambda: len(psap.came) == 2, lambda: esrp.said + psap.said)
    # By the proxy's own question.
    assert len(esrp.lines("LOST")) == 2 and esrp.lines("ROUTED") == []


def test_who_may_not_know_where_she_is_asks_nobody_where_she_is(
    esrp: Server, lost_port: int, tmp_path: Path
) -> None:
    told = receiver(
        esrp.tcp,
        fields=("id",),
        lost=f"http://127.0.0.1:{lost_port}/lost",
        lost_key_file=str(key_file(tmp_path)),
    )
    asking.cache_clear()
    with pytest.raises(Refused, match="refused-424"):
        deliver(message_of(facts(), told), told, SystemClock(), PATIENT_S)
    assert asking.cache_info().misses == 0
