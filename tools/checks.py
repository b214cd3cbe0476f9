"""What `make check` asks of the tree by these tools, in one process: Django starts once for all of them."""

import sys
from collections.abc import Callable, Mapping

from django.core.management import execute_from_command_line

from tools import data_dictionary, links, make_vectors, messages, schemas, settings, sizes
from tools.reference import __main__ as reference

_CHECK = ["--check"]


def _migrations() -> int:
    """The settings stand since the data dictionary was asked."""
    try:
        execute_from_command_line(["django", "makemigrations", *_CHECK, "--dry-run", "--verbosity", "1"])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


CHECKS: Mapping[str, Callable[[], int]] = {
    "sizes": sizes.main,
    "links": links.main,
    "schemas": lambda: schemas.main(_CHECK),
    "vectors": lambda: make_vectors.main(_CHECK),
    "data dictionary": lambda: data_dictionary.main(_CHECK),
    "settings": lambda: settings.main(_CHECK),
    "reference": lambda: reference.main(_CHECK),
    "messages": lambda: messages.main(["check"]),
    "migrations": _migrations,
}


def main(checks: Mapping[str, Callable[[], int]] = CHECKS) -> int:
    """All of them, whatever one says; 1 when any has a fault."""
    failed = [name for name, check in checks.items() if check()]
    for name in failed:
        print(f"make check: {name}: see above", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
