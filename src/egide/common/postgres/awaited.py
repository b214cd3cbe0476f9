"""A connection that is left when its server does not answer in time (`patience`)."""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from egide.common.postgres.patience import left_s

_R = TypeVar("_R")


class Awaited(psycopg.Connection[tuple[Any, ...]]):
    """A server whose disk hangs, or that waits for its standby, says nothing and breaks nothing off: whoever asks for a
    while only leaves it then, and cannot know what came of it."""

    def wait(self, gen: PQGen[_R], *args: Any, **further: Any) -> _R:
        left = left_s()
        # Who listens for news says itself how long, and goes on when none came: that is no server that hangs.
        if left is None or further.get("timeout") is not None:
            return super().wait(gen, *args, **further)
        try:
            if left == 0:
                raise psycopg.OperationalError("the database has not answered in time")
            return super().wait(gen, *args, **{**further, "timeout": left})
        except psycopg.OperationalError:
            self.pgconn.finish()
            raise
