"""A message that is marked as a test, on no alarm: whether a dispatch system takes it."""

from egide.common.clock import Clock
from egide.connectors.dispatch.facts import ASKED, TEST, TRIED, Facts, Refused
from egide.connectors.dispatch.kinds import kind_of
from egide.connectors.dispatch.receivers import Receiver
from egide.journal.now.signs import Signs


def do_try(receiver: Receiver, signs: Signs, clock: Clock) -> str:
    """The id of the test that a machine there took; empty where it fetches by itself: the test waits there for a
    minute. Raises Refused."""
    if kind_of(receiver).PATIENCE_S:
        signs.note_last(f"{ASKED}{receiver.name}", "test")
        return ""
    now_us = clock.now_us()
    facts = Facts(TEST, "", now_us, now_us)
    try:
        kind_of(receiver).send(facts, receiver, clock)
    except Refused as refused:
        signs.note_last(f"{TRIED}{receiver.name}", refused.why)
        raise
    signs.note_last(f"{TRIED}{receiver.name}", "taken")
    return facts.number(receiver.name)
