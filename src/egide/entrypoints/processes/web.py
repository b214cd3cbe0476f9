"""The process of the pages: Django under waitress. Brings its database up to date, then serves until stopped."""

import os
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import click
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import resolve

from egide.common.addresses import check_listening, check_public
from egide.common.clock import SystemClock
from egide.common.postgres.patience import expect_answers_within
from egide.common.ticket import TicketKeys
from egide.common.vapid import public_key
from egide.entrypoints.serving.lines import when_told_to_end
from egide.entrypoints.serving.options import port_of
from egide.entrypoints.serving.pages import Threads, run_wsgi
from egide.entrypoints.serving.painted import BoardReader, ChangedAlarms, Painted, PaintedRow, answer_beside
from egide.entrypoints.serving.server import listen, prepare, serving_options
from egide.entrypoints.serving.supervised import is_waited_for
from egide.entrypoints.upgrading.tables import setup
from egide.journal.now.signs import BEAT_S, Pulse, Signs, server_name

if TYPE_CHECKING:
    from egide.boards.desk.painting import Listener

MAX_BODY_BYTES = 9 * 1024 * 1024
THREADS, STRANGERS = 8, 4
# Longer than a lock is waited for (`common.postgres.session`).
ANSWER_S = 12.0
# A database that is away must not hold up the end.
LAST_WORD_S = 2.0


def beat_until_told(pulse: Pulse) -> None:
    """Signs of life of this process in a thread. Told to end, it takes the last one back and ends as it would."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.is_set():
            pulse.beat()
            stopped.wait(BEAT_S)
        pulse.leave()

    beating = threading.Thread(target=beat, name="signs", daemon=True)

    def end() -> None:
        stopped.set()
        beating.join(LAST_WORD_S)
        # Who still waits for a page asks again.
        os._exit(0)

    beating.start()
    when_told_to_end(end)


def check_keys() -> None:
    """Raises KeyFileError for a damaged key that pages ask for one by one: else the first board, or the first team on
    its way, would find out."""
    from egide.boards.links import hash_of_code

    TicketKeys(settings.EGIDE.data_dir)
    hash_of_code("")
    public_key(settings.EGIDE)


def read_names_ahead() -> None:
    """Beside the first requests, in a thread with a connection of its own."""
    from egide.casework.file.names import do_read_ahead

    do_read_ahead()
    connection.close()


def paint(asked: ChangedAlarms) -> Painted:
    """The rows that changed, for everybody who listens at a board, as far as each may see them."""
    from egide.boards.desk.painting import changed_rows
    from egide.outbox.service import clock, journal

    # The head is read first: the rows are at least as new as this says.
    head, now_ms = journal().head(), clock().now_us() // 1000
    rows = changed_rows(asked.alarms, [_listener(one) for one in asked.readers])
    return Painted(head, now_ms, [PaintedRow(row.alarm, row.html, list(row.listeners)) for row in rows])


# The same people listen from one change to the next.
@lru_cache(maxsize=4096)
def _listener(reader: BoardReader) -> "Listener":
    from egide.access.rules import SUPERVISOR, Post, Scope
    from egide.boards.desk.painting import Listener

    scope = Scope(
        reader.user,
        "",
        centres=frozenset(reader.centres),
        zones=frozenset(reader.zones),
        supervisor=reader.supervisor,
        posts=frozenset(Post(SUPERVISOR, centre) for centre in reader.supervises),
    )
    return Listener(scope, frozenset(reader.hidden), reader.language)


@click.command()
@serving_options("web")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Serve the pages."""
    serve(fd, host, port)


def serve(fd: int | None, host: str, port: int | None, fill: Callable[[], None] | None = None) -> None:
    """Serve the pages; `fill` writes into the database before the first of them."""
    prepare()
    setup()
    check_public(settings.EGIDE)
    check_keys()
    from egide.access.signing_in.guessing import is_known
    from egide.fleet.service import do_watch_over_all
    from egide.outbox.service import journal
    from egide.rollout.service import do_load_reference

    do_load_reference()
    if fill is not None:
        fill()
    journal()
    # Each thread is one of few.
    expect_answers_within(ANSWER_S)
    do_watch_over_all()
    if is_waited_for():
        # All pages are loaded before it is ready: whoever asks first after a restart waits for none of them.
        resolve("/healthz")
    answer_beside(settings.EGIDE, paint)
    listener = listen(fd, host, port_of(settings.EGIDE, "web", port))
    check_listening(settings.EGIDE, listener.getsockname())
    port = listener.getsockname()[1]
    clock = SystemClock()
    pulse = Pulse(Signs(settings.EGIDE, clock), clock, server_name(settings.EGIDE, "web", port))
    beat_until_told(pulse)
    threading.Thread(target=read_names_ahead, name="names", daemon=True).start()
    run_wsgi(
        get_wsgi_application(),
        listener,
        "web",
        settings.EGIDE,
        threads=Threads(THREADS, STRANGERS, is_known),
        # Uploads are checked in memory and sealed: above the overflow waitress would write them to a disk in clear.
        max_request_body_size=MAX_BODY_BYTES,
        inbuf_overflow=MAX_BODY_BYTES + 1,
    )


if __name__ == "__main__":
    main()
