"""The connection to one TAK server: the event, then a question that it answers once it has read the event.

That is all that can be known: a machine there took it. Whether a device showed it, or somebody looked, TAK does not
say. The answer names no question, and a server passes on what devices send: so it is asked twice, one question after
the other, and more answers than questions are those of somebody else.
"""

import re
import socket
import time
from urllib.parse import urlsplit

import msgspec

from egide.common.addresses import is_here
from egide.common.clock import Clock
from egide.common.text import LANGUAGES
from egide.connectors.dispatch.facts import MOVED, NO_POSITION, RAISED, TEST, Facts, Refused
from egide.connectors.dispatch.receivers import CIRCLE, Receiver
from egide.connectors.dispatch.teams import CALL_SIGN, faults_of
from egide.connectors.dispatch.tls import certificate_faults, context_of
from egide.connectors.tak.cot import PONG, ping, written

__all__ = ["PATIENCE_S", "faults", "send"]

PATIENCE_S = 0.0
DEADLINE_S = 5.0
# A server greets with what others on it do; more is not read.
MOST_BYTES = 1024 * 1024
_TLS_PORT = 8089
# Of an event's own tag: what stands in a text, as of a chat, answers nothing.
_ANSWER = re.compile(rf"""<event\s[^<>]*?\btype=(["']){PONG}\1""".encode())


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `more` says of it. `call_signs`, with commas between them, are whose devices get it, and nobody else's; none
    where the team that is sent gets it (`Receiver.teams`).

    `language` is that of the remarks; `authorities` and `certificate` as in `dispatch.tls`.
    """

    call_signs: str = ""
    language: str = "fr"
    authorities: str = ""
    certificate: str = ""

    @property
    def names(self) -> list[str]:
        return [name.strip() for name in self.call_signs.split(",") if name.strip()]


def faults(receiver: Receiver) -> list[str]:
    """What is wrong with its entry."""
    found = []
    try:
        host, _port, is_tls = _place(receiver.url)
    except ValueError as error:
        return [f"url is {receiver.url!r}: {error}"]
    if not is_tls and not is_here(f"tcp://{host}"):
        found.append(f"url is {receiver.url!r}: expected tls://… (tcp://… on this machine alone)")
    if CIRCLE not in receiver.fields:
        found.append("fields lacks circle: a map shows nothing without it")
    try:
        server = _server(receiver)
    except ValueError as error:
        return [*found, str(error)]
    found += _faults_of_devices(receiver, server)
    if server.language not in LANGUAGES:
        found.append(f"language is {server.language!r}: there are {', '.join(LANGUAGES)}")
    return found + (certificate_faults(server.authorities, server.certificate) if is_tls else [])


def _faults_of_devices(receiver: Receiver, server: Server) -> list[str]:
    if receiver.teams and server.call_signs:
        return ["call_signs and teams: expected one of them, the other in an entry of its own"]
    if receiver.teams:
        return faults_of(receiver.teams)
    if not server.names or not all(CALL_SIGN.fullmatch(name) for name in server.names):
        return [
            "call_signs names no device, or has signs that no call sign has: it is never sent to everybody"
        ]
    return []


def send(facts: Facts, receiver: Receiver, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Deliver, or raise Refused. An alarm without a position is told once there is one: a map has no place for it."""
    if facts.circle is None and facts.type in (RAISED, MOVED):
        raise Refused(NO_POSITION)
    now_us = clock.now_us()
    try:
        server = _server(receiver)
        question = ping(now_us)
        said = question
        # A test goes to devices by name; where only a team that is sent has any, the server alone is asked.
        if server.names or facts.type != TEST:
            said = written(facts, receiver, server.names, server.language, now_us) + b"\n" + question
        _deliver(receiver, server, (said, b"\n" + question), deadline_s)
    except TimeoutError as error:
        raise Refused("timeout") from error
    except OSError as error:
        # A certificate that is not theirs is one of them: whoever it is, nothing was said to it.
        raise Refused("unreachable") from error
    except ValueError as error:
        raise Refused("settings") from error


def _deliver(receiver: Receiver, server: Server, says: tuple[bytes, ...], deadline_s: float) -> None:
    """Until it answered each question. Raises Refused, OSError (TimeoutError and ssl.SSLError are some), ValueError."""
    host, port, is_tls = _place(receiver.url)
    ends_s = time.monotonic() + deadline_s
    with socket.create_connection((host, port), timeout=deadline_s) as plain:
        context = context_of(server.authorities, server.certificate) if is_tls else None
        connection = context.wrap_socket(plain, server_hostname=host) if context else plain
        with connection:
            answers = _Answers(connection, ends_s)
            for asked, said in enumerate(says, 1):
                connection.sendall(said)
                answers.wait_for(asked)


class _Answers:
    """Those that came on one connection, of whatever comes there."""

    def __init__(self, connection: socket.socket, ends_s: float) -> None:
        self._connection, self._ends_s = connection, ends_s
        self._heard, self._rest, self._came = 0, b"", 0

    def wait_for(self, asked: int) -> None:
        """Until as many came as were asked for. Raises Refused, OSError."""
        while self._came < asked:
            left_s = self._ends_s - time.monotonic()
            if left_s <= 0 or self._heard > MOST_BYTES:
                raise TimeoutError("it did not answer")
            self._connection.settimeout(left_s)
            data = self._connection.recv(4096)
            if not data:
                raise ConnectionError("it hung up before it answered")
            self._heard += len(data)
            # A tag may come in two pieces: what is not ended yet is looked at again.
            looked, end, rest = (self._rest + data).rpartition(b">")
            self._rest = rest
            self._came += len(_ANSWER.findall(looked + end))
        if self._came > asked:
            raise Refused("strange-answer")


def _server(receiver: Receiver) -> Server:
    try:
        return msgspec.convert(receiver.more, Server)
    except msgspec.ValidationError as error:
        raise ValueError(f"more cannot be used: {error}") from error


def _place(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether under TLS. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("tls", "tcp") or not parts.hostname or parts.path or parts.username:
        raise ValueError("expected tls://host:port")
    port = parts.port or _TLS_PORT
    return parts.hostname, port, parts.scheme == "tls"
