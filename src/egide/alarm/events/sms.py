"""What becomes of the answer to a press that came by SMS (decision 0034)."""

from egide.events.base import Event


class SmsAnswerTried(Event, frozen=True):
    """The phone `device` was to be told by SMS that its press, the event number `press`, arrived.

    `why` is empty when the gateway took the answer, else a word of why not. Neither its words nor a number stand here.
    """

    device: str
    press: int
    attempt: int = 1
    why: str = ""
