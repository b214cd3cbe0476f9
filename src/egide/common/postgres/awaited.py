"""A connection that is left when its server does not answer in time (`patience`)."""

from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from egide.common.postgres.machines import (
    in_turn,
    machines_of,
    name_of,
    note_leads,
    note_silent,
    says_nothing,
)
from egide.common.postgres.patience import left_s

_R = TypeVar("_R")
# What a connection is given that is none of libpq's.
_OWN = ("autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory")


class Awaited(psycopg.Connection[tuple[Any, ...]]):
    """A server whose disk hangs, or that waits for its standby, says nothing and breaks nothing off: whoever asks for a
    while only leaves it then, and cannot know what came of it."""

    @classmethod
    def connect(cls, conninfo: str = "", **given: Any) -> Self:
        """To whichever machine of the address takes writes, where the address asks for that. Raises OperationalError,
        with the words of each that was asked."""
        own = {name: given.pop(name) for name in _OWN if name in given}
        said, last = list[str](), None
        for machine in in_turn(machines_of(conninfo_to_dict(conninfo, **given))):
            if said and left_s() == 0:
                break
            if says_nothing(machine):
                said.append(f"{name_of(machine)}: says nothing")
                continue
            try:
                made = super().connect(make_conninfo(**machine), **own)
            except psycopg.OperationalError as error:
                if isinstance(error, psycopg.errors.ConnectionTimeout):
                    note_silent(machine)
                said.append(f"{name_of(machine)}: {error}")
                last = error
            else:
                note_leads(machine)
                return made
        raise psycopg.OperationalError("; ".join(said)) from last

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
