"""The connection to a receiver whose people may write with us: opened by us, kept open, and registered at (RFC 3261,
section 10). Nothing here listens: what they write comes back on it, from whoever proved its name by TLS.

It carries their words alone. What goes to them has a connection of its own (`road`), and does not wait for this one.
"""

import secrets
import socket
from collections.abc import Callable
from typing import Final

import msgspec

from egide.common.clock import Clock
from egide.connectors.dispatch.facts import Refused
from egide.connectors.ng112.chat import Unusable, Word, answer_to, word_in
from egide.connectors.ng112.digest import authorization
from egide.connectors.ng112.sip import Answer, Frame, Frames, NoSip, Request, answer_in, is_answer, written
from egide.connectors.ng112.trunk import Trunk
from egide.intake.rules import Bucket

DEADLINE_S = 5.0
# For so long the registrar keeps us; we say each time in good time that we are still there, and see by that whether it
# is. One that grants less than a minute would lose us.
KEPT_S: Final = 120
AGAIN_US: Final = 45_000_000
# Of what comes: people write no faster, and a machine must not fill an alarm.
BURST, PER_S = 30, 1
_READ = 4096
_COOKIE = "z9hG4bK"


class Line:
    """One of them. Belongs to one thread. `hear` notes what was written, and gives the status that is answered."""

    def __init__(self, trunk: Trunk, hear: Callable[[Word], int], clock: Clock) -> None:
        self._trunk, self._hear, self._clock = trunk, hear, clock
        self._call, self._tag, self._number = secrets.token_hex(16), secrets.token_hex(8), 0
        self._bucket = Bucket(BURST, clock.steady_us())
        self._socket: socket.socket | None = None
        self._frames = Frames()
        # What the registrar was asked and has not answered, since when; and since when it keeps us.
        self._asked: Request | None = None
        self._asked_us = self._kept_us = 0
        self.is_up = False

    def step(self, wait_s: float) -> None:
        """Be there, and hear what comes within so long. Raises Refused: then the line is down until the next step."""
        try:
            self._step(wait_s)
        except (NoSip, OSError, ValueError, Refused) as error:
            self.close()
            raise _refused(error) from error

    def close(self) -> None:
        """Without a farewell: the registrar forgets us by itself."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self.is_up, self._asked = None, False, None

    def _step(self, wait_s: float) -> None:
        if self._socket is None:
            self._frames, self._socket = Frames(), self._connected()
            self._register()
        now_us = self._clock.steady_us()
        if self._asked is not None:
            if now_us - self._asked_us > DEADLINE_S * 1e6:
                raise TimeoutError("it did not answer")
        elif now_us - self._kept_us >= AGAIN_US:
            self._register()
        self._socket.settimeout(wait_s)
        try:
            data = self._socket.recv(_READ)
        except TimeoutError:
            return
        if not data:
            raise ConnectionError("it hung up")
        self._socket.settimeout(DEADLINE_S)
        for frame in self._frames.feed(data):
            if is_answer(frame):
                self._answered(answer_in(frame))
            else:
                self._asked_by(frame)

    def _connected(self) -> socket.socket:
        hop = self._trunk.hop
        plain = socket.create_connection((hop.host, hop.port), timeout=DEADLINE_S)
        if not hop.tls:
            return plain
        try:
            return self._trunk.context().wrap_socket(plain, server_hostname=hop.host)
        except (OSError, ValueError):
            plain.close()
            raise

    def _register(self) -> None:
        """Here we are, at this end of this connection."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        way = "TLS" if self._trunk.hop.tls else "TCP"
        user = self._trunk.sender.partition(":")[2].partition("@")[0]
        self._send(
            Request(
                method="REGISTER",
                uri=f"sip:{self._trunk.domain}",
                to=self._trunk.sender,
                by=self._trunk.sender,
                via=f"{way} {host}:{port}",
                branch=_COOKIE + secrets.token_hex(12),
                call=f"{self._call}@{self._trunk.domain}",
                tag=self._tag,
                number=self._next(),
                more=(
                    f"Contact: <sip:{user}@{host}:{port};transport={way.lower()}>",
                    f"Expires: {KEPT_S}",
                ),
            )
        )

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _send(self, request: Request) -> None:
        assert self._socket is not None
        self._asked, self._asked_us = request, self._clock.steady_us()
        self._socket.sendall(written(request))

    def _answered(self, answer: Answer) -> None:
        """Raises Refused where the registrar does not want us. What answers nothing of ours is passed over."""
        asked = self._asked
        if asked is None or answer.status < 200 or not answer.is_to(asked):
            return
        if 200 <= answer.status < 300:
            self._asked, self._kept_us, self.is_up = None, self._clock.steady_us(), True
            return
        login = self._trunk.login()
        proof = authorization(answer, login, asked.method, asked.uri) if login else ""
        if not proof or len(asked.more) > 2:
            raise Refused(f"refused-{answer.status}")
        self._send(
            msgspec.structs.replace(
                asked,
                branch=_COOKIE + secrets.token_hex(12),
                number=self._next(),
                more=(*asked.more, proof),
            )
        )

    def _asked_by(self, frame: Frame) -> None:
        """Answer what they send, once it is noted."""
        assert self._socket is not None
        if frame.first.startswith("ACK "):
            return
        try:
            word = word_in(frame)
            if not self._bucket.take(BURST, PER_S, self._clock.steady_us()):
                status = 503
            else:
                status = self._hear(word) if word is not None else 200
        except Unusable as error:
            status = error.status
        self._socket.sendall(answer_to(frame, status))


def _refused(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, NoSip):
        return Refused("no-sip")
    if isinstance(error, TimeoutError):
        return Refused("timeout")
    return Refused("unreachable" if isinstance(error, OSError) else "settings")
