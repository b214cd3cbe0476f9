"""The process of the pages: Django under waitress. Brings its database up to date, then serves until told to end."""

import fcntl
import os
import sys
import threading
from dataclasses import asdict

import click
import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from egide.common.addresses import check_public
from egide.common.clock import SystemClock
from egide.entrypoints.serving.pages import Threads, run_wsgi
from egide.entrypoints.serving.server import listen, prepare, say, serving_options
from egide.journal.signs import BEAT_S, Pulse, Signs
from egide.outbox.copy import copy_waiting

MAX_BODY_BYTES = 9 * 1024 * 1024
THREADS, STRANGERS = 8, 4


def setup() -> None:
    """Load Django with this project's settings and bring app.db up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "egide.entrypoints.settings")
    django.setup()
    with (settings.EGIDE.data_dir / "app.lock").open("w") as lock:
        # Several of these processes may start at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)


def is_empty() -> bool:
    """Whether nobody has an account yet: a process that is started again must not write the demo twice."""
    from egide.access.models import User

    return not User.objects.exists()


def create_demo() -> dict[str, list[dict[str, object]]]:
    """Invented files with a kit each, accounts with fresh passwords, a roll-out and a stock.

    Returns `{"users": [{name, password, title, role, centre, zone, language}], "kits": [{case, kit, zone,
    centre, language, name, lat, lon}]}`; the passwords are kept nowhere else.
    """
    # These belong to Django's registry, which exists only after `setup`.
    from egide.access import service as access
    from egide.casework import demo
    from egide.casework.demo_lives import create_demo_lives
    from egide.fleet import demo as fleet
    from egide.rollout.demo import create_demo_rollout

    create_demo_rollout()
    files = demo.create_demo_cases()
    create_demo_lives(files)
    made = fleet.create_demo_kits(
        fleet.DemoFile(file.case.id, file.case.managing_zone, file.case.managing_centre) for file in files
    )
    _hand_out_demo_kits()
    kits: list[dict[str, object]] = [
        {
            "case": file.case.id,
            "kit": kit.id,
            "zone": file.case.managing_zone,
            "centre": file.case.managing_centre,
            "language": file.language,
            "name": file.name,
            "lat": file.home.lat_e7 / 1e7,
            "lon": file.home.lon_e7 / 1e7,
        }
        for file, kit in zip(files, made, strict=True)
    ]
    return {"users": [asdict(account) for account in access.create_demo_users()], "kits": kits}


def _hand_out_demo_kits() -> None:
    """Kits of invented people that are out already, so that supervision has something to show."""
    from egide.casework import demo_lives as lives
    from egide.fleet import demo
    from egide.fleet import demo_out as kits_out
    from egide.outbox import service as outbox

    carriers = lives.create_demo_carriers()
    files = [
        demo.DemoFile(file.case.id, file.case.managing_zone, file.case.managing_centre) for file in carriers
    ]
    carried = kits_out.create_demo_out(files)
    for file, one in zip(carriers, carried, strict=True):
        lives.note_demo_issued(file, one.kit.id)
    while copy_waiting(settings.EGIDE, outbox.journal()):
        pass
    kits_out.create_demo_health(carried)


def beat_until_stopped(pulse: Pulse) -> None:
    """Signs of life of this process; they end with it."""
    while True:
        pulse.beat()
        threading.Event().wait(BEAT_S)


def read_names_ahead() -> None:
    """Beside the first requests, in a thread with a connection of its own."""
    from egide.casework.names import do_read_ahead

    do_read_ahead()
    connection.close()


def _end(_number: int, _frame: object) -> None:
    """Waitress ends its loop cleanly on SystemExit."""
    sys.exit(0)


@click.command()
@serving_options(8400)
@click.option(
    "--demo-data",
    is_flag=True,
    help="write invented files and accounts into an empty database; prints them once",
)
def main(fd: int | None, host: str, port: int, demo_data: bool) -> None:
    """Serve the pages."""
    prepare()
    setup()
    check_public(settings.EGIDE)
    from egide.access.guessing import is_known
    from egide.fleet.service import do_watch_over_all
    from egide.outbox.service import journal
    from egide.rollout.service import do_load_reference

    do_load_reference()
    if demo_data and is_empty():
        say(demo=create_demo())
    journal()
    do_watch_over_all()
    listener = listen(fd, host, port)
    port = listener.getsockname()[1]
    clock = SystemClock()
    pulse = Pulse(Signs(settings.EGIDE, clock), clock, f"web {port}")
    threading.Thread(target=beat_until_stopped, args=(pulse,), name="signs", daemon=True).start()
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
