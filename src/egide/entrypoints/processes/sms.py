"""The process that a gateway for short messages calls back: what comes is kept, joined, and given to intake's writer.

It has a writer of its own, so presses get through also while the process for HTTPS is down; the journal makes one of
both roads. A gateway is answered when what it handed on is on the disk, and not before.
"""

import asyncio
import logging
import sqlite3
from collections import Counter
from http import HTTPStatus

import click
import msgspec

from egide.alarm.events.sms import UNDELIVERED
from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.sealing import UnsealError
from egide.connectors.sms.answering import Answering
from egide.connectors.sms.forms import AnyGateway, gateway_of
from egide.connectors.sms.gateway import MAX_CALL_BYTES, BadCallback
from egide.connectors.sms.joining import Handed, Joiner
from egide.connectors.sms.rules import NotOurs
from egide.connectors.sms.spool import Due, NotYet, Spool
from egide.connectors.webhooks import Unauthentic
from egide.entrypoints.serving.asgi import (
    AsgiApplication,
    Receive,
    Scope,
    Send,
    TooLarge,
    content_type_of,
    end_tasks,
    header_of,
    note_known,
    read_body,
)
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.serving.server import listen, prepare, run_asgi, serving_options
from egide.entrypoints.serving.writing import fork_writer
from egide.entrypoints.watch.rules import SMS_HALF
from egide.intake.passing import Store
from egide.intake.refusals import problem
from egide.intake.service import Answer, Intake, Reply
from egide.journal.errors import JournalUnavailable
from egide.journal.now.outcomes import ARRIVED, NOT_OURS, TAKEN, Outcomes
from egide.journal.now.signs import BEAT_S, Pulse, Signs, server_name
from egide.journal.service import Journal

log = logging.getLogger("egide.sms")

_JSON = [(b"content-type", b"application/json")]
_FAULTS = (sqlite3.Error, JournalUnavailable, UnsealError)
_ANSWER_EVERY_S = 0.5
_SAID = ("authorization", "webhook-id", "webhook-timestamp", "webhook-signature")


