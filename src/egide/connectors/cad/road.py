"""The call to one dispatch system: any 2xx means that a machine there took the message, and no more than that."""

from egide.common.clock import Clock
from egide.connectors.cad.report import encoded, message_of, signed
from egide.connectors.calling import DEADLINE_S, JSON, CallRefused, call
from egide.connectors.dispatch.facts import Facts, Refused
from egide.connectors.dispatch.receivers import Receiver, is_safe

PATIENCE_S = 0.0


def faults(receiver: Receiver) -> list[str]:
    """Where it cannot be called, or is meant for another kind."""
    found = ["more is set, and kind is 'webhook': it wants nothing beside"] if receiver.more else []
    if is_safe(receiver.url):
        return found
    return [*found, f"url is {receiver.url!r}: expected https://… (http:// on this machine alone)"]


def send(facts: Facts, receiver: Receiver, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Deliver, or raise Refused. The secrets are read for each message: one that is changed holds at once."""
    message = message_of(facts, receiver)
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
