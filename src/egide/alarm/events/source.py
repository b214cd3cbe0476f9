"""What an enrolled device reports that is no phone: a button over a gateway, a tracker, an alarm device."""

from egide.alarm.events.press import Origin
from egide.events.base import Event
from egide.protocol.envelope import Position

# What a report proves, in ascending order: an alarm device said so in the clear; a service says so; an alarm device
# encrypted it under its key, though nothing signs it; a frame of a button that was checked here, so that nobody between
# button and server could have made it. A phone's signature is none of them: its events have other names.
BY_CLEAR, BY_SERVICE, BY_DEVICE, BY_BUTTON = "clear", "service", "device", "button"
# Where its position comes from: the address at which it was registered, or what the device says of itself.
REGISTERED, REPORTED = "registered", "reported"


class SourcePressed(Event, frozen=True):
    """An enrolled source says that somebody pressed. It opens an alarm, or joins the one of its kit, like any press.

    `proof` is what is proven by it, `road` how it came, `carrier` who carried it (a service by its name in the
    settings; "" for whoever gave a frame that proves itself). `report` is what came, as it came. `counter` is the
    device's own number of it. `position_from` is "registered", "reported", or "" without a position.
    `flags` are words as in `FromPhone`.
    """

    source: str
    case: str
    road: str
    proof: str
    counter: int
    report: bytes
    made_at_s: int = 0
    carrier: str = ""
    position: Position | None = None
    position_from: str = ""
    battery_pct: int | None = None
    flags: tuple[str, ...] = ()
    origin: Origin | None = None
