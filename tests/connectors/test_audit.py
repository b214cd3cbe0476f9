"""The audit feed against a receiver under real TLS: who read what and what became of accounts, and no free text."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from egide.alarm.events import LadderSet
from egide.alarm.ladder import DEFAULT
from egide.common.clock import SystemClock
from egide.connectors.audit import road
from egide.connectors.audit.message import framed, message
from egide.connectors.audit.road import problems
from egide.connectors.base import RoadError
from egide.entrypoints.stack.children import open_listener
from egide.entrypoints.worker.auditing import TOLD, audit_until
from egide.events.accounts import InvitationSpoiled, PostsChanged, SignedIn
from egide.events.base import Event
from egide.events.register import FileOpened
from egide.journal.now.outcomes import WRITTEN, outcomes
from egide.journal.now.signs import Pulse, Signs
from egide.journal.service import Entry
from tests.support.certificates import Authority
from tests.support.installation import NOW_S, Installation
from tests.support.ports import reserved
from tests.support.waiting import WITHIN_S, until

HERE = "127.0.0.1"
# RFC 5424, section 6: header, one element of structured data, no message.
LINE = re.compile(
    r"<(?P<pri>\d+)>1 (?P<at>\S+Z) (?P<host>\S+) egide - (?P<kind>\w+) "
    r"\[egide@32473(?P<data>( \w+=\"([^\"\\\]]|\\.)*\")+)\]"
)


class Receiver:
    """Takes connections under TLS, and what comes with its length before it (RFC 5425)."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self._context = self.authority.server(HERE)
        self._connections: list[ssl.SSLSocket] = []
        self.port = reserved()
        self.lines: list[str] = []
        self.refused = 0
        self.listen()

    def listen(self) -> None:
        """Begin, or begin again at the same address."""
        self._listener = open_listener(self.port)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def go(self) -> None:
        """Be away: neither new connections nor those that were. The same once more is nothing."""
        if self._listener.fileno() >= 0:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        while self._connections:
            # One that the other end has left already cannot be shut.
            with suppress(OSError):
                self._connections.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                try:
                    connection = self._context.wrap_socket(plain, server_side=True)
                except OSError:
                    self.refused += 1
                    continue
                self._connections.append(connection)
                threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: ssl.SSLSocket) -> None:
        with suppress(OSError), connection.makefile("rb") as file:
            while length := b"".join(iter(lambda: file.read(1).strip(), b"")):
                self.lines.append(file.read(int(length)).decode())


class Fed:
    """An installation whose worker's thread tells this receiver."""

    def __init__(self, installation: Installation, receiver: Receiver) -> None:
        self.installation, self.receiver = installation, receiver
        self.config = replace(installation.config, audit_syslog=f"tls://{HERE}:{receiver.port}")
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        clock, self._stopped = SystemClock(), threading.Event()
        pulse = Pulse(Signs(self.config, clock), clock, "worker audit")
        arguments = (self._stopped, self.config, self.installation.journal, clock, pulse)
        self._thread = threading.Thread(target=audit_until, args=arguments)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread:
            self._thread.join(WITHIN_S)
            assert not self._thread.is_alive(), "the feed does not end"

    def say(self, event: Event, stream: str = "account:mark", case: str = "system") -> None:
        self.installation.journal.append([Entry(stream=stream, event=event, case=case)])

    def heard(self, number: int) -> list[dict[str, str]]:
        """Once so many lines have come: each with its header's fields and its parameters."""
        until(lambda: len(self.receiver.lines) >= number, lambda: f"{len(self.receiver.lines)} of {number}")
        return [parsed(line) for line in self.receiver.lines]


def parsed(line: str) -> dict[str, str]:
    found = LINE.fullmatch(line)
    assert found is not None, line
    pairs = re.findall(r' (\w+)="((?:[^"\\\]]|\\.)*)"', found["data"])
    return {**found.groupdict(), **{name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}}


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    made = Receiver(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority.pem))
    yield made
    made.go()


@pytest.fixture
def fed(installation: Installation, receiver: Receiver) -> Iterator[Fed]:
    made = Fed(installation, receiver)
    yield made
    made.stop()


def test_readings_and_accounts_are_told_in_their_order_and_nothing_else(fed: Fed) -> None:
    fed.say(SignedIn(user="magistrate-3", method="passkey"))
    fed.installation.journal.keys.ensure("c1")
    fed.say(FileOpened(case="c1", user="magistrate-3", why="Sœur d’Alix Exemple"), "case:c1", "c1")
    fed.say(LadderSet(user="operator-9", centre="HAI", ladder=DEFAULT), "ladder:HAI")
    fed.say(PostsChanged(user="operator-9", by="keeper", posts=("operator HAI", "supervisor HAI")))
    fed.start()
    first, second, third = fed.heard(3)
    assert [line["kind"] for line in (first, second, third)] == ["SignedIn", "FileOpened", "PostsChanged"]
    assert (first["user"], first["method"], first["pri"]) == ("magistrate-3", "passkey", "110")
    # Facility 13 and severity 4: somebody opened a file for a reason of their own.
    assert (second["case"], second["why"], second["pri"]) == ("c1", "given", "108")
    assert third["posts"] == "operator HAI, supervisor HAI"
    assert first["at"].startswith("2") and int(first["seq"]) < int(second["seq"]) < int(third["seq"])
    assert "Alix" not in "".join(fed.receiver.lines)
    fed.stop()
    assert outcomes(Signs(fed.config, SystemClock()))["audit"]["out"].word == WRITTEN


