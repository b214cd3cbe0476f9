"""A list or a map that cannot be read is said once in the log: every page that is painted meets it."""

import logging
from functools import cache

log = logging.getLogger("egide.geography")


@cache
def note_unread(what: str) -> None:
    """Say it, unless it was said."""
    log.error("%s", what)
