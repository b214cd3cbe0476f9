"""The worker's thread that writes readings and changes of accounts to the authority's own monitoring.

It follows the journal from its beginning, and waits for a receiver that is away: nothing is left out, and what the
receiver may not have got is written again.
"""

import logging
import socket
import threading

import msgspec

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.sealing import UnsealError
from egide.connectors.audit.message import message
from egide.connectors.audit.road import AuditRoad, problems
from egide.connectors.base import RoadError
from egide.connectors.calling import word_of
from egide.events import accounts
from egide.events.base import Event
from egide.events.register import FileAskAnswered, FileAsked, FileOpened
from egide.journal.alarms import UNKNOWN
from egide.journal.chain import Stored
from egide.journal.errors import JournalUnavailable
from egide.journal.follow import Follower
from egide.journal.now.outcomes import WRITTEN, Outcomes
from egide.journal.now.signs import Pulse, Signs
from egide.journal.sealing.keys import KeyErased
from egide.journal.service import Journal

log = logging.getLogger("egide.worker")

WAIT_S = 1.0
AGAIN_S = 5.0
TOLD = frozenset(
    kind.__name__
    for kind in (FileOpened, FileAsked, FileAskAnswered, *vars(accounts).values())
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
)


def audit_until(
    stopped: threading.Event, config: Config, journal: Journal, clock: Clock, pulse: Pulse
) -> None:
    """Write until stopped; ends at once where nobody is to be told or the settings are wrong."""
    if not config.audit_syslog or problems(config):
        return
    road, host = AuditRoad(config, clock), socket.gethostname()
    follower, outcomes = Follower(journal, "audit"), Outcomes(Signs(config, clock), clock)

    def tell(row: Stored) -> None:
        if row.kind in TOLD:
            road.send(message(row.seq, row.kind, row.at_us, host, _fields(journal, row)))
            # Syslog answers nothing: that is all that anybody knows.
            outcomes.worked("audit", "out", WRITTEN)

    while not stopped.is_set():
        try:
            follower.step(tell, WAIT_S)
        except (RoadError, JournalUnavailable) as error:
            if isinstance(error, RoadError):
                outcomes.failed("audit", "out", word_of(error.__cause__))
                outcomes.do_keep()
            log.warning("readings and accounts could not be told, will try again: %s", error)
            stopped.wait(AGAIN_S)
        except Exception:
            # A thread that ended would tell nothing ever again.
            log.exception("readings and accounts could not be told, will try again")
            stopped.wait(AGAIN_S)
        if pulse.is_due:
            pulse.beat(follower.seq, journal.head())
            outcomes.do_keep()
    follower.close()
    road.close()
    outcomes.do_keep()
    pulse.leave()


def _fields(journal: Journal, row: Stored) -> dict[str, object]:
    """What the event says; of an erased case, and of an event of a newer version, nothing but that it happened."""
    try:
        event = journal.open_event(row)
    except (KeyErased, UnsealError, *UNKNOWN):
        return {}
    return msgspec.structs.asdict(event)
