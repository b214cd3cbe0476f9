"""The process that the demo's others are forks of: what it loads for them."""

import os
import socket
import sys

from egide.entrypoints.serving.lines import prepare
from egide.entrypoints.stack.fork_server import serve


def load_pages() -> None:
    """What the first fork needs, which has most to do: web, with people to invent.

    Not the pages of figures: their library of tables begins threads as soon as it is loaded.
    """
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "egide.entrypoints.settings"
    django.setup()
    import egide.access.urls
    import egide.boards.desk.urls
    import egide.boards.team.urls
    import egide.boards.zone.urls
    import egide.entrypoints.processes.web
    import egide.fleet.urls
    import egide.rollout.urls  # noqa: F401  their use is that they are loaded


def load_others() -> None:
    """What the others need, while the first fork is at work."""
    import egide.entrypoints.processes.air
    import egide.entrypoints.processes.button
    import egide.entrypoints.processes.companion
    import egide.entrypoints.processes.intake
    import egide.entrypoints.processes.live
    import egide.entrypoints.watch.__main__
    import egide.entrypoints.worker.__main__  # noqa: F401

    for name in ("watch", "worker"):
        # They run as main modules later; until then they must not seem to be there.
        del sys.modules[f"egide.entrypoints.{name}.__main__"]


_parts = [load_pages, load_others]


def load(_module: str) -> None:
    """The pages for the first fork, everything else for the second."""
    if _parts:
        _parts.pop(0)()


if __name__ == "__main__":
    prepare()
    serve(socket.socket(fileno=int(sys.argv[1])), load)
