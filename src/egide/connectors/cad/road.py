"""The call to one dispatch system: any 2xx means that a machine there took the message, and no more than that."""

from egide.common.clock import Clock
from egide.connectors.base import RoadError
from egide.connectors.cad.receivers import Receiver
from egide.connectors.cad.report import Message, encoded, signed
from egide.connectors.calling import DEADLINE_S, JSON, CallRefused, call


class Refused(RoadError):
    """It was not taken; `why` is one word for the journal. Whatever it is, it is tried again: a dispatch system that
    refuses today was changed by somebody who changes it back."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def send(receiver: Receiver, message: Message, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Deliver, or raise Refused. The secrets are read for each message: one that is changed holds at once."""
    body = encoded(message)
    try:
        headers = signed(message.id, clock.now_us() // 1_000_000, body, receiver.secrets())
    except (OSError, ValueError) as error:
        raise Refused("no-secret") from error
    try:
        call(receiver.url, body, JSON | headers, deadline_s)
    except CallRefused as error:
        raise Refused(f"refused-{error.status}") from error
    except TimeoutError as error:
        raise Refused("timeout") from error
    except OSError as error:
        raise Refused("unreachable") from error
