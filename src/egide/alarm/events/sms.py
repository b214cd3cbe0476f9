"""What becomes of the answer to a press that came by SMS (decision 0034)."""

from egide.events.base import Event

# `why` of an answer that the gateway took first, and that the network told later did not arrive.
UNDELIVERED = "undelivered"


class SmsAnswerTried(Event, frozen=True):
    """The phone `device` was to be told by SMS that its press, the event number `press`, arrived.

    `why` is empty when the gateway took the answer, else a word of why not; UNDELIVERED may follow an empty one.
    Neither its words nor a number stand here.
    """

    device: str
    press: int
    attempt: int = 1
    why: str = ""
