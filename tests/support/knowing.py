"""Processes of a running installation that begin anew with other settings, for a while."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from egide.entrypoints.stack.installation import Stack


@contextmanager
def knowing(stack: Stack, names: Sequence[str], **settings: str) -> Iterator[None]:
    """The processes of these names have these settings, until the end of the block."""
    named = [stack.children[name] for name in names]

    def begin(now: dict[str, str]) -> None:
        for child in named:
            child.kill()
            child.environment |= now
            child.start()
        for child in named:
            child.ready()

    begin(settings)
    try:
        yield
    finally:
        begin(dict.fromkeys(settings, ""))
