"""The call over SIP: one connection for one message, under TLS unless the receiver is on this machine, and never tried
again in the clear. A 2xx means that a machine there took the message, and no more than that."""

import asyncio
import logging
import secrets

import msgspec

from egide.common.clock import Clock
from egide.connectors.dispatch.facts import Facts, Refused
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ng112.asking import asking
from egide.connectors.ng112.digest import Login, authorization
from egide.connectors.ng112.report import Message, message_of
from egide.connectors.ng112.sip import Answer, Answers, NoSip, Request, written
from egide.connectors.ng112.trunk import Trunk, faults, trunk_of
from egide.journal.now.outcomes import Outcomes

__all__ = ["PATIENCE_S", "deliver", "faults", "send"]

log = logging.getLogger("egide.ng112")

DEADLINE_S = 5.0
# What is due here is sent at once.
PATIENCE_S = 0.0
_READ = 4096
# What every branch begins with (RFC 3261, section 8.1.1.7).
_COOKIE = "z9hG4bK"
# CSeq has 31 bits (RFC 3261, section 8.1.1.5).
_NUMBERS = 2**31


def send(facts: Facts, receiver: Receiver, clock: Clock) -> None:
    """Tell what this receiver may know of it. Raises Refused."""
    try:
        trunk = trunk_of(receiver)
    except ValueError as error:
        raise Refused("settings") from error
    deliver(message_of(facts, trunk), trunk, clock, DEADLINE_S)


def note_in(receiver: Receiver, outcomes: Outcomes) -> None:
    """Have `outcomes` hear how LoST answers, where it is asked."""
    try:
        trunk = trunk_of(receiver)
    except ValueError:
        return
    if trunk.lost:
        asking(trunk.lost, trunk.lost_key_file).outcomes = outcomes


def deliver(message: Message, receiver: Trunk, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Once, or raise Refused. Whom LoST names, where it is asked, is whom the receiver passes the message on to."""
    route = ""
    if receiver.lost and message.circle:
        lost = asking(receiver.lost, receiver.lost_key_file)
        route = lost.route(message.circle, receiver.called(message.test), clock)
    loop = asyncio.new_event_loop()
    try:
        answer = loop.run_until_complete(asyncio.wait_for(_said(receiver, message, clock, route), deadline_s))
    except TimeoutError as error:
        raise Refused("timeout") from error
    except NoSip as error:
        raise Refused("no-sip") from error
    except OSError as error:
        # A certificate that is not theirs is one of them: whoever it is, nothing was said to it.
        raise Refused("unreachable") from error
    except ValueError as error:
        raise Refused("settings") from error
    finally:
        # Waits for nobody: a name that is still being looked up must not outlast the deadline.
        loop.close()
    _judge(receiver, answer)


def _judge(receiver: Trunk, answer: Answer) -> None:
    """Raises Refused for everything but 2xx. A redirect is none: nothing goes to whom only an answer names."""
    code = answer.alert_error
    if not 200 <= answer.status < 300:
        raise Refused(f"refused-{answer.status}" + (f"-{code}" if code else ""))
    if code:
        # RFC 8876, section 5.2: the call was taken, and the machine there says what it could not read of it.
        log.warning("%s took a message and could not read all of it: %d", receiver.name, code)


async def _said(receiver: Trunk, message: Message, clock: Clock, route: str) -> Answer:
    """The final answer. Raises NoSip, OSError (of which ssl.SSLError is one), ValueError."""
    hop = receiver.hop
    context = receiver.context() if hop.tls else None
    reader, writer = await asyncio.open_connection(
        hop.host, hop.port, ssl=context, server_hostname=hop.host if hop.tls else None, limit=_READ
    )
    try:
        request = _request(receiver, message, clock, writer.get_extra_info("sockname"), route)
        answers = Answers()
        answer = await _asked(request, answers, reader, writer)
        again = _proven(request, answer, receiver.login())
        return answer if again is None else await _asked(again, answers, reader, writer)
    finally:
        # Without a farewell: whoever does not take part in it holds nothing up.
        writer.transport.abort()


async def _asked(
    request: Request, answers: Answers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Answer:
    writer.write(written(request))
    await writer.drain()
    while data := await reader.read(_READ):
        for answer in answers.feed(data):
            if answer.is_to(request) and answer.status >= 200:
                return answer
    raise ConnectionError("it hung up before it answered")


def _proven(request: Request, answer: Answer, login: Login | None) -> Request | None:
    """The same once more with name and password, where it asks for them and can be answered. Once: whoever asks again
    does not take these."""
    line = authorization(answer, login, request.method, request.uri) if login is not None else ""
    if not line:
        return None
    return msgspec.structs.replace(
        request, branch=_COOKIE + secrets.token_hex(12), number=request.number + 1, more=(*request.more, line)
    )


def _request(receiver: Trunk, message: Message, clock: Clock, own: tuple[str, int], route: str) -> Request:
    """The same message is the same call, whenever it is sent; each try is a later request of it (CSeq)."""
    host = f"[{own[0]}]" if ":" in own[0] else own[0]
    called = message.address or receiver.called(message.test)
    return Request(
        uri=called,
        to=called,
        by=receiver.sender,
        via=f"{'TLS' if receiver.hop.tls else 'TCP'} {host}:{own[1]}",
        branch=_COOKIE + secrets.token_hex(12),
        call=f"{message.id}@{receiver.domain}",
        tag=message.id[:16],
        # Two for each second: the second one is for who asks for a password.
        number=clock.now_us() // 1_000_000 * 2 % _NUMBERS,
        route=route,
        priority="" if message.test else "emergency",
        parts=message.parts(receiver.domain),
        more=message.heads(receiver.sender, receiver.domain),
    )
