"""The face of this package: the board of a scope, and what an operator does, written into the journal."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from egide.access.rules import SUPERVISOR, Scope
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.rows import Given
from egide.alarm.rules import decide_help_seen
from egide.alarm.state import AlarmState
from egide.alarm.table import COMMAND, decide
from egide.boards.desk import lanes, rules
from egide.boards.desk.lanes import Failed, Test
from egide.boards.service import do_decide, open_alarms
from egide.boards.shown.geography import atlas
from egide.common.config import Config
from egide.events.base import Event
from egide.events.register import SoundTested
from egide.journal.errors import JournalError, JournalUnavailable
from egide.journal.presence import BoardSeen, Presence
from egide.journal.service import Entry
from egide.outbox.service import clock, journal
from egide.routing.holding import decide_signed_out

log = logging.getLogger("egide.web")

_technical = lanes.technical_lane()
_tests = lanes.test_lane()


def board(scope: Scope) -> list[AlarmState]:
    """Open alarms of `scope`, most urgent first; before a supervisor those that missed a deadline."""
    return rules.in_order(open_alarms(scope), scope.centres, supervisor=scope.supervisor)


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
    """Whoever acts is there. That this could not be written down stops no action."""
    try:
        do_note_board(scope, f"action of {scope.user}", 0)
    except JournalUnavailable as error:
        log.warning("presence of an operator could not be noted: %s", error)


def do_sign_out(scope: Scope) -> None:
    """Who signs out hands back what they have: it rings again at once (safety rule 1).

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


@dataclass(frozen=True)
class _Closer:
    user: str
    centre: str
    supervisor: bool


def is_supervisor(scope: Scope, state: AlarmState) -> bool:
    """Whether this reader is a supervisor of the centre that leads the alarm."""
    return scope.holds(SUPERVISOR, rules.acting_centre(state, scope.centres))


def do_acknowledge(scope: Scope, alarm_id: str) -> AlarmState:
    """Take the alarm. Raises NotForYou, Refused."""
    return do_decide(
        scope, alarm_id, lambda state: rules.decide_acknowledge(state, scope.user, _centre(scope, state))
    )


def do_command(scope: Scope, alarm_id: str, name: str, fields: Mapping[str, str]) -> AlarmState:
    """What the table says of the command `name`, as an operator heard it. Raises NotForYou, Refused."""
    given = Given(by=scope.user, told=BY_OPERATOR, now_us=clock().now_us(), fields=fields)

    def decided(state: AlarmState) -> list[Event]:
        if COMMAND[name].leading:
            rules.check_leads(state, _centre(scope, state))
        return decide(state, name, given)

    return do_decide(scope, alarm_id, decided)


def do_note(scope: Scope, alarm_id: str, text: str, *, for_team: bool = False) -> AlarmState:
    """Write a note, for the team too or not. Raises NotForYou, Refused."""
    return do_decide(
        scope, alarm_id, lambda state: rules.decide_note(state, scope.user, text, for_team=for_team)
    )


def do_close(
    scope: Scope, alarm_id: str, outcome: str, reason: str, *, called_back: bool = False
) -> AlarmState:
    """Close with an outcome and a reason. Raises NotForYou, Refused."""

    def decide(state: AlarmState) -> list[Event]:
        by = _Closer(scope.user, _centre(scope, state), is_supervisor(scope, state))
        return rules.decide_close(state, by, outcome, reason, called_back=called_back)

    return do_decide(scope, alarm_id, decide)


def do_take_over(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader's centre takes the lead. Raises NotForYou, Refused."""

    def decide(state: AlarmState) -> list[Event]:
        able = (centre for centre in sorted(scope.centres) if rules.may_take_over(state, centre))
        return rules.decide_take_over(state, scope.user, next(able, _centre(scope, state)))

    return do_decide(scope, alarm_id, decide)


def do_offer(scope: Scope, alarm_id: str, to: str) -> AlarmState:
    """Ask another centre to take the alarm over. Raises NotForYou, Refused; "no-centre" for one that does not exist."""
    known = to if to in atlas().centres else ""
    return do_decide(
        scope, alarm_id, lambda state: rules.decide_offer(state, scope.user, _centre(scope, state), known)
    )


def do_keep(scope: Scope, alarm_id: str, what: str) -> AlarmState:
    """Who leads goes on leading. Raises NotForYou, Refused."""
    return do_decide(
        scope, alarm_id, lambda state: rules.decide_keep(state, scope.user, _centre(scope, state), what)
    )


def do_see_help(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader has seen that the team needs help. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: decide_help_seen(state, scope.user))


def do_ask_localisation(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader asked the telephone network where the phone is. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_ask_localisation(state, scope.user))


def do_report_shown(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader's board has painted the alarm. Raises NotForYou."""
    return do_decide(
        scope, alarm_id, lambda state: rules.decide_shown(state, scope.user, _centre(scope, state))
    )


def do_report_sound(scope: Scope) -> None:
    """The reader heard the test sound."""
    entry = Entry(
        stream=f"board:{scope.centre}", event=SoundTested(user=scope.user), centres=sorted(scope.centres)
    )
    journal().append([entry])


def _centre(scope: Scope, state: AlarmState) -> str:
    return rules.acting_centre(state, scope.centres)
