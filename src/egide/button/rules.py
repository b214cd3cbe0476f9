"""What a button decides, without radio, clock or disk: when a hold counts, what it repeats, what it shows the air."""

from collections.abc import Sequence

import msgspec

from egide.protocol.frame import MAX_AGE_S, MAX_HELD_MS, ButtonFrame, FrameKind
from egide.protocol.gatt import ALARM_SERVICE, NEUTRAL_NAME

HOLD_DEFAULT_MS = 2000
HOLD_MIN_MS = 1000
HOLD_MAX_MS = 5000

# What is pending when nobody listens for days must end somewhere: a real button has little memory.
PENDING_MAX = 16

# The first copies come fast, because a lost notification is the likeliest reason of silence.
_REPEATS_S = (0.25, 0.5, 1.0, 2.0)
_REPEAT_LAST_S = 5.0


class Pending(msgspec.Struct, frozen=True):
    """A press that no phone has acknowledged yet; `reached_at_us` is the wall clock at the end of the hold."""

    counter: int
    held_ms: int
    reached_at_us: int


class Advertisement(msgspec.Struct, frozen=True):
    """What the button shows to everybody in reach."""

    discoverable: bool
    name: str | None = None
    service: str | None = None


def check_hold_ms(hold_ms: int) -> int:
    """`hold_ms` if it may be the time that a press takes. Raises ValueError."""
    if not HOLD_MIN_MS <= hold_ms <= HOLD_MAX_MS:
        raise ValueError(f"hold time {hold_ms} ms: choose from {HOLD_MIN_MS} to {HOLD_MAX_MS} ms")
    return hold_ms


def may_take_hold(version: int, hold_ms: int, known: int) -> bool:
    """Whether the hold time of this `version` is kept: within bounds, and none that was set before `known`."""
    return version >= known and HOLD_MIN_MS <= hold_ms <= HOLD_MAX_MS


def hold_is_reached(held_s: float, hold_ms: int) -> bool:
    """Whether a finger that stays for `held_s` seconds raises an alarm."""
    return held_s * 1000 >= hold_ms


def frame_for(pending: Pending, now_us: int, battery_pct: int | None) -> ButtonFrame:
    """The frame that says `pending` now. A clock that went backwards makes the age unknown, never negative."""
    age_s = (now_us - pending.reached_at_us) // 1_000_000
    return ButtonFrame(
        FrameKind.PRESS,
        pending.counter,
        min(pending.held_ms, MAX_HELD_MS),
        min(age_s, MAX_AGE_S) if age_s >= 0 else None,
        battery_pct,
    )


def repeat_after_s(copies_sent: int) -> float:
    """Pause before the next copy, when `copies_sent` have gone out on this connection."""
    index = copies_sent - 1
    return _REPEATS_S[index] if index < len(_REPEATS_S) else _REPEAT_LAST_S


def decide_forgotten(pending: Sequence[Pending]) -> list[int]:
    """Counters to give up when memory is full: never the first press, never the newest ones."""
    excess = len(pending) - PENDING_MAX
    return [press.counter for press in pending[1 : 1 + excess]] if excess > 0 else []


def advertisement(pairing_open: bool) -> Advertisement:
    """Rule 21: only inside the pairing window does the button show what it is."""
    if pairing_open:
        return Advertisement(discoverable=True, name=NEUTRAL_NAME, service=ALARM_SERVICE)
    return Advertisement(discoverable=False)


def may_stay(bonded: bool, pairing_open: bool) -> bool:
    """Whether a peer may keep its connection: a stranger would otherwise hold the button's only line."""
    return bonded or pairing_open
