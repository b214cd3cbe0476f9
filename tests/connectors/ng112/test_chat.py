"""What people of a control room write over SIP, read from whatever comes; and the connection on which it comes."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from egide.alarm.events.elsewhere import CHAT_BEGUN, CHAT_OVER, CHAT_SAID
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, SAID, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import FIELDS, TALK, Receiver
from egide.connectors.ng112 import line as lines
from egide.connectors.ng112.chat import MOST_SIGNS, Unusable, Word, answer_to, heads, word_in
from egide.connectors.ng112.line import BURST, Line
from egide.connectors.ng112.report import message_of
from egide.connectors.ng112.sip import Frame, Frames, NoSip, written
from egide.connectors.ng112.trunk import Trunk
from egide.entrypoints.worker.talking import MISSED_US, Talking
from tests.connectors.ng112.judging import AT_US, facts, receiver
from tests.connectors.ng112.test_message import ROOT, request_of
from tests.support.certificates import Authority, shown
from tests.support.waiting import until

CHAT = "0" * 32
OWN = "sip:egide@police.example"
TALKS = (*FIELDS, TALK)


def frame(kind: int | str = 259, body: str = "Is he there?", more: str = "", **change: str) -> Frame:
    """A message as ng112-js writes one."""
    head = {
        "Via": "SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1",
        "From": "<sip:psap@control.example>;tag=a",
        "To": "<sip:egide@police.example>",
        "Call-ID": "1@control.example",
        "CSeq": "3 MESSAGE",
        "Reply-To": "sip:psap@control.example",
        "Content-Type": "text/plain",
    } | {name.replace("_", "-"): value for name, value in change.items()}
    info = heads(CHAT, "7", 0, "sip:psap@control.example", "control.example")[:3]
    text = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    text += "".join(f"{one}\r\n" for one in info).replace("msgtype:0:", f"msgtype:{kind}:") + more
    raw = f"MESSAGE sip:egide@192.0.2.1 SIP/2.0\r\n{text}Content-Length: {len(body.encode())}\r\n\r\n{body}"
    (made,) = Frames().feed(raw.encode())
    return made


def test_what_they_write_is_read_with_whom_an_answer_is_for() -> None:
    assert word_in(frame()) == Word(
        CHAT, CHAT_SAID, "Is he there?", "1@control.example 3 MESSAGE", "sip:psap@control.example"
    )
    begun, over = word_in(frame(257, "")), word_in(frame(258, "bye"))
    assert begun is not None and over is not None
    assert (begun.word, begun.text, over.word, over.text) == (CHAT_BEGUN, "", CHAT_OVER, "bye")
    # An app in the background, a sign of life, and a word without a word.
    for quiet in (frame(260, ""), frame(260 + 128, ""), frame(259, "")):
        found = word_in(quiet)
        assert found is not None and found.word == ""


def test_text_is_found_among_parts_and_shown_as_one_line() -> None:
    page = "--b\r\nContent-Type: text/html\r\n\r\n<b>no</b>\r\n"
    plain = "--b\r\ncontent-type:text/plain;charset=utf-8\r\n\r\nIs he\r\nthere?\u202e\x07\r\n--b--"
    found = word_in(frame(body=page + plain, Content_Type='multipart/mixed; boundary="b"'))
    assert found is not None and found.text == "Is he there?"
    long = word_in(frame(body="a" * 2000))
    assert long is not None and len(long.text) == MOST_SIGNS
    strange = word_in(frame(body="\x1b[31m red \u2066"))
    assert strange is not None and strange.text == "[31m red"


def test_a_name_in_brackets_is_an_address_and_another_scheme_is_none() -> None:
    for change, address in (
        ({"Reply_To": '"Room" <sip:room@control.example>'}, "sip:room@control.example"),
        ({"Reply_To": "tel:+3212345"}, "sip:psap@control.example"),
        ({"Reply_To": "", "From": "<http://evil.example>;tag=a"}, ""),
        ({"Reply_To": "<sip:a b@c>", "From": "x"}, ""),
    ):
        found = word_in(frame(**change))
        assert found is not None and found.address == address


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (lambda: frame(264), 403),
        (lambda: frame(272), 403),
        (lambda: frame("x"), 400),
        (lambda: frame(Content_Type="message/cpim"), 415),
        (lambda: frame(Content_Type="multipart/mixed"), 400),
        (lambda: Frame("MESSAGE sip:a SIP/2.0", {}, b""), 481),
        (lambda: Frame("INVITE sip:a SIP/2.0", {}, b""), 405),
        (lambda: Frame("message sip:a SIP/2.0", {}, b""), 400),
    ],
    ids=[
        "handed over",
        "sent elsewhere",
        "no type",
        "no text",
        "no boundary",
        "no chat",
        "a call",
        "no request",
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(made: Callable[[], Frame], status: int) -> None:
    with pytest.raises(Unusable) as found:
        word_in(made())
    assert found.value.status == status


def test_an_answer_is_made_of_the_request_and_of_nothing_where_that_lacks() -> None:
    asked = frame(more="Via: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK2\r\n")
    text = answer_to(asked, 200).decode()
    assert text.startswith(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP "
    )
    assert "To: <sip:egide@police.example>;tag=egide\r\n" in text and text.endswith(
        "Content-Length: 0\r\n\r\n"
    )
    assert "Allow: MESSAGE" in answer_to(asked, 405).decode()
    with pytest.raises(NoSip):
        answer_to(Frame("MESSAGE sip:a SIP/2.0", {}, b""), 200)


def said_of(kind: str, fields: tuple[str, ...] = TALKS, **more: object) -> str:
    """The message as it goes out."""
    told = receiver(fields=fields, language="en")
    one = facts(kind) if kind != SAID else Facts(SAID, facts().alarm, AT_US, AT_US, **more)  # type: ignore[arg-type]
    message = message_of(one, told)
    request = request_of(message, told, more=message.heads(told.sender, told.domain))
    return written(request).decode()


def test_alarm_positions_and_end_belong_to_the_chat_and_a_test_does_not() -> None:
    for kind, number in ((RAISED, 257), (MOVED, 260), (CLOSED, 258)):
        text = said_of(kind)
        assert (
            f"uid:msgtype:{number}:police.example>" in text
            and "Reply-To: sip:egide@police.example\r\n" in text
        )
        assert "Call-Info: <cid:" in text
    assert "read by an operator" in said_of(RAISED)
    assert "Call-Info: <urn" not in said_of(TEST)


def test_who_may_not_talk_gets_the_alarm_and_no_chat() -> None:
    assert "Call-Info: <urn" not in said_of(RAISED, FIELDS) and "text/plain" not in said_of(RAISED, FIELDS)


def test_an_answer_is_text_alone_and_for_whom_the_chat_is_with() -> None:
    text = said_of(SAID, said="here", place=2, address="sip:psap@control.example")
    assert text.endswith("\r\n\r\nAnswered on the phone: He is here") and "<alert" not in text
    assert "Content-Type: text/plain;charset=utf-8\r\n" in text and "uid:msgtype:259:" in text
    assert "Asked without a sound: Are you safe?" in said_of(SAID, said="safe", is_question=True)


def test_the_page_shows_a_word_in_both_directions() -> None:
    page = (ROOT / "docs" / "connectors" / "ng112.md").read_text(encoding="utf-8")
    _alarm, answer, theirs = re.findall(r"```sip\n(.*?)```", page, re.DOTALL)
    assert said_of(SAID, said="here", place=2).replace("\r\n", "\n") == answer.rstrip("\n")
    (made,) = Frames().feed(theirs.rstrip("\n").replace("\n", "\r\n").encode())
    found = word_in(made)
    assert found is not None and (found.word, found.text) == (CHAT_SAID, "Is he still there?")


class Registrar:
    """Takes one connection after the other, and answers what comes as it was told to."""

    def __init__(self, port: int) -> None:
        self.port, self.came = port, b""


@contextmanager
def registrar(*says: bytes, status: str = "200 OK", more: str = "") -> Iterator[Registrar]:
    """It answers REGISTER with `status`, and then says what it is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Registrar(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    _talk(connection)
                except OSError:
                    continue

    def _talk(connection: socket.socket) -> None:
        while data := connection.recv(65536):
            server.came += data
            if data.startswith(b"REGISTER") and status:
                echoed = b"\r\n".join(
                    re.findall(rb"^(?:Via|From|To|Call-ID|CSeq): [^\r]*", data, re.MULTILINE)
                )
                connection.sendall(
                    f"SIP/2.0 {status}\r\n".encode() + echoed + f"\r\n{more}l: 0\r\n\r\n".encode()
                )
                for piece in says:
                    connection.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def raw(kind: int = 259, body: str = "hello", call: str = "1") -> bytes:
    one = frame(kind, body, Call_ID=call)
    head = "".join(f"{name}: {value}\r\n" for name, values in one.headers.items() for value in values)
    return f"{one.first}\r\n{head}\r\n".encode() + one.body


class Heard:
    """A line to a registrar, and what was heard on it."""

    def __init__(self, trunk: Trunk) -> None:
        self.words: list[Word] = []
        self.line = Line(trunk, self._hear, SystemClock())

    def _hear(self, word: Word) -> int:
        self.words.append(word)
        return 200

    def until(self, is_so: Callable[[], object]) -> None:
        def step() -> bool:
            self.line.step(0.05)
            return bool(is_so())

        until(step)
        self.line.close()

    def down(self) -> str:
        """Why it is."""
        with pytest.raises(Refused) as found:
            while True:
                self.line.step(0.2)
        assert not self.line.is_up
        return found.value.why


def here(server: Registrar, **more: str) -> Heard:
    return Heard(receiver(f"sip:127.0.0.1:{server.port};transport=tcp", fields=TALKS, **more))


def test_it_says_where_it_is_and_hears_what_comes_on_its_own_connection() -> None:
    with registrar(raw(), b"\r\n\r\n", raw(call="2")) as server:
        heard = here(server)
        heard.until(lambda: len(heard.words) == 2 and server.came.count(b"SIP/2.0 200 OK") == 2)
        assert heard.words[0].text == "hello"
    contact = re.search(rb"Contact: <sip:egide@127\.0\.0\.1:(\d+);transport=tcp>", server.came)
    via = re.search(rb"Via: SIP/2\.0/TCP 127\.0\.0\.1:(\d+)", server.came)
    assert contact is not None and via is not None and contact[1] == via[1]


def test_more_than_people_write_is_not_taken() -> None:
    with registrar(*(raw(call=str(number)) for number in range(BURST + 20))) as server:
        heard = here(server)
        heard.until(lambda: server.came.count(b"SIP/2.0 ") >= BURST + 20)
        assert BURST <= len(heard.words) < BURST + 10
        assert server.came.count(b"SIP/2.0 503") >= 10


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "no-sip"),
        (b"MESSAGE sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n", "no-sip"),
        (b"MESSAGE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n", "no-sip"),
        (b"x" * 40_000, "no-sip"),
    ],
    ids=["web", "endless", "nobody to answer", "no end"],
)
def test_what_is_no_sip_is_the_end_of_the_connection(says: bytes, why: str) -> None:
    with registrar(says) as server:
        heard = here(server)
        assert heard.down() == why and heard.words == []