class Application(AsgiApplication):
    """What the gateway's form calls, GET /v1/health, GET /v1/metrics (contracts/sms-gateway.openapi.yaml)."""

    def __init__(
        self,
        config: Config,
        gateway: AnyGateway,
        journal: Journal,
        clock: Clock,
        store: Store | None = None,
        name: str = "sms",
        *,
        is_away: bool = False,
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._intake = Intake(config, journal, clock, self._deliver, store, is_away=is_away)
        self._spool, url = Spool(config), config.sms_send_url
        self.joiner = Joiner(self._spool, self._intake, clock, answers=bool(url))
        self._reports = gateway.reports(config.sms_report_url)
        self._answering = (
            Answering(
                gateway.sender(url, clock),
                self._spool,
                self._intake.may_tell,
                clock,
                self._note_answer,
                self._reports.address if self._reports else lambda _digest: "",
            )
            if url
            else None
        )
        signs = Signs(config, clock)
        self._pulse, self._outcomes = Pulse(signs, clock, name), Outcomes(signs, clock)
        self._loop: asyncio.AbstractEventLoop
        self._tasks: list[asyncio.Task[None]] = []
        self._counts: Counter[str] = Counter()
        self._arrivals: Counter[str] = Counter()
        self._routes = {
            (gateway.method, gateway.path): self._called,
            ("GET", "/v1/health"): self._health,
            ("GET", "/v1/metrics"): self._metrics,
        }
        if self._reports is not None:
            self._routes[self._reports.method, self._reports.path] = self._reported

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._intake.start()
        self._tasks = [asyncio.create_task(self._go_on_until_cancelled())]
        if self._answering is not None:
            self._tasks.append(asyncio.create_task(_answer_until_cancelled(self._answering)))

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._outcomes.do_keep()
        self._pulse.leave()
        self._intake.stop()
        self.joiner.close()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._routes.get((scope["method"], scope["path"]))
        if handler is not None:
            status, body, headers = await handler(scope, receive)
        else:
            allowed = [method for method, path in self._routes if path == scope["path"]]
            code = HTTPStatus.METHOD_NOT_ALLOWED if allowed else HTTPStatus.NOT_FOUND
            status, body = self._refuse(code, "no-such-address")
            headers = [*_JSON, *([(b"allow", ", ".join(allowed).encode())] if allowed else [])]
        headers = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _called(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        return self._said(*await self._answer_call(scope, receive))

    def _said(self, status: int, body: bytes) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """The answer as this gateway may hear it."""
        retry = [(b"retry-after", b"1")] if status == HTTPStatus.SERVICE_UNAVAILABLE else []
        if not self._gateway.is_silent:
            return status, body, [*_JSON, *retry]
        asks = [(b"www-authenticate", b"Basic")] if status == HTTPStatus.UNAUTHORIZED else []
        return status, b"", [(b"content-type", b"text/plain"), *retry, *asks]

    async def _answer_call(self, scope: Scope, receive: Receive) -> Answer:
        if self._gateway.method == "POST" and content_type_of(scope) != b"application/json":
            return self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        headers = {name: header_of(scope, name.encode()).decode("latin-1") for name in _SAID}
        try:
            body = await read_body(scope, receive, MAX_CALL_BYTES)
            now_s = self._clock.now_us() // 1_000_000
            call = self._gateway.read(headers, scope["query_string"], body, now_s)
            note_known(scope)
            handed = await self.joiner.take(call.piece, call.name, call.sender)
        except TooLarge:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except Unauthentic as error:
            return self._refuse(HTTPStatus.UNAUTHORIZED, error.reason)
        except BadCallback as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, "bad-callback", str(error))
        except NotOurs as error:
            # To repeat it would help nobody: it is what somebody sent to this number, and no press.
            return self._settle(Handed("refused", error.reason))
        except _FAULTS as error:
            log.error("a message could not be kept: %s", error)
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "not-kept")
        return self._settle(handed)

    async def _reported(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        return self._said(*await self._answer_report(scope))

    async def _answer_report(self, scope: Scope) -> Answer:
        """What became of an answer: that it did not arrive is noted beside the press; that it did is counted."""
        assert self._reports is not None
        try:
            digest, has_arrived = self._reports.read(scope["query_string"])
            sent = (
                None if has_arrived is None else await asyncio.to_thread(self._spool.do_note_report, digest)
            )
        except Unauthentic as error:
            return self._refuse(HTTPStatus.UNAUTHORIZED, error.reason)
        except BadCallback as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, "bad-callback", str(error))
        except NotYet:
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "not-kept")
        except sqlite3.Error as error:
            log.error("what became of an answer could not be kept: %s", error)
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "not-kept")
        if sent is not None:
            self._arrivals["delivered" if has_arrived else UNDELIVERED] += 1
            if has_arrived:
                self._outcomes.worked("sms", "receipt", ARRIVED)
            else:
                self._outcomes.failed("sms", "receipt", UNDELIVERED)
                self._intake.note_answer(sent.device, sent.press, sent.attempt, UNDELIVERED, _say_if_unnoted)
        return int(HTTPStatus.OK), b""

    def _settle(self, handed: Handed) -> Answer:
        """The answer to a call that was understood: what became of it, in a word."""
        status = HTTPStatus.ACCEPTED if handed.state == "kept" else HTTPStatus.OK
        self._counts[f"{int(status)} {handed.reason or handed.state}"] += 1
        self._outcomes.worked("sms", "in", NOT_OURS if handed.reason else TAKEN)
        content = {"state": handed.state} | ({"reason": handed.reason} if handed.reason else {})
        return int(status), msgspec.json.encode(content)

    def _refuse(self, status: HTTPStatus, reason: str, detail: str = "") -> Answer:
        self._counts[f"{int(status)} {reason}"] += 1
        self._outcomes.failed("sms", "in", reason)
        return int(status), problem(status, reason, detail)

    def _deliver(self, answers: list[tuple[Reply, Answer]]) -> None:
        self._loop.call_soon_threadsafe(_settle_all, answers)

    async def go_on(self) -> None:
        """One look at what waits from before and what is late; and a sign of life when it is time for one."""
        try:
            await self.joiner.go_on()
        except Exception:
            # A task that ended would hand nothing on ever again.
            log.exception("what waits could not be looked at, will try again")
        if self._pulse.is_due:
            self._intake.check_writer()
            note = SMS_HALF if self.joiner.lone_seconds else ""
            await asyncio.to_thread(self._pulse.beat, *self._intake.how_far(), note)
            await asyncio.to_thread(self._outcomes.do_keep)

    def _note_answer(self, due: Due, why: str) -> None:
        """From the thread that answers. What cannot be noted changes nothing of the answer, which is never doubled."""
        if why:
            self._outcomes.failed("sms", "out", why)
        else:
            self._outcomes.worked("sms", "out")
        note = self._intake.note_answer
        self._loop.call_soon_threadsafe(note, due.device, due.press, due.tries + 1, why, _say_if_unnoted)

    async def _go_on_until_cancelled(self) -> None:
        while True:
            await self.go_on()
            await asyncio.sleep(BEAT_S / 2)

    async def _health(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        is_well = self._intake.check_writer()
        body = {"status": "ok" if is_well else "writer-stuck", "halves": self.joiner.halves}
        return 200 if is_well else 503, msgspec.json.encode(body), _JSON

    async def _metrics(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        lines = ["# TYPE egide_sms_calls_total counter"]
        for name, count in sorted(self._counts.items()):
            status, _, reason = name.partition(" ")
            lines.append(f'egide_sms_calls_total{{status="{status}",reason="{reason}"}} {count}')
        lines.append("# TYPE egide_sms_halves_total counter")
        lines += [
            f'egide_sms_halves_total{{became="{became}"}} {count}'
            for became, count in sorted(self.joiner.counts.items())
        ]
        lines += ["# TYPE egide_sms_halves_waiting gauge", f"egide_sms_halves_waiting {self.joiner.halves}"]
        if self._answering is not None:
            lines.append("# TYPE egide_sms_answers_total counter")
            lines += [
                f'egide_sms_answers_total{{became="{became}"}} {count}'
                for became, count in sorted((self._answering.counts + self._arrivals).items())
            ]
        text = ("\n".join(lines) + "\n").encode()
        return 200, text, [(b"content-type", b"text/plain; version=0.0.4")]


async def _answer_until_cancelled(answering: Answering) -> None:
    """Beside everything else: a gateway that does not answer holds up no press."""
    while True:
        try:
            await asyncio.to_thread(answering.send_due)
        except Exception:
            # A task that ended would answer nobody ever again.
            log.exception("answers could not be sent, will try again")
        await asyncio.sleep(_ANSWER_EVERY_S)


def _say_if_unnoted(answer: Answer) -> None:
    if answer[0] != HTTPStatus.CREATED:
        log.warning("what became of an answer by SMS was not noted: %d", answer[0])


def _settle_all(answers: list[tuple[Reply, Answer]]) -> None:
    for reply, answer in answers:
        reply(answer)


@click.command()
@serving_options("sms")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Receive presses from a gateway for short messages."""
    prepare()
    config = Config.from_env()
    gateway = gateway_of(config)
    writer = fork_writer(config, fd)
    clock = SystemClock()
    listener = listen(fd, host, port_of(config, "sms", port))
    name = server_name(config, "sms", listener.getsockname()[1])
    # No keys here, as in intake: this process reads what strangers wrote.
    journal = writer.journal(config, clock)
    app = Application(config, gateway, journal, clock, writer, name, is_away=writer.is_alone)
    run_asgi(app, listener, "sms", config)


if __name__ == "__main__":
    main()
