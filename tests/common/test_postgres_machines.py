"""Which machine of an address is asked first for a connection: none that says nothing is waited for again and again."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from egide.common.postgres import machines
from egide.common.postgres.awaited import Awaited
from egide.common.postgres.machines import (
    in_turn,
    machines_of,
    name_of,
    note_leads,
    note_silent,
    says_nothing,
)
from tests.support.postgres import JOURNAL, Server


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines._Process, "places", {})


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[tuple[Path, socket.socket]]:
    """A machine whose kernel takes connections, and nobody else does: the folder of its socket, and that."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / ".s.PGSQL.5432"))
        listener.listen()
        listener.setblocking(False)
        yield tmp_path, listener


def names(address: str) -> list[str]:
    return [name_of(machine) for machine in in_turn(machines_of(conninfo_to_dict(address)))]


def test_an_address_is_taken_apart_into_its_machines() -> None:
    address = conninfo_to_dict("postgresql://egide@a,b:5433,c/journal?connect_timeout=2")
    found = machines_of(address)
    assert [one["host"] for one in found] == ["a", "b", "c"] and found[1]["port"] == "5433"
    assert all(
        (one["dbname"], one["user"], one["connect_timeout"]) == ("journal", "egide", "2") for one in found
    )
    assert machines_of({"dbname": "journal", "port": None}) == [{"dbname": "journal"}]


def test_who_led_last_comes_first_and_who_was_silent_last() -> None:
    address = "host=a,b,c dbname=journal"
    a, b, c = machines_of(conninfo_to_dict(address))
    assert names(address) == ["a", "b", "c"]
    note_silent(a)
    assert names(address) == ["b", "c", "a"]
    note_leads(c)
    note_silent(b)
    assert names(address) == ["c", "a", "b"]
    note_leads(a)
    assert names(address) == ["a", "c", "b"], "who led before may lead again"


def test_a_machine_that_says_nothing_is_asked_last_from_then_on(
    postgres: Server, silent: tuple[Path, socket.socket]
) -> None:
    folder, listener = silent
    address = postgres.address(JOURNAL, further="&connect_timeout=2").replace("&host=", f"&host={folder},")
    for _ in range(3):
        with Awaited.connect(address, autocommit=True) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    listener.accept()[0].close()
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert names(address)[-1] == str(folder)


def test_when_none_of_them_can_be_reached_each_one_says_why(tmp_path: Path) -> None:
    address = f"host={tmp_path / 'one'},{tmp_path / 'two'} dbname=journal"
    with pytest.raises(psycopg.OperationalError, match=r"(?s)one: .*No such file.*two: .*No such file"):
        Awaited.connect(address)


def test_who_was_silent_is_asked_for_one_word_and_not_waited_for_again(
    silent: tuple[Path, socket.socket],
) -> None:
    folder, _listener = silent
    address = f"host={folder} dbname=journal connect_timeout=2"
    with pytest.raises(psycopg.OperationalError, match="timeout expired"):
        Awaited.connect(address)
    began_s = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="says nothing"):
        Awaited.connect(address)
    assert time.monotonic() - began_s < 2.0


def test_who_was_silent_and_answers_again_is_connected_to(postgres: Server) -> None:
    address = postgres.address(JOURNAL)
    (machine,) = machines_of(conninfo_to_dict(address))
    note_silent(machine)
    Awaited.connect(address).close()
    assert machines._Process.places[name_of(machine)] < 0, "it leads"


def test_who_was_silent_and_refuses_says_why(tmp_path: Path) -> None:
    address = f"host={tmp_path} dbname=journal"
    note_silent(machines_of(conninfo_to_dict(address))[0])
    with pytest.raises(psycopg.OperationalError, match="No such file"):
        Awaited.connect(address)


def test_several_hosts_without_a_port_are_asked_at_the_usual_one() -> None:
    """As an installation names them: libpq then says an empty port for each."""
    machines = machines_of(conninfo_to_dict("postgresql://egide@127.0.0.1,127.0.0.2/journal"))
    for machine in machines:
        note_silent(machine)
    assert [says_nothing(machine) for machine in machines] == [False, False], "their kernels refuse"