def test_one_that_does_not_want_us_is_down(tmp_path: Path) -> None:
    with registrar(status="403 Forbidden") as server:
        assert here(server).down() == "refused-403"
    login = tmp_path / "login"
    login.write_text("egide:secret-of-the-tests", encoding="utf-8")
    login.chmod(0o640)
    challenge = 'WWW-Authenticate: Digest realm="a", nonce="1"\r\n'
    with registrar(status="401 Unauthorized", more=challenge) as server:
        assert here(server).down() == "refused-401"
        assert here(server, login_file=str(login)).down() == "refused-401"
    assert server.came.count(b"Authorization: Digest") == 1 and b"secret-of" not in server.came


def test_one_that_is_silent_hangs_up_or_is_nobody_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "DEADLINE_S", 0.3)
    with registrar(status="") as server:
        assert here(server).down() == "timeout"
    assert Heard(receiver("sip:127.0.0.1:9;transport=tcp", fields=TALKS)).down() == "unreachable"
    stranger = Authority(tmp_path)
    with shown(stranger.server("192.0.2.7", "psap.example")) as port:
        trunk = receiver(f"sips:127.0.0.1:{port}", fields=TALKS, authorities=str(stranger.pem))
        assert Heard(trunk).down() == "unreachable"


def test_a_line_that_is_away_for_a_minute_is_missed_at_the_boards(tmp_path: Path) -> None:
    class Clock(SystemClock):
        later_us = 0

        def steady_us(self) -> int:
            return super().steady_us() + self.later_us

    clock, stopped = Clock(), threading.Event()
    talker = Receiver(
        "room", "-", ("HAI",), "sip:127.0.0.1:9;transport=tcp", TALKS, "sip", more={"sender": OWN}
    )
    talking = Talking(stopped, Config(tmp_path), talker, clock)
    assert not talking.is_missed
    clock.later_us = MISSED_US
    assert talking.is_missed
