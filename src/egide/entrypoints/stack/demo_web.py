"""The pages of a demo: writes invented people into an empty database, then serves as web does.

Web itself knows no invented people; when it is started again, it is web.
"""

import click

from egide.entrypoints.processes.web import serve
from egide.entrypoints.serving.server import say, serving_options


def write_people() -> None:
    """Fill an empty database and print whom it holds, once."""
    # Models can be imported once Django is set up.
    from egide.demo.service import create_demo, is_empty

    if is_empty():
        say(demo=create_demo())


@click.command()
@serving_options(8400)
def main(fd: int | None, host: str, port: int) -> None:
    """Serve the pages to invented people."""
    serve(fd, host, port, fill=write_people)


if __name__ == "__main__":
    main()
