"""For a dispatch system that nobody can call: it fetches what is due (`cad/views.py`) and says what it took.

The worker sends nothing. It looks whether what is due was taken in time, and says so where it was not.
"""

from egide.common.clock import Clock
from egide.connectors.dispatch.facts import Facts, Refused
from egide.connectors.dispatch.receivers import Receiver

# It is to ask every two seconds: after some that failed, people at the desk hear that it does not take the alarm.
PATIENCE_S = 15.0


def faults(receiver: Receiver) -> list[str]:
    """Where its entry reads as if it were called."""
    return [
        f"{key} is set, and kind is 'feed': it is never called"
        for key, value in (("url", receiver.url), ("more", receiver.more))
        if value
    ]


def send(facts: Facts, receiver: Receiver, clock: Clock) -> None:
    """It has not fetched this, or it would not be due."""
    raise Refused("not-fetched")
