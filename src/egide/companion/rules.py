"""What the phone decides, without radio, clock, disk or network."""

import random
import re
from collections.abc import Sequence
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from egide.protocol.arming import LASTS_S
from egide.protocol.frame import ButtonFrame


class Verdict(StrEnum):
    """What a frame from the air is worth."""

    ACCEPT = "accept"
    DUPLICATE = "duplicate"
    REPLAY = "replay"


# Growing pauses between attempts, with full jitter so that a thousand phones do not return at once
# (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
SHORTEST_PAUSE_S = 0.05
FIRST_PAUSE_S = 0.5
LONGEST_PRESS_PAUSE_S = 15.0
LONGEST_PAUSE_S = 300.0

# So far behind the highest counter a press that was never kept still counts (RFC 4303, section 3.4.3): four times what
# a button must hold while nobody listens.
REPLAY_WINDOW = 64

# Where a server limits this phone, what it says of the time is not signed: no word of it silences a phone for longer
# than a press pauses at most, and none makes it ask without end.
SHORTEST_WAIT_S, LONGEST_WAIT_S = 1.0, LONGEST_PRESS_PAUSE_S
# Told so again and again for this long, the same message counts as refused: intake's room needs ten seconds to fill,
# and more where it is slow.
LIMITED_FOR_S = 60.0

# A button tells in whole seconds how old a press is. A hold that begins once the test is armed takes at least as long.
AGE_STEP_US = 1_000_000

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0
# An address that is silent for so long is not waited for alone: the next one is asked too.
BESIDE_S = 1.5

QUICK_TELL_S = 1.0
QUICK_TELLS = 10

LONGEST_LEAP = 1_000_000

# A button in reach that refuses the link this often in a row no longer knows its bond.
REFUSED_IN_A_ROW = 3

# What the desk may ask, and what is answered with one finger.
QUESTIONS = ("safe", "there", "weapon", "speak", "children")
ANSWERS = ("yes", "no", "here", "safe", "weapon")

TEST_LASTS_S = LASTS_S
# So often a phone speaks while an officer's test is armed, which ends with the first reply that does not name it.
ARMED_TELL_S = 10.0
TEST_DUE_S = 30 * 86_400


class Armed(msgspec.Struct, frozen=True):
    """When a test was armed and until when it waits, on the phone's clock; until 0 there is none.

    `number` is that of an officer's test, 0 where her code armed it.
    """

    from_us: int = 0
    until_us: int = 0
    number: int = 0


def judge(frame: ButtonFrame, highest: int, is_kept: bool) -> Verdict:
    """Judge an authentic frame against the highest counter so far; `is_kept`: its own counter is in the store.

    Where several presses wait in the button, the first may get lost on a link that is just being made, and a later one
    be heard before it. The later one may have been a test, so the earlier one is a press all the same. What lies
    further back is an old frame held back by somebody, or a button that lost its memory: reported to the zone.
    """
    if is_kept:
        return Verdict.DUPLICATE
    return Verdict.ACCEPT if frame.counter > highest - REPLAY_WINDOW else Verdict.REPLAY


def is_test(pressed_at_us: int | None, armed: Armed, alarm_is_open: bool, *, earlier_us: int = 0) -> bool:
    """Whether a press is the armed test: made while it was armed, and no alarm is open (safety rule 20).

    `pressed_at_us` is None for a press whose age nobody knows: that one is real. It may have been made up to
    `earlier_us` before.
    """
    if alarm_is_open or pressed_at_us is None:
        return False
    return armed.from_us <= pressed_at_us - earlier_us and pressed_at_us < armed.until_us


def test_is_due(tested_at_us: int | None, now_us: int) -> bool:
    """Whether the phone asks for a test: there was none, or none within thirty days."""
    return tested_at_us is None or now_us - tested_at_us > TEST_DUE_S * 1_000_000


def pause_s(failures: int, longest_s: float, chance: random.Random) -> float:
    """Pause before the next attempt after `failures` (1 or more) in a row: anything up to a limit that doubles."""
    limit: float = min(longest_s, FIRST_PAUSE_S * 2 ** min(failures - 1, 16))
    return chance.uniform(SHORTEST_PAUSE_S, limit)


def wait_s(retry_after: str) -> float:
    """How long a server that limits this phone is left alone, by its Retry-After (RFC 9110, section 10.2.3).

    Within bounds, and the shortest where it says no number of seconds.
    """
    said_s = int(retry_after) if re.fullmatch("[0-9]{1,9}", retry_after) else 0
    return min(max(SHORTEST_WAIT_S, said_s), LONGEST_WAIT_S)


def tell_after_s(interval_s: float, state: str, told: int) -> float:
    """Pause before the next position of an alarm in `state`, when `told` positions have been given.

    The first fixes are the worst ones and the first replies the ones she waits for, so the beginning is quicker.
    """
    is_waiting = state not in ("acknowledged", "closed")
    return min(interval_s, QUICK_TELL_S) if is_waiting and told < QUICK_TELLS else interval_s


def server_order(servers: Sequence[str], last_good: int) -> list[int]:
    """In which order to try the addresses: the one that answered last, then the others in turn."""
    return [(last_good + step) % len(servers) for step in range(len(servers))]


def check_server(url: str) -> str:
    """`url` without a trailing slash, if it may carry messages. Raises ValueError.

    Plain HTTP is for this machine alone; a message is signed, but where somebody is must not be readable.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"server address {url!r}: give https://host[:port]")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(f"server address {url!r}: only https:// leaves this machine")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def findable_because(has_private_address: bool, name: str | None, shown: Sequence[str]) -> str | None:
    """Why a button at rest can be found by somebody who looks for one (rule 21); None when it cannot.

    `shown`: service and company identifiers in its advertising.
    """
    if not has_private_address:
        return "it keeps one address"
    if name:
        return f"it shows the name {name!r}"
    if shown:
        return f"it shows {shown[0]}"
    return None


def next_counter(own: int, told: int) -> int:
    """The counter of the next message, when the server expects `told`: never lower than our own.

    A phone restored from a back-up lags behind and catches up so. A leap that no phone makes is not followed,
    because the counters are finite and this number is not signed.
    """
    return told if own < told <= own + LONGEST_LEAP else own
