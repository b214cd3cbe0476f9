"""What is set off when a step is late, and who could not be woken."""

import msgspec

from egide.events.base import Event


class Rung(msgspec.Struct, frozen=True):
    """What happens when `step` is still missing `after_s` seconds after its clock began.

    `step` is a word of events.steps; `action` is "louder", "supervisor" (and the zone directly) or "neighbour".
    """

    step: str
    after_s: int
    action: str


class Ladder(msgspec.Struct, frozen=True):
    """The rungs of one alarm, those of a step in order of time; `neighbour` is the centre that gets the copy."""

    rungs: tuple[Rung, ...]
    neighbour: str = ""


class StepMissed(Event, frozen=True):
    """The `rung`-th deadline (from 1) of `step` passed. `centre` is the neighbour that is shown a copy from now on.

    `because` is "push" when it was not waited for, because nobody could be woken (PushTried).
    """

    step: str
    rung: int
    action: str
    due_at_us: int
    centre: str = ""
    because: str = ""


class PushTried(Event, frozen=True):
    """The devices of a `unit`, a "zone" or a "team" (`to`), were to be woken by `road`; `why` is empty for who was.

    `wake` is the same for all devices and tries of one wake-up. `step` and `rung` say how far the ladder was: when no
    device could be woken, the next rung is taken at once. `device` is a name of ours, never the address.
    """

    road: str
    wake: str
    to: str
    unit: str
    device: str
    step: str
    rung: int
    attempt: int = 1
    why: str = ""


class LadderSet(Event, frozen=True):
    """The ladder of the alarms that `centre` will be given from now on."""

    user: str
    centre: str
    ladder: Ladder
