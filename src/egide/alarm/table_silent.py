"""What the desk asks her without a sound, and that nobody listens in any more (safety rules 8 and 23). Pure."""

from egide.alarm.events import ListenStopped, TextAsked
from egide.alarm.events.silent import QUESTIONS
from egide.alarm.leading import leads
from egide.alarm.refusals import marked as _
from egide.alarm.rows import DESK, PAGE, AskedField, Command, Given, Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.events.base import Event


def _may_ask(state: AlarmState, who: Speaker) -> bool:
    """After a code under threat nothing is asked any more (safety rule 8)."""
    return state.is_open and leads(state, who.centres) and not state.press.duress


def _decide_ask(state: AlarmState, given: Given) -> list[Event]:
    """Raises Refused "duress"."""
    if state.press.duress:
        raise Refused("duress")
    return [TextAsked(user=given.speaker.by, question=given.fields["question"])]


def _is_heard(state: AlarmState, _who: Speaker) -> bool:
    return state.is_open and not state.talk.listening_stopped_at_us


def _decide_listen_off(state: AlarmState, given: Given) -> list[Event]:
    stops = _is_heard(state, given.speaker)
    return [ListenStopped(user=given.speaker.by, why="operator")] if stops else []


SILENT = (
    Command(
        "ask",
        _("Ask silently"),
        pages=(DESK,),
        offered=_may_ask,
        decide=_decide_ask,
        writes=(TextAsked,),
        asks=(
            AskedField("question", kind="choice", choices=tuple(QUESTIONS.items()), refusal="no-question"),
        ),
        key="Q",
        lane=PAGE,
        listed=_("Ask silently: a list, each question with its number"),
    ),
    Command(
        "listen-off",
        _("Switch listening off on the phone"),
        pages=(DESK,),
        offered=_is_heard,
        decide=_decide_listen_off,
        writes=(ListenStopped,),
        leads=(),
        lane=PAGE,
    ),
)
