"""The call to one exchange. That it took the copy says that a machine of theirs has it, and no more than that."""

from egide.common.clock import Clock
from egide.common.encoding import NotJson
from egide.connectors.calling import DEADLINE_S, CallRefused
from egide.connectors.dispatch.facts import TEST, Facts, Refused
from egide.connectors.dispatch.receivers import Receiver
from egide.connectors.ucri2.exchange import Exchange, code_in, faults
from egide.connectors.ucri2.incident import written

__all__ = ["PATIENCE_S", "faults", "send"]

# What is due here is sent at once.
PATIENCE_S = 0.0


def send(facts: Facts, receiver: Receiver, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
    """Deliver, or raise Refused. UCRI2 has no incident that is a test: a test asks the exchange whether it knows the
    control room, and reaches nobody there."""
    try:
        exchange = Exchange(receiver)
        if facts.type == TEST:
            if not exchange.knows():
                raise Refused("not-registered")
            return
        if facts.circle is None:
            raise Refused("no-position")
        exchange.ask("/messaging/send", written(facts, receiver, exchange.account), deadline_s)
    except CallRefused as refused:
        raise Refused(code_in(refused)) from refused
    except TimeoutError as error:
        raise Refused("timeout") from error
    except NotJson as error:
        raise Refused("no-ucri2") from error
    except OSError as error:
        # A certificate that is not theirs is one of them: whoever it is, nothing was said to it.
        raise Refused("unreachable") from error
    except ValueError as error:
        raise Refused("settings") from error
