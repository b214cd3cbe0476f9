"""The worker's thread that tells the authority's collector how long each step of a press took.

It begins with what happens from now on, and drops what the collector does not take: the journal is the record, and
nothing in an alarm waits for this.
"""

import logging
import secrets
import threading

from egide.common.clock import Clock
from egide.common.config import Config
from egide.connectors.base import RoadError
from egide.connectors.calling import word_of
from egide.connectors.traces.road import problems, send
from egide.connectors.traces.spans import Traces
from egide.journal.errors import JournalUnavailable
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs
from egide.journal.service import Journal

log = logging.getLogger("egide.worker")

WAIT_S, AGAIN_S = 1.0, 5.0


def trace_until(stopped: threading.Event, config: Config, journal: Journal, clock: Clock) -> None:
    """Tell until stopped; ends at once where nobody is to be told or the setting is wrong."""
    if not config.traces_url or problems(config):
        return
    # Where it begins comes first: what is appended once the bell hangs is not missed.
    traces, seq, bell = Traces(secrets.token_hex), journal.head(), journal.bell("traces")
    outcomes = Outcomes(Signs(config, clock), clock)
    while not stopped.is_set():
        try:
            rows = journal.read_clear(seq)
            whole = []
            for row in rows:
                seq = row.seq
                whole.append(traces.note(row.stream, row.kind, row.at_us))
            for trace in (*filter(None, whole), *traces.overdue(clock.now_us())):
                send(config.traces_url, trace)
                outcomes.worked("traces", "out")
            if not rows:
                bell.wait(WAIT_S)
        except (RoadError, JournalUnavailable) as error:
            if isinstance(error, RoadError):
                outcomes.failed("traces", "out", word_of(error.__cause__))
                outcomes.do_keep()
            log.warning("a trace could not be told, and is dropped: %s", error)
            stopped.wait(AGAIN_S)
        except Exception:
            # A thread that ended would tell nothing ever again.
            log.exception("a trace could not be told, and is dropped")
            stopped.wait(AGAIN_S)
        outcomes.do_keep()
    bell.close()
