"""The face of this package: the board of a scope, and who is at it."""

import logging
from functools import lru_cache

from django.conf import settings

from egide.access.rules import SUPERVISOR, Scope
from egide.alarm.leading import acting_centre
from egide.alarm.state import AlarmState
from egide.boards.desk import lanes, rules
from egide.boards.desk.lanes import Failed, Test
from egide.boards.service import barring_cases, open_alarms
from egide.common.config import Config
from egide.journal.errors import JournalError, JournalUnavailable
from egide.journal.now.presence import BoardSeen, Presence
from egide.outbox.service import clock, journal
from egide.routing.holding import decide_signed_out

log = logging.getLogger("egide.web")

_technical = lanes.technical_lane()
_tests = lanes.test_lane()


def board(scope: Scope) -> list[AlarmState]:
    """Open alarms of `scope`, most urgent first; before a supervisor those that missed a deadline."""
    return rules.in_order(open_alarms(scope), scope.centres, supervisor=scope.supervisor)


def wall(scope: Scope) -> list[AlarmState]:
    """What of the board a whole room may see: nothing of a file that bars anybody, who may stand there too."""
    hidden = barring_cases()
    return [state for state in board(scope) if state.case not in hidden]


def technical_lane(scope: Scope) -> list[Failed]:
    """What could not be verified in the last day (safety rule 10)."""
    return _technical.entries(journal(), scope, clock().now_us())


def test_lane(scope: Scope) -> list[Test]:
    """Test presses of the last day; never alarms."""
    return _tests.entries(journal(), scope, clock().now_us())


# --- who is at a board ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _presence(config: Config) -> Presence:
    return Presence(config)


def boards() -> list[BoardSeen]:
    """All boards that were heard of, the latest first."""
    return _presence(settings.EGIDE).boards()


def do_note_board(scope: Scope, board: str, idle_us: int) -> None:
    """A board of this reader is there; its operator last moved a hand `idle_us` microseconds ago."""
    _presence(settings.EGIDE).note_board(board, scope.user, scope.centre, clock().now_us(), idle_us)


def note_action(scope: Scope) -> None:
    """A person who acts is present. An action goes on where this could not be written down."""
    try:
        do_note_board(scope, f"action of {scope.user}", 0)
    except JournalUnavailable as error:
        log.warning("presence of an operator could not be noted: %s", error)


def do_sign_out(scope: Scope) -> None:
    """An operator who signs out hands back what they have: it rings again at once (safety rule 1).

    Where the journal takes nothing, the worker finds the operator gone within 15 seconds.
    """
    try:
        _presence(settings.EGIDE).forget_user(scope.user)
        for state in open_alarms(scope):
            if state.lead.acknowledged_by == scope.user:
                journal().decide(state.alarm, lambda held: decide_signed_out(held, scope.user))
    except (JournalError, LookupError) as error:
        log.warning("alarms of an operator who signed out were not handed back: %s", type(error).__name__)


# --- one alarm ------------------------------------------------------------------------------------------------------


def is_supervisor(scope: Scope, state: AlarmState) -> bool:
    """Whether this reader is a supervisor of the centre that leads the alarm."""
    return scope.holds(SUPERVISOR, acting_centre(state, scope.centres))
