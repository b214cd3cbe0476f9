"""The process for administrators: GET /metrics (Prometheus text format 0.0.4), /health/live, /ready and /doctor.

On a port of its own, on this machine alone unless a token is set. Nothing personal leaves it.
"""

import hmac
import ipaddress
import logging
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

import click
import msgspec
from prometheus_client import CollectorRegistry, generate_latest

from egide.common.clock import Clock, SystemClock
from egide.common.config import Config, NotSetUp
from egide.entrypoints.cli.status import SERVING, lines_of, serving_of
from egide.entrypoints.doctor.examine import Examined
from egide.entrypoints.doctor.finding import WRONG, Finding
from egide.entrypoints.processes.measuring import Metrics
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.serving.pages import Threads, run_wsgi
from egide.entrypoints.serving.server import listen, prepare, serving_options
from egide.journal.errors import JournalUnavailable
from egide.journal.now.signs import Signs
from egide.journal.service import Journal

log = logging.getLogger("egide.metrics")

TEXT = "text/plain; version=0.0.4; charset=utf-8"
THREADS = 2
MOST_CONNECTIONS = 100
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Application:
    """A small WSGI application. `token`: what callers must bring as `Authorization: Bearer ...`, empty for none.

    `serving` are the kinds of processes that must be heard.
    """

    def __init__(
        self,
        measures: Metrics,
        signs: Signs,
        clock: Clock,
        token: str = "",
        serving: Sequence[str] = SERVING,
        examined: Callable[[], list[Finding]] = list,
    ) -> None:
        # Of its own: the default registry tells the version of the interpreter and sizes of memory.
        self._registry = CollectorRegistry()
        self._registry.register(measures)
        self._signs = signs
        self._clock = clock
        self._serving = serving
        self._token = token.encode()
        self._examined = examined

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, kind, body = self._answer(environ)
        length = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{int(status)} {status.phrase}", length)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[HTTPStatus, str, bytes]:
        pages = {
            "/metrics": self._metrics,
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/health/doctor": self._doctor,
        }
        page = pages.get(environ["PATH_INFO"])
        if page is None:
            return _problem(HTTPStatus.NOT_FOUND)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED)
        given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if self._token and not hmac.compare_digest(given, b"Bearer " + self._token):
            return _problem(HTTPStatus.UNAUTHORIZED)
        try:
            return page()
        except JournalUnavailable as error:
            log.error("the databases cannot be read: %s", error)
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE)

    def _metrics(self) -> tuple[HTTPStatus, str, bytes]:
        return HTTPStatus.OK, TEXT, generate_latest(self._registry)

    def _live(self) -> tuple[HTTPStatus, str, bytes]:
        return HTTPStatus.OK, "application/json", b'{"status":"ok"}'

    def _ready(self) -> tuple[HTTPStatus, str, bytes]:
        """Whether every part that is needed is heard, and watch finds nothing wrong; else what is."""
        beats = self._signs.beats()
        lines = lines_of(beats, beats, self._clock.now_us(), self._serving)
        silent = [line.name for line in lines if not line.is_heard]
        # An alarm on no board is named by its phone: here it is only counted among what is wrong.
        wrong = sorted({trouble.kind for trouble in self._signs.troubles()})
        is_well = not silent and not wrong
        body = {"status": "ok" if is_well else "wrong", "silent": silent, "wrong": wrong}
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return status, "application/json", msgspec.json.encode(body)

    def _doctor(self) -> tuple[HTTPStatus, str, bytes]:
        """What `egide doctor` finds without leaving the machine: each check and its grade, no sentence."""
        found = self._examined()
        is_well = all(one.grade != WRONG for one in found)
        checks = [{"check": one.check, "grade": one.grade} for one in found]
        body = {"status": "ok" if is_well else "wrong", "found": checks}
        status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return status, "application/json", msgspec.json.encode(body)


def _problem(status: HTTPStatus) -> tuple[HTTPStatus, str, bytes]:
    return status, "application/json", msgspec.json.encode({"status": status.phrase})


def check_address(address: str, token: str) -> None:
    """Raises NotSetUp when others than this machine could ask without a token."""
    if not token and not ipaddress.ip_address(address).is_loopback:
        raise NotSetUp(f"{address} is reached from elsewhere: set EGIDE_METRICS_TOKEN, or serve on 127.0.0.1")


@click.command()
@serving_options("metrics")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Serve metrics and health to administrators."""
    prepare()
    config, clock = Config.from_env(), SystemClock()
    # Which models there are stands in the pages' database.
    from egide.entrypoints.upgrading.tables import setup

    setup()
    from egide.fleet.supervision.troubles import models

    listener = listen(fd, host, port_of(config, "metrics", port))
    check_address(listener.getsockname()[0], config.metrics_token)
    measures = Metrics(config, Journal.open(config, clock), clock, models)
    examined = Examined(config, clock)
    app = Application(
        measures, Signs(config, clock), clock, config.metrics_token, serving_of(config), examined
    )
    run_wsgi(app, listener, "metrics", config, threads=Threads(THREADS, THREADS), most=MOST_CONNECTIONS)


if __name__ == "__main__":
    main()
