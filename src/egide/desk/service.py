"""The face of this package: the board of a scope, and what an operator does, written into the journal."""

from egide.access.rules import Scope
from egide.desk import rules
from egide.desk.projection import Failed, TechnicalLane
from egide.events.base import Event
from egide.events.register import SoundTested
from egide.events.state import AlarmState
from egide.journal.service import Entry
from egide.outbox.service import clock, journal
from egide.response.service import do_decide, open_alarms

_lane = TechnicalLane()


def board(scope: Scope) -> list[AlarmState]:
    """Open alarms of `scope`, most urgent first; before a supervisor those that missed a deadline."""
    return rules.in_order(open_alarms(scope), supervisor=scope.supervisor)


def technical_lane(scope: Scope) -> list[Failed]:
    """What could not be verified in the last day (safety rule 10)."""
    return _lane.entries(journal(), scope, clock().now_us())


def do_acknowledge(scope: Scope, alarm_id: str) -> AlarmState:
    """Take the alarm. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_acknowledge(state, scope.user, scope.centre))


def do_note(scope: Scope, alarm_id: str, text: str) -> AlarmState:
    """Write a note. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_note(state, scope.user, text))


def do_close(
    scope: Scope, alarm_id: str, outcome: str, reason: str, *, called_back: bool = False
) -> AlarmState:
    """Close with an outcome and a reason. Raises NotForYou, Refused."""

    def decide(state: AlarmState) -> list[Event]:
        return rules.decide_close(state, scope, outcome, reason, called_back=called_back)

    return do_decide(scope, alarm_id, decide)


def do_take_over(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader's centre takes the lead. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_take_over(state, scope.user, scope.centre))


def do_offer(scope: Scope, alarm_id: str, to: str) -> AlarmState:
    """Ask another centre to take the alarm over. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_offer(state, scope.user, scope.centre, to))


def do_keep(scope: Scope, alarm_id: str, what: str) -> AlarmState:
    """Who leads goes on leading. Raises NotForYou, Refused."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_keep(state, scope.user, scope.centre, what))


def do_report_shown(scope: Scope, alarm_id: str) -> AlarmState:
    """The reader's board has painted the alarm. Raises NotForYou."""
    return do_decide(scope, alarm_id, lambda state: rules.decide_shown(state, scope.user, scope.centre))


def do_report_sound(scope: Scope) -> None:
    """The reader heard the test sound."""
    entry = Entry(
        stream=f"board:{scope.centre}", event=SoundTested(user=scope.user), centres=sorted(scope.centres)
    )
    journal().append([entry])
