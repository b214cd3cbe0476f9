"""What a sandbox reads of what goes through it, and the scripts that it plays, for `targets`."""

import contextlib

from egide.entrypoints.stack.sandbox.calls import reason_in, road_of, shown
from egide.entrypoints.stack.sandbox.script import ScriptError, read_script


def sandbox_call(data: bytes) -> None:
    """Whatever is said goes onto the page: as text that can be written, and not without end."""
    road_of("/v1/messages", data)
    assert reason_in(400, data).isascii()
    assert len(shown(data).encode()) <= 4 * 4096


def sandbox_script(data: bytes) -> None:
    with contextlib.suppress(ScriptError):
        played = read_script(data.decode("utf-8", "replace"))
        assert len(played.faults) + len(played.steps) <= 200
