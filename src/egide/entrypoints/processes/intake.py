"""The process that receives from phones: a small ASGI application that reads and verifies, in front of the writer."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from http import HTTPStatus

import click
import msgspec

from egide.common.callers import neighbourhood
from egide.common.clock import Clock, SystemClock
from egide.common.config import Config
from egide.common.encoding import from_json
from egide.common.files import mark_of_key
from egide.entrypoints.serving.asgi import (
    AsgiApplication,
    Receive,
    Scope,
    Send,
    TooLarge,
    beat_until_cancelled,
    caller_of,
    content_type_of,
    end_tasks,
    header_of,
    note_answered,
    note_known,
    read_body,
    wait_in_line,
)
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.serving.server import listen, prepare, run_asgi, serving_options
from egide.entrypoints.serving.whole import WholeHttp
from egide.entrypoints.serving.writing import fork_writer
from egide.intake import receipt_keys
from egide.intake.passing import Store
from egide.intake.service import Answer, Intake, Reply
from egide.intake.sources.services import Services
from egide.journal.errors import JournalUnavailable
from egide.journal.now.kept import facts
from egide.journal.now.known import facts as known_facts
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Pulse, Signs, server_name
from egide.journal.service import Journal
from egide.protocol.enrolment import EnrolmentRequest, check_request
from egide.protocol.envelope import MAX_BYTES, kid_in
from egide.protocol.opening import OpeningRequest, check_opening
from egide.protocol.receipt_key import ReceiptKeys
from egide.protocol.sources import (
    BTHOME,
    DC09,
    MAX_FRAMED_BYTES,
    MAX_REPORT_BYTES,
    TRACCAR,
    read_framed,
    read_heard,
)
from egide.protocol.traccar import MAX_FORWARD_BYTES, read_forward

MAX_ENROLMENT_BYTES = 4096
MAX_OPENING_BYTES = 1024
_JSON = (b"content-type", b"application/json")
_UNKEPT = (b"cache-control", b"no-store")


# The phone's web app calls from another origin (Fetch standard, section 3.3). Any may: what counts is the signature,
# there are no cookies, and an answer says nothing to a caller who did not sign.
_LINKS = "/v1/receipt-keys"
_FROM_PAGES = ("/v1/messages", "/v1/enrolments", "/v1/openings", _LINKS)
_ANY_ORIGIN = ((b"access-control-allow-origin", b"*"),)
# What a page of another origin may read of the headers (Fetch standard, section 3.3.5).
_SEEN = (b"access-control-expose-headers", b"retry-after")
_PREFLIGHT = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
]


class Application(AsgiApplication):
    """POST /v1/messages, enrolments, openings, reports, GET /v1/receipt-keys, health, metrics.

    The contract: contracts/intake.openapi.yaml.

    Without a `store` the writer is a thread of this process, and `journal` needs its keys. `is_away`: there is no
    journal to ask yet.
    """

    def __init__(
        self,
        config: Config,
        journal: Journal,
        clock: Clock,
        store: Store | None = None,
        name: str = "intake",
        *,
        is_away: bool = False,
    ) -> None:
        self._config, self._clock = config, clock
        self._intake = Intake(config, journal, clock, self._deliver, store, is_away=is_away)
        self._services, self._devices = Services.of(config), Services.alone(DC09, config.dc09_secret)
        signs = Signs(config, clock)
        self._pulse, self._outcomes = Pulse(signs, clock, name), Outcomes(signs, clock)
        # Public, and as they were at the start, as the writer's key is.
        links = receipt_keys.links(config)
        self._links = msgspec.json.encode(ReceiptKeys(links))
        self._note = mark_of_key(links[-1].encode()) if links else ""
        self._loop: asyncio.AbstractEventLoop
        self._tasks: list[asyncio.Task[None]] = []
        self._routes = {
            ("POST", "/v1/messages"): self._message,
            ("POST", "/v1/enrolments"): self._enrolment,
            ("POST", "/v1/openings"): self._opening,
            ("POST", "/v1/reports"): self._report,
            ("POST", "/v1/reports/traccar"): self._forward,
            ("POST", "/v1/reports/dc09"): self._frame,
            ("GET", _LINKS): self._receipt_keys,
            ("GET", "/v1/health"): self._health,
            ("GET", "/v1/metrics"): self._metrics,
        }

    async def start(self) -> None:
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._intake.start()
        self._tasks = [asyncio.create_task(beat_until_cancelled(self._pulse, self._how_far, self._note))]

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._outcomes.do_keep()
        self._pulse.leave()
        self._intake.stop()

    async def _how_far(self) -> tuple[int, int]:
        self._intake.check_writer()
        if self._outcomes.is_new:
            # In another thread, as the sign itself.
            await asyncio.to_thread(self._outcomes.do_keep)
        return self._intake.how_far()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._routes.get((scope["method"], scope["path"]))
        if handler is not None:
            status, body, headers = await handler(scope, receive)
        elif scope["method"] == "OPTIONS" and scope["path"] in _FROM_PAGES:
            status, body, headers = HTTPStatus.NO_CONTENT, b"", _PREFLIGHT
        else:
            allowed = [method for method, path in self._routes if path == scope["path"]]
            code = HTTPStatus.METHOD_NOT_ALLOWED if allowed else HTTPStatus.NOT_FOUND
            (status, body), headers = self._intake.refuse(code, "no-such-address"), [_JSON]
            headers += [(b"allow", ", ".join(allowed).encode())] if allowed else []
        headers = [
            *headers,
            *(_ANY_ORIGIN if scope["path"] in _FROM_PAGES else ()),
            (b"content-length", str(len(body)).encode()),
            _UNKEPT,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _message(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if content_type_of(scope) != b"application/cose":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-cose")
        try:
            data = await read_body(scope, receive, MAX_BYTES)
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        await wait_in_line(scope)
        status, body = await self._answer(scope, lambda reply: self._intake.submit(data, reply))
        note_answered(scope, status, self.phone_of(data) if status < HTTPStatus.BAD_REQUEST else "")
        return status, body, [_JSON, *_retry(status)]

    # Short ones, which are nearly all, come this way (whole.py).
    whole_path, whole_type = b"/v1/messages", b"application/cose"

    def take(self, body: bytes, answered: Reply) -> None:
        """A message that came whole."""
        self._intake.submit(body, answered)

    def headers_for(self, status: int) -> list[tuple[bytes, bytes]]:
        """The headers of an answer to a message, but for its length."""
        return [_JSON, *_retry(status), *_ANY_ORIGIN, _UNKEPT]

    def phone_of(self, body: bytes) -> str:
        """The id of the key that signed a verified message."""
        return kid_in(body).hex()

    async def _enrolment(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if content_type_of(scope) != b"application/json":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        address = neighbourhood(caller_of(scope))
        if not self._intake.may_enrol(address):
            status, body, headers = self._refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many-enrolments")
            return status, body, [*headers, *_retry(status)]
        try:
            data = await read_body(scope, receive, MAX_ENROLMENT_BYTES)
            await wait_in_line(scope)
            request = from_json(data, EnrolmentRequest)
            public_key = check_request(request)
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except ValueError:
            self._intake.note_wrong_enrolment(address)
            return self._refused(HTTPStatus.BAD_REQUEST, "bad-enrolment")
        status, body = await self._answer(scope, lambda reply: self._intake.enrol(request, public_key, reply))
        if status == HTTPStatus.NOT_FOUND:
            self._intake.note_wrong_enrolment(address)
        elif status < HTTPStatus.BAD_REQUEST:
            note_known(scope)
        return status, body, [_JSON]

    async def _opening(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if content_type_of(scope) != b"application/json":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        try:
            data = await read_body(scope, receive, MAX_OPENING_BYTES)
            await wait_in_line(scope)
            request = from_json(data, OpeningRequest)
            tag, signature = check_opening(request)
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except ValueError:
            return self._refused(HTTPStatus.BAD_REQUEST, "bad-opening")
        status, body = await self._answer(
            scope, lambda reply: self._intake.open(request.kid, tag, signature, reply)
        )
        if status < HTTPStatus.BAD_REQUEST:
            note_known(scope, request.kid)
        retry = [(b"retry-after", b"3600" if status == HTTPStatus.TOO_MANY_REQUESTS else b"1")]
        return status, body, [_JSON, *(retry if status in (429, 503) else [])]

    async def _report(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """The frame of a button that only broadcasts, given by whoever heard it."""
        if content_type_of(scope) != b"application/json":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        try:
            data = await read_body(scope, receive, MAX_REPORT_BYTES)
            await wait_in_line(scope)
            heard = read_heard(data)
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except ValueError:
            return self._refused(HTTPStatus.BAD_REQUEST, "bad-report")
        status, body = await self._answer(
            scope, lambda reply: self._intake.report(BTHOME, heard.source, heard.frame, reply)
        )
        if status < HTTPStatus.BAD_REQUEST:
            note_known(scope)
        return status, body, [_JSON, *_retry(status)]

    async def _forward(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """An event of a tracker, as its service forwards it."""
        answer = await self._take_forward(scope, receive)
        self._outcomes.answered("trackers", "in", answer[0])
        return answer

    async def _take_forward(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Who that is comes before what it says."""
        service = self._services.named(header_of(scope, b"authorization").decode("latin-1"))
        if not service:
            return self._refused(HTTPStatus.UNAUTHORIZED, "unknown-service")
        if content_type_of(scope) != b"application/json":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        try:
            said = read_forward(await read_body(scope, receive, MAX_FORWARD_BYTES))
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except ValueError:
            return self._refused(HTTPStatus.BAD_REQUEST, "bad-report")
        note_known(scope)
        status, body = await self._answer(
            scope,
            lambda reply: self._intake.report(
                TRACCAR, "", msgspec.json.encode(said), reply, name=said.name, carrier=service
            ),
        )
        return status, body, [_JSON, *_retry(status)]

    async def _frame(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """A frame of an alarm device, as the process that listens to them brings it."""
        carrier = self._devices.named(header_of(scope, b"authorization").decode("latin-1"))
        if not carrier:
            return self._refused(HTTPStatus.UNAUTHORIZED, "unknown-service")
        if content_type_of(scope) != b"application/json":
            return self._refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expects-application-json")
        try:
            account, frame = read_framed(await read_body(scope, receive, MAX_FRAMED_BYTES))
        except TooLarge:
            return self._refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
        except ValueError:
            return self._refused(HTTPStatus.BAD_REQUEST, "bad-report")
        note_known(scope)
        status, body = await self._answer(
            scope, lambda reply: self._intake.report(DC09, "", frame, reply, name=account, carrier=carrier)
        )
        return status, body, [_JSON, *_retry(status)]

    async def _receipt_keys(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        return 200, self._links, [_JSON]

    async def _answer(self, scope: Scope, submit: Callable[[Reply], None]) -> Answer:
        """Wait for the writer's answer without blocking the loop."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def settle(answer: Answer) -> None:
            if not future.done():
                future.set_result(answer)

        submit(settle)
        return await future

    def _deliver(self, answers: list[tuple[Reply, Answer]]) -> None:
        """From wherever the store answers into the loop, a whole group with one wake-up; none from the loop itself."""
        if threading.get_ident() == self._thread:
            _settle_all(answers)
        else:
            self._loop.call_soon_threadsafe(_settle_all, answers)

    def _refused(self, status: HTTPStatus, reason: str) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        return (*self._intake.refuse(status, reason), [_JSON])

    def is_well(self) -> bool:
        """Whether the writer answers."""
        return self._intake.check_writer()

    async def _health(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        is_well = self.is_well()
        seq, head = self._intake.how_far()
        body = {"status": "ok" if is_well else "writer-stuck", "waiting": head - seq}
        return 200 if is_well else 503, msgspec.json.encode(body), [_JSON]

    async def _metrics(self, scope: Scope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        lines = ["# TYPE egide_intake_replies_total counter"]
        for name, count in sorted(self._intake.counts.items()):
            status, _, reason = name.partition(" ")
            lines.append(f'egide_intake_replies_total{{status="{status}",reason="{reason}"}} {count}')
        lines.append("# TYPE egide_intake_heartbeats_total counter")
        lines.append(f"egide_intake_heartbeats_total {self._intake.heartbeats}")
        lines += self._kept_lines()
        return 200, ("\n".join(lines) + "\n").encode(), [(b"content-type", b"text/plain; version=0.0.4")]

    def _kept_lines(self) -> list[str]:
        """What waits on this machine for the journal, and how old its copy is of what that says of phones; nothing
        where that is not known, or nothing is ever kept."""
        if not self._config.journal:
            return []
        lines = []
        with contextlib.suppress(JournalUnavailable):
            kept = facts(self._config)
            lines += _gauge("egide_intake_kept", kept.count)
            lines += _gauge("egide_intake_kept_oldest_seconds", self._since_s(kept.oldest_us))
        with contextlib.suppress(JournalUnavailable):
            if at_us := known_facts(self._config).at_us:
                lines += _gauge("egide_intake_known_age_seconds", self._since_s(at_us))
        return lines

    def _since_s(self, at_us: int) -> float:
        """0 for nothing."""
        return max(0, self._clock.now_us() - at_us) / 1e6 if at_us else 0.0


def _gauge(name: str, value: float) -> list[str]:
    text = str(value) if isinstance(value, int) else f"{value:.3f}"
    return [f"# TYPE {name} gauge", f"{name} {text}"]


def _retry(status: int) -> list[tuple[bytes, bytes]]:
    return [(b"retry-after", b"1"), _SEEN] if status in (202, 429, 503, 507) else []


def _settle_all(answers: list[tuple[Reply, Answer]]) -> None:
    for reply, answer in answers:
        reply(answer)


@click.command()
@serving_options("intake")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Receive messages from phones."""
    prepare()
    config = Config.from_env()
    writer = fork_writer(config, fd)
    clock = SystemClock()
    listener = listen(fd, host, port_of(config, "intake", port))
    name = server_name(config, "intake", listener.getsockname()[1])
    # No keys here: this is the process that strangers talk to.
    app = Application(config, writer.journal(config, clock), clock, writer, name, is_away=writer.is_alone)
    run_asgi(app, listener, "intake", config, http=WholeHttp, is_well=app.is_well)


if __name__ == "__main__":
    main()
