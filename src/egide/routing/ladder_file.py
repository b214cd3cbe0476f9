"""The centres' own ladders: `ladders.json` in the data directory, read when the worker starts."""

from pathlib import Path

import msgspec

from egide.events.alarm import Ladder
from egide.routing.ladder import LadderError, check_ladder


def read_ladders(path: Path) -> dict[str, Ladder]:
    """Ladders by centre; none when there is no file. Raises LadderError, which names the centre and what is wrong."""
    if not path.exists():
        return {}
    try:
        ladders = msgspec.json.decode(path.read_bytes(), type=dict[str, Ladder])
    except msgspec.MsgspecError as error:
        raise LadderError(f"{path}: {error}") from error
    for centre, ladder in ladders.items():
        try:
            check_ladder(ladder)
        except LadderError as error:
            raise LadderError(f"{path}: {centre}: {error}") from error
    return ladders