def test_what_a_broken_connection_may_have_lost_comes_again_and_nothing_is_left_out(fed: Fed) -> None:
    fed.start()
    fed.say(SignedIn(user="a", method="password"))
    fed.heard(1)
    fed.receiver.hang_up()
    fed.say(SignedIn(user="b", method="password"))
    lines = fed.heard(3)
    assert [line["user"] for line in lines] == ["a", "a", "b"]
    assert lines[0]["seq"] == lines[1]["seq"], "a repeat is known by its number"


def test_a_receiver_that_is_away_gets_everything_later_also_after_a_restart_of_the_worker(fed: Fed) -> None:
    fed.receiver.go()
    fed.start()
    fed.say(InvitationSpoiled(user="a"))
    fed.say(SignedIn(user="b", method="password"))
    signs = Signs(fed.config, SystemClock())
    until(lambda: "audit" in outcomes(signs), "it was tried")
    fed.stop()
    assert fed.receiver.lines == [] and not outcomes(signs)["audit"]["out"].is_well
    fed.receiver.listen()
    fed.start()
    assert [line["kind"] for line in fed.heard(2)] == ["InvitationSpoiled", "SignedIn"]


def test_of_an_erased_case_no_reader_is_told_any_more(fed: Fed) -> None:
    fed.installation.journal.keys.ensure("c1")
    fed.say(FileOpened(case="c1", user="magistrate-3"), "case:c1", "c1")
    fed.installation.journal.keys.destroy("c1")
    fed.start()
    (line,) = fed.heard(1)
    assert line["kind"] == "FileOpened" and "magistrate" not in fed.receiver.lines[0]


def test_nothing_is_told_to_a_receiver_that_nobody_vouches_for(
    fed: Fed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "other").pem))
    fed.say(SignedIn(user="a", method="password"))
    fed.start()
    until(lambda: fed.receiver.refused, "the receiver is refused")
    assert fed.receiver.lines == []


def test_a_receiver_that_is_silent_is_given_up_in_time(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(road, "TIMEOUT_S", 0.2)
    with open_listener() as silent:
        port = silent.getsockname()[1]
        config = replace(installation.config, audit_syslog=f"tls://{HERE}:{port}")
        with pytest.raises(RoadError, match="timed out"):
            road.AuditRoad(config, SystemClock()).send(message(1, "SignedIn", 0, "h", {"user": "a"}))


@pytest.mark.parametrize(
    "address", ["tcp://host:514", "host:6514", "tls://", "tls://host/path", "tls://host:x"]
)
def test_an_address_that_is_none_is_named_and_nothing_is_sent(
    address: str, installation: Installation
) -> None:
    (sentence,) = problems(replace(installation.config, audit_syslog=address))
    assert "EGIDE_AUDIT_SYSLOG" in sentence and address in sentence


def test_a_certificate_that_is_none_is_named(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("none")
    wrong = replace(
        installation.config, audit_syslog="tls://host", audit_certificate=str(tmp_path / "cert.pem")
    )
    (sentence,) = problems(wrong)
    assert "EGIDE_AUDIT_CERTIFICATE" in sentence


def test_what_would_end_a_parameter_is_escaped_and_the_length_counts_bytes() -> None:
    whole = message(7, "SignedIn", NOW_S * 1_000_000, "m1", {"user": 'a"]\\é', "method": "passkey"})
    assert parsed(whole.decode())["user"] == 'a"]\\é'
    assert framed(whole).startswith(b"%d <110>1 " % len(whole))


def test_every_event_of_accounts_is_told() -> None:
    assert {
        "SignedIn",
        "AccountClosed",
        "ReadingNoted",
        "FileOpened",
        "FileAsked",
    } <= TOLD and "Event" not in TOLD


@pytest.mark.parametrize("kind", ["EmergencyOpened", "EmergencyHalfRefused"])
def test_an_emergency_account_that_is_opened_or_tried_is_a_warning(kind: str) -> None:
    assert message(1, kind, 0, "h", {"user": "emergency-1"}).startswith(b"<108>1 ")
    assert message(1, "EmergencyEnded", 0, "h", {"user": "emergency-1"}).startswith(b"<110>1 ")
