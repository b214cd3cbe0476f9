"""The pages of a demo: writes invented people into an empty database, then serves as web does.

Web itself knows no invented people; when it is started again, it is web.
"""

import click

from egide.entrypoints.processes.web import serve
from egide.entrypoints.serving.lines import say
from egide.entrypoints.serving.server import serving_options


def write_people() -> None:
    """Fill an empty database and print whom it holds, once."""
    # Models can be imported once Django is set up.
    from django.db import connection

    from egide.demo.service import create_demo, is_empty
    from egide.outbox.service import journal

    if is_empty():
        # A demo that loses its power is begun anew: what this thread writes, before it serves, waits for no disk.
        journal().write_unforced()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
        say(demo=create_demo())


@click.command()
@serving_options("web")
def main(fd: int | None, host: str, port: int | None) -> None:
    """Serve the pages to invented people."""
    serve(fd, host, port, fill=write_people)


if __name__ == "__main__":
    main()
