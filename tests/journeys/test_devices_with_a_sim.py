"""Devices with a SIM that no one of ours made: an alarm device dials in by SIA DC-09 (my-dc09-spt), a tracker's service
forwards what it heard, and a monitoring station is told (pysiaalarm). Between them all of it runs."""

import json
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from egide.alarm.events.elsewhere import number_for
from egide.common.clock import SystemClock, utc
from egide.entrypoints.stack.children import Child
from egide.events.sources import SourceEnrolled
from egide.journal.service import Entry
from egide.protocol.envelope import Position, Source
from egide.protocol.sources import DC09, PURPOSE, TRACCAR, source_id
from tests.journeys.asking_axe import violations
from tests.journeys.conftest import MONS, World
from tests.journeys.test_dispatch_system import answer, told_by
from tests.protocol.test_traccar import forward
from tests.support.alarm_device import KEY
from tests.support.dc09 import dialler, monitoring_station
from tests.support.dispatch_system import dispatch_system, settings_file
from tests.support.knowing import knowing
from tests.support.phones import issue_kit


def enrol(world: World, road: str, name: str, key: bytes = b"") -> str:
    """As an officer does; one that stands in her house where it has a key. Returns the source's id."""
    journal, person = world.stack.journal(), world.person(MONS)
    source = source_id(journal.keys.purpose_key(PURPOSE).raw, road, name)
    event = SourceEnrolled(
        source=source,
        kit=issue_kit(world.stack, person),
        road=road,
        name=name,
        user="officer",
        key=key,
        place=Position(round(person["lat"] * 1e7), round(person["lon"] * 1e7), 30, 0, Source.MANUAL)
        if key
        else None,
    )
    journal.append([Entry(stream=f"source:{source}", event=event, case=person["case"])])
    return source


def alarm_of(world: World, source: str) -> str:
    (alarm,) = [one for one in world.stack.journal().open_alarms() if one.startswith(source)]
    return alarm


@contextmanager
def intake_knows(world: World, path: Path, text: str, **settings: str) -> Iterator[None]:
    """Intake reads this file and has these settings, until the end of the block."""
    path.write_text(text, encoding="ascii")
    path.chmod(0o640)
    with knowing(world.stack, ("intake",), **settings):
        yield


@contextmanager
def listening(world: World, secret: Path) -> Iterator[int]:
    """The process to which devices dial in, which intake knows by its secret; its port, until the end of the block."""
    config = replace(world.stack.config, dc09_secret=str(secret), dc09_listen="127.0.0.1:0")
    with intake_knows(world, secret, secrets.token_hex(32), EGIDE_DC09_SECRET=str(secret)):
        child = Child("egide.entrypoints.dc09", [], config.environment(), None)
        try:
            yield int(child.ready()["port"])
        finally:
            child.stop()


@pytest.mark.full("tests/connectors/test_dc09.py::test_a_dialler_of_others_presses_and_takes_our_answer")
def test_an_alarm_device_dials_in_and_an_operator_takes_and_closes_its_alarm(
    world: World, tmp_path: Path
) -> None:
    account = secrets.token_hex(4).upper()
    source, desk = enrol(world, DC09, account, KEY), world.desk()
    with listening(world, tmp_path / "dc09.secret") as port:
        device = dialler(account, KEY, port, "TCP")
        device.send_msg("SIA-DCS", {"account": account, "code": "HA", "zone": 1})
        # It was acknowledged under its key, so the journal has it.
        assert device.notSent() == 0
        alarm = alarm_of(world, source)
        desk.acknowledge(alarm)
        proof = desk("#alarm .source")
        expect(proof).to_contain_text("Appareil d’alarme : sa trame a été ouverte ici avec sa clé")
        expect(proof).to_contain_text("Aucun téléphone n’a signé cet appui.")
        expect(desk("#position-line")).to_contain_text("Adresse enregistrée de l’appareil")
        assert violations(desk.page, world.is_full) == []
        # What says that the danger is over ends nothing, and holding it again is the same alarm.
        device.send_msg("SIA-DCS", {"account": account, "code": "HH", "zone": 1})
        device.send_msg("ADM-CID", {"account": account, "code": 122, "q": 1, "area": 1, "zone": 1})
        assert device.notSent() == 0
        state = world.state(alarm)
        assert state.is_open and state.press.presses == 2
        desk.close(alarm, "perpetrator-gone", "Démo")
        world.until(lambda: not world.state(alarm).is_open, "the operator closed it")


@pytest.mark.full(
    "tests/boards/test_told_by_dc09.py::test_a_station_hears_where_once_and_that_it_is_over_and_not_who"
)
def test_a_station_is_told_of_a_press_and_its_people_answer(world: World, tmp_path: Path) -> None:
    with (
        # Whose people answer by the road that all dispatch systems have: DC-09 has no word for it.
        dispatch_system(tmp_path / "people") as people,
        monitoring_station(tmp_path) as station,
    ):
        beside = {"account": "5E1D", "key_file": station.key_file}
        entry = people.entry("arc") | {"kind": "dc09", "url": station.url, "more": beside}
        with told_by(world, settings_file(tmp_path, (entry,))):
            desk = world.desk()
            alarm = world.phone().press()
            (raised,) = station.told(1)
            assert raised.code == "HA"
            desk.acknowledge(alarm)
            told = desk("#told li")
            expect(told).to_contain_text("arc: une machine y a pris l’alarme")
            assert violations(desk.page, world.is_full) == []
            said = {"type": "alarm.answered", "alarm": number_for("arc", alarm), "by": "Poste 3"}
            assert answer(world, people, said, "arc") == 204
            expect(told).to_contain_text("une personne y a répondu")
            expect(told).to_contain_text("Poste 3")
            desk.close(alarm, "perpetrator-gone", "Démo")
            assert station.told(2)[-1].code == "HH"


@pytest.mark.full(
    "tests/intake/test_forwards.py::test_an_sos_opens_an_alarm_by_the_word_of_its_service_with_the_age_of_its_fix"
)
def test_a_trackers_service_forwards_a_press_and_an_operator_takes_and_closes_its_alarm(
    world: World, tmp_path: Path
) -> None:
    name, secret = f"35693803{secrets.randbelow(10**7):07d}", secrets.token_hex(24)
    source, desk = enrol(world, TRACCAR, name), world.desk()
    services, at = tmp_path / "services", utc(SystemClock().now_us())
    happened: dict[str, object] = {
        "event__eventTime": at.isoformat(),
        "position__fixTime": (at - timedelta(seconds=40)).isoformat(),
        "device__uniqueId": name,
    }
    request = urllib.request.Request(
        f"{world.stack.config.intake_urls[0]}/v1/reports/traccar",
        forward(**happened),
        {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    with intake_knows(world, services, f"fleet-a {secret}\n", EGIDE_TRACKER_SERVICES=str(services)):
        # Its service tries again where it heard nothing: one press.
        for _ in range(2):
            with urllib.request.urlopen(request) as reply:
                assert json.load(reply) == {"state": "received"}
        alarm = alarm_of(world, source)
        desk.acknowledge(alarm)
        proof = desk("#alarm .source")
        expect(proof).to_contain_text("Signalé par le service d’une balise")
        expect(proof).to_contain_text("Aucun téléphone n’a signé cet appui.")
        assert violations(desk.page, world.is_full) == []
        state = world.state(alarm)
        assert state.press.presses == 1 and state.lead.acknowledged_by
        desk.close(alarm, "perpetrator-gone", "Démo")
        world.until(lambda: not world.state(alarm).is_open, "the operator closed it")
