"""A message over SIP reaches a control room that is not ours, over TCP and TLS; whatever else answers is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from egide.common.clock import SystemClock
from egide.connectors.dispatch.facts import TEST, Refused
from egide.connectors.ng112.report import Message, message_of
from egide.connectors.ng112.road import deliver
from egide.connectors.ng112.trunk import Trunk
from tests.connectors.ng112.judging import facts, receiver
from tests.connectors.ng112.lying import answer_to, lying
from tests.support.certificates import Authority, shown
from tests.support.sip.servers import Came, Server, kamailio, sipp
from tests.support.waiting import until

# A machine that is busy with much else answers in time all the same; only silence is waited for briefly.
PATIENT_S, SHORT_S = 60.0, 0.5


def message(alarm: str, told: Trunk | None = None, **more: object) -> Message:
    made = message_of(facts(alarm=alarm), told or receiver())
    return msgspec.structs.replace(made, **more)


def refused(told: Trunk, said: Message, deadline_s: float = PATIENT_S) -> str:
    with pytest.raises(Refused) as found:
        deliver(said, told, SystemClock(), deadline_s)
    return found.value.why


def came(psap: Server, said: Message, number: int = 1) -> list[Came]:
    """Those lines of the control room that are about this message."""

    def found() -> list[Came]:
        return [one for one in psap.came if one.identifier == said.id]

    until(lambda: len(found()) >= number, lambda: psap.said)
    return found()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_control_room_reads_alarm_and_place(psap: Server, authority: Authority, transport: str) -> None:
    told = receiver(getattr(psap, transport), authorities=str(authority.pem))
    said = message(f"{transport}-1", told)
    deliver(said, told, SystemClock(), PATIENT_S)
    (read,) = came(psap, said)
    assert (read.proto, read.kind, read.status) == (transport, "Alert", "Actual")
    assert read.uri == read.to == "urn:service:sos.police" and read.by == "sip:egide@police.example"
    assert (read.pos, read.radius) == ("50.4542000 3.9523000", "20")
    assert read.entity == f"pres:{said.alarm}@police.example" and read.incidents == said.alarm
    assert (read.routing, read.priority, read.event) == ("yes", "emergency", "Protection alarm")


def test_the_same_message_is_the_same_call_and_each_try_a_later_one(
    psap: Server, authority: Authority
) -> None:
    told = receiver(psap.tls, authorities=str(authority.pem))
    said = message("again-1", told)
    clock = SystemClock()
    deliver(said, told, clock, PATIENT_S)
    until(lambda: clock.now_us() // 1_000_000 * 2 % 2**31 > int(came(psap, said)[0].number))
    deliver(said, told, clock, PATIENT_S)
    first, again = came(psap, said, 2)
    assert first.call == again.call == f"{said.id}@police.example"
    assert int(again.number) > int(first.number)


def test_a_test_is_called_and_marked_as_one(psap: Server, authority: Authority) -> None:
    told = receiver(psap.tls, authorities=str(authority.pem))
    said = message_of(facts(TEST, None, alarm="test-1"), told)
    deliver(said, told, SystemClock(), PATIENT_S)
    (read,) = came(psap, said)
    assert (read.uri, read.status, read.priority) == ("urn:service:test.sos.police", "Test", "")
    assert read.pos == read.routing == ""


def test_a_second_program_takes_it_too(tmp_path: Path) -> None:
    with sipp(tmp_path / "sipp") as (url, process):
        told = receiver(url, to="sip:101@psap.example")
        deliver(message("sipp-1", told), told, SystemClock(), PATIENT_S)
        assert process.wait(timeout=60) == 0, (tmp_path / "sipp" / "said.txt").read_text()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cap": "<alert"}, "refused-425-103"),
        ({"cap": '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>'}, "refused-425-103"),
    ],
    ids=["broken", "empty"],
)
def test_what_a_control_room_cannot_read_of_an_alarm_is_said_in_one_word(
    psap: Server, change: dict[str, str], why: str
) -> None:
    told = receiver(psap.tcp)
    assert refused(told, message("broken-1", told, **change)) == why


def test_a_name_that_it_does_not_serve_is_refused(psap: Server) -> None:
    told = receiver(psap.tcp, to="urn:service:counseling")
    assert refused(told, message("name-1", told)) == "refused-404"


def test_whoever_cannot_prove_its_name_is_told_nothing(
    psap: Server, authority: Authority, tmp_path: Path
) -> None:
    said = message("proof-1")
    stranger = Authority(tmp_path)
    # Not of an authority that counts here; then of one that does, for another name.
    assert refused(receiver(psap.tls), said) == "unreachable"
    assert refused(receiver(psap.tls, authorities=str(stranger.pem)), said) == "unreachable"
    with shown(stranger.server("192.0.2.7", "psap.example")) as port:
        url = f"sips:127.0.0.1:{port}"
        assert refused(receiver(url, authorities=str(stranger.pem)), said) == "unreachable"
    assert [one for one in psap.came if one.identifier == said.id] == []


def test_where_no_tls_is_nothing_is_said_in_the_clear() -> None:
    with lying(lambda request: iter([answer_to(request)])) as server:
        told = receiver(f"sips:127.0.0.1:{server.port}")
        assert refused(told, message("clear-1", told), SHORT_S) in ("unreachable", "timeout")
    assert all(b"MESSAGE" not in one and b"alert" not in one for one in server.came)


def test_a_control_room_that_asks_for_our_certificate_gets_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("127.0.0.1")
    own = tmp_path / "own.pem"
    own.write_bytes(authority.shown.read_bytes())
    own.chmod(0o640)
    with kamailio(tmp_path / "psap", "psap", authority=authority, asks=True) as psap:
        without = receiver(psap.tls, authorities=str(authority.pem))
        assert refused(without, message("mutual-1")) == "unreachable"
        told = msgspec.structs.replace(without, certificate=str(own))
        said = message("mutual-2", told)
        deliver(said, told, SystemClock(), PATIENT_S)
        assert came(psap, said)[0].proto == "tls"
        own.chmod(0o644)
        assert refused(told, said) == "settings"


def _for_another(request: bytes) -> Iterator[bytes]:
    yield answer_to(request).replace(b"branch=z9hG4bK", b"branch=z9hG4bKx")


def _never_ends(request: bytes) -> Iterator[bytes]:
    yield answer_to(request).replace(b"Content-Length: 0", b"Content-Length: 99999999")


def _all_head(_request: bytes) -> Iterator[bytes]:
    yield b"SIP/2.0 200 OK\r\n"
    while True:
        yield b"X-More: more\r\n" * 100


LIES: dict[str, tuple[Callable[[bytes], Iterator[bytes]], str]] = {
    "silent": (lambda _request: iter(()), "unreachable"),
    "web": (lambda _request: iter([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]), "no-sip"),
    "to another": (_for_another, "unreachable"),
    "endless body": (_never_ends, "no-sip"),
    "endless head": (_all_head, "no-sip"),
    "two lengths": (
        lambda request: iter([answer_to(request, more="Content-Length: 5\r\n")]),
        "no-sip",
    ),
    "no length": (
        lambda request: iter([answer_to(request).replace(b"Content-Length: 0\r\n", b"")]),
        "no-sip",
    ),
    "elsewhere": (
        lambda request: iter([answer_to(request, "302 Moved", "Contact: <sip:evil@192.0.2.1>\r\n")]),
        "refused-302",
    ),
    "later": (
        lambda request: iter([answer_to(request, "503 Unavailable", "Retry-After: 5\r\n")]),
        "refused-503",
    ),
    "only trying": (lambda request: iter([answer_to(request, "100 Trying")]), "unreachable"),
    "not found": (
        lambda request: iter([answer_to(request, "425 Bad", 'AlertMsg-Error: 101;message="x"\r\n')]),
        "refused-425-101",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_whoever_answers_otherwise_has_taken_nothing(name: str) -> None:
    answer, why = LIES[name]
    with lying(answer) as server:
        told = receiver(server.url)
        assert refused(told, message(name, told)) == why


def test_one_that_holds_the_line_is_given_up_in_time() -> None:
    def slowly(request: bytes) -> Iterator[bytes]:
        yield answer_to(request, "100 Trying")
        while True:
            yield b"\r\n"

    with lying(slowly) as server:
        told = receiver(server.url)
        assert refused(told, message("slow-1", told), SHORT_S) == "timeout"


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_an_answer_counts_in_whatever_pieces_and_forms_it_comes(piece: int) -> None:
    def answer(request: bytes) -> Iterator[bytes]:
        whole = (
            b"\r\n\r\n" + answer_to(request, "100 Trying") + answer_to(request, "202 Accepted", body="thanks")
        )
        whole = (
            whole.replace(b"Via: ", b"v : ")
            .replace(b"Content-Length", b"l")
            .replace(b";branch", b"\r\n ;branch")
        )
        return (whole[at : at + piece] for at in range(0, len(whole), piece))

    with lying(answer) as server:
        told = receiver(server.url)
        deliver(message("pieces", told), told, SystemClock(), PATIENT_S)


def test_a_call_that_was_taken_although_something_of_it_could_not_be_read_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with lying(lambda request: iter([answer_to(request, more="AlertMsg-Error: 100\r\n")])) as server:
        told = receiver(server.url)
        deliver(message("noted", told), told, SystemClock(), PATIENT_S)
    assert "could not read all of it: 100" in caplog.text


def test_nobody_there_is_said() -> None:
    assert refused(receiver("sip:127.0.0.1:9;transport=tcp"), message("nobody")) == "unreachable"
