"""The steps of an alarm and what people can say of them, one row each (decision 0035).

Ladder, buttons, keys, addresses, taps, words and the evaluation's times are read from here. Pure: texts are English
message ids, which the pages translate.
"""

from collections.abc import Mapping

from egide.alarm import rules
from egide.alarm.events import StepCorrected, steps
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.rows import DESK, TEAM, ZONE, Asked, Command, Given, Remark, Step, check_typed
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.events.base import Event


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


# --- steps ----------------------------------------------------------------------------------------------------------


def _unless_arrived(state: AlarmState, since_us: int) -> int:
    """Who is on the spot, or has reported, is asked for nothing that comes before."""
    return 0 if state.team.on_site_at_us or state.team.report else since_us


def _delay(state: AlarmState) -> Remark | None:
    """When the team that goes is expected, and why later; what was said of another team stands no more."""
    delay, team = state.team.delay, state.team.named
    if delay is None or team is None or delay.call_sign != team.call_sign:
        return None
    if delay.at_us < state.team.named_at_us:
        return None
    told = delay.told == BY_OPERATOR
    text = (
        _("Expected, as told by the operator:") if told else _("Expected, as told by the team or its zone:")
    )
    return Remark(text, delay.expected_at_us, delay.reason)


def _reported(state: AlarmState) -> int:
    return state.team.report.at_us if state.team.report else 0


def _help_waits(state: AlarmState) -> int:
    return state.help.at_us if state.help and not state.help.seen_by else 0


def _never(_state: AlarmState) -> int:
    return 0


# NENA-STA-020 asks for 90 % of calls answered within 15 s; a press is shown within 5 s or the second road is taken.
# The most pressing stands first.
ROWS = (
    Step(
        steps.HELP_SEEN,
        _("Team needs help"),
        since=_help_waits,
        done=_never,
        louder_s=10,
        supervisor_s=20,
        on_the_way=False,
    ),
    Step(
        steps.SHOWN,
        _("Shown"),
        since=lambda state: 0 if state.lead.acknowledged_by else state.rings_since_us,
        done=lambda state: state.lead.shown_at_us,
        louder_s=5,
        record="seen",
    ),
    Step(
        steps.ACKNOWLEDGED,
        _("Taken"),
        since=lambda state: state.rings_since_us,
        done=lambda state: state.lead.acknowledged_at_us,
        louder_s=15,
        supervisor_s=30,
        neighbour_s=60,
        record="acknowledged",
    ),
    Step(
        steps.ZONE_CONFIRMED,
        _("Zone informed"),
        # Counts from the first who took it: an operator who leaves, or comes late, gives the zone no more time.
        since=lambda state: state.lead.no_patrol_at_us or state.lead.first_acknowledged_at_us,
        done=lambda state: state.lead.zone_confirmed_at_us,
        louder_s=60,
        supervisor_s=120,
        record="confirmed",
    ),
    Step(
        steps.TEAM_NAMED,
        _("Team named"),
        since=lambda state: _unless_arrived(state, state.lead.zone_confirmed_at_us),
        done=lambda state: state.team.named_at_us,
        louder_s=90,
        supervisor_s=180,
    ),
    Step(
        steps.UNDER_WAY,
        _("Under way"),
        since=lambda state: _unless_arrived(state, state.team.named_at_us),
        done=lambda state: state.team.under_way_at_us,
        louder_s=120,
        supervisor_s=240,
        record="under_way",
        event="TeamUnderWay",
        remark=_delay,
    ),
    Step(
        steps.ON_SITE,
        _("On site"),
        since=lambda state: _unless_arrived(state, state.team.under_way_at_us),
        done=lambda state: state.team.on_site_at_us,
        louder_s=600,
        supervisor_s=1200,
        record="on_site",
        event="TeamOnSite",
        remark=_delay,
    ),
    Step(
        steps.REPORTED,
        _("Report"),
        since=lambda state: state.team.on_site_at_us,
        done=_reported,
        louder_s=3600,
        supervisor_s=7200,
    ),
    Step(
        steps.CLOSED,
        _("Closed"),
        since=_reported,
        done=lambda state: state.closing.closed_at_us,
        louder_s=900,
        supervisor_s=1800,
    ),
    Step(
        steps.ZONE_HANDED_OVER,
        _("Handover to the other zone"),
        since=lambda state: state.lead.zone_moved_since_us,
        done=_never,
        louder_s=60,
        supervisor_s=120,
        on_the_way=False,
    ),
    Step(
        steps.CENTRE_HANDED_OVER,
        _("Handover to the other centre"),
        since=lambda state: state.lead.handover_since_us,
        done=_never,
        louder_s=30,
        supervisor_s=60,
        on_the_way=False,
    ),
)
STEP: Mapping[str, Step] = {row.name: row for row in ROWS}
STEPS = tuple(STEP)
WAY = tuple(row.name for row in ROWS if row.on_the_way)
# What is said of a team on its way.
SAID = tuple(row.name for row in ROWS if row.event)
# The kinds of events that tell when a team took a step, and which one it is; empty where the event names it.
TELLING: Mapping[str, str] = {row.event: row.name for row in ROWS if row.event} | {"StepCorrected": ""}


def promise_of(event: Event) -> str | None:
    """The step that her phone may be told of after this event, empty for none any more; None: nothing changes.

    What an operator only heard is not passed on to her: she may open a door for it (safety rule 40).
    """
    if event.kind not in TELLING or getattr(event, "told", BY_OPERATOR) == BY_OPERATOR:
        return None
    return TELLING[event.kind] or str(getattr(event, "holds", ""))


# --- what people can say --------------------------------------------------------------------------------------------


def _is_sent(state: AlarmState, call_sign: str) -> bool:
    """Whether the clocks are this team's; an officer or operator speaks for whichever team goes."""
    return not call_sign or state.team.named is None or state.team.named.call_sign == call_sign


def _may_leave(state: AlarmState, who: str, call_sign: str) -> bool:
    if not state.is_open or not state.team.named or state.team.on_site_at_us:
        return False
    said = state.team.under_way_at_us if who == DESK else state.is_leaving_confirmed
    return not said and _is_sent(state, call_sign)


def _may_arrive(state: AlarmState, who: str, _call_sign: str) -> bool:
    if not state.is_open or not state.team.named:
        return False
    if who == DESK:
        return bool(state.team.under_way_at_us) and not state.team.on_site_at_us
    return not state.is_arrival_confirmed


def _decide_leaving(state: AlarmState, given: Given) -> list[Event]:
    if rules.is_known(state, given.tap):
        return []
    if given.call_sign:
        rules.check_open(state)
        rules.check_sent(state, given.call_sign)
    return rules.decide_under_way(state, given.by, given.told, given.age_s, given.tap)


def _may_be_late(state: AlarmState, _who: str, call_sign: str) -> bool:
    goes = state.is_open and state.team.named and not state.team.on_site_at_us
    return bool(goes) and _is_sent(state, call_sign)


def _decide_delay(state: AlarmState, given: Given) -> list[Event]:
    rules.check_open(state)
    if given.call_sign:
        rules.check_sent(state, given.call_sign)
    minutes, reason = int(given.fields["minutes"]), given.fields["reason"]
    return rules.decide_delay(state, given.by, given.told, minutes, reason, given.age_s, given.tap)


def _told(state: AlarmState, step: str) -> str:
    """Whose word it is that the team took a step; empty while nobody said so."""
    return str(getattr(state.team, f"{STEP[step].record}_told")) if STEP[step].done(state) else ""


def _may_correct(state: AlarmState, who: str, call_sign: str) -> bool:
    """An operator puts right what an operator said, and never the word of the team or its zone (safety rule 39)."""
    words = [_told(state, step) for step in SAID]
    said = BY_OPERATOR in words if who == DESK else any(words)
    return state.is_open and said and _is_sent(state, call_sign)


def _decide_correction(state: AlarmState, given: Given) -> list[Event]:
    """Raises Refused "closed", "other-team", "not-said", "not-your-word", "reported", "no-time" or "no-fit"."""
    rules.check_open(state)
    if given.call_sign:
        rules.check_sent(state, given.call_sign)
    step, minutes = given.fields["step"], given.fields["minutes"]
    told = _told(state, step)
    if not told:
        raise Refused("not-said")
    if given.told == BY_OPERATOR and told != BY_OPERATOR:
        raise Refused("not-your-word")
    taken = given.fields["so"] == TAKEN
    if not taken and state.team.report:
        raise Refused("reported", state.team.report.by)
    if taken and not minutes:
        raise Refused("no-time")
    was_at_us = given.now_us - (given.age_s + int(minutes) * 60) * 1_000_000 if taken else 0
    moments = {each: was_at_us if each == step else STEP[each].done(state) for each in SAID}
    in_order = [at_us for at_us in moments.values() if at_us]
    left_out = not taken and any(moments[each] for each in SAID[SAID.index(step) + 1 :])
    if left_out or in_order != sorted(in_order) or min(in_order, default=given.now_us) < state.opened_at_us:
        raise Refused("no-fit")
    words = {each: given.told if each == step else _told(state, each) for each in SAID if moments[each]}
    holds = [each for each, word in words.items() if word != BY_OPERATOR]
    return [
        StepCorrected(
            by=given.by,
            step=step,
            was_at_us=was_at_us,
            reason=given.fields["reason"].strip(),
            holds=holds[-1] if holds else "",
            age_s=given.age_s,
            tap=given.tap,
            told=given.told,
        )
    ]


def _decide_report(state: AlarmState, given: Given) -> list[Event]:
    if rules.is_known(state, given.tap):
        return []
    if given.call_sign:
        # It would end the page of the team that goes.
        rules.check_sent(state, given.call_sign)
    outcome, text = given.fields.get("outcome", ""), given.fields.get("text", "")
    return rules.decide_report(state, given.by, outcome, text, given.age_s, given.tap)


HELP = "help"
# A correction says that a step was taken, and when.
TAKEN = "taken"
COMMANDS = (
    Command(
        steps.UNDER_WAY,
        _("The team is under way"),
        who=(DESK, ZONE, TEAM),
        offered=_may_leave,
        decide=_decide_leaving,
        step=steps.UNDER_WAY,
        key="U",
        lane="way",
        leading=False,
        short=_("Under way"),
    ),
    Command(
        steps.ON_SITE,
        _("The team is on site"),
        who=(DESK, ZONE, TEAM),
        offered=_may_arrive,
        decide=lambda state, given: rules.decide_on_site(state, given.by, given.told, given.age_s, given.tap),
        step=steps.ON_SITE,
        key="O",
        lane="way",
        leading=False,
        short=_("On site"),
    ),
    Command(
        "delayed",
        _("The team is delayed"),
        who=(DESK, ZONE, TEAM),
        offered=_may_be_late,
        decide=_decide_delay,
        asks=(
            Asked("minutes", _("In how many minutes will it be there?"), "minutes"),
            Asked("reason", _("Why?"), "text"),
        ),
        key="D",
        short=_("Delayed"),
    ),
    Command(
        "correct",
        _("Correct a step"),
        who=(DESK, ZONE, TEAM),
        offered=_may_correct,
        decide=_decide_correction,
        asks=(
            Asked("step", _("Which step?"), "choice", tuple((step, STEP[step].word) for step in SAID)),
            Asked(
                "so",
                _("What is right?"),
                "choice",
                ((TAKEN, _("It was at another time")), ("not", _("It has not happened"))),
            ),
            Asked("minutes", _("At another time: how many minutes ago?"), "ago"),
            Asked("reason", _("Why?"), "text"),
        ),
        key="X",
        short=_("Correction"),
    ),
    Command(
        "no-patrol",
        _("No patrol free"),
        who=(DESK, ZONE),
        offered=lambda state, _who, _sign: state.is_open and not state.team.on_site_at_us,
        decide=lambda state, given: rules.decide_no_patrol(state, given.by),
        key="P",
        lane="page",
        leading=False,
    ),
    Command(
        HELP,
        _("Need help"),
        who=(TEAM,),
        offered=lambda _state, _who, _sign: True,
        decide=lambda state, given: rules.decide_help(
            state, given.by, given.position, given.age_s, given.tap
        ),
        lane="page",
        short=_("Need help"),
    ),
    Command(
        "report",
        _("Report"),
        who=(TEAM,),
        offered=lambda _state, _who, _sign: True,
        decide=_decide_report,
        lane="page",
        short=_("Report"),
    ),
)
COMMAND: Mapping[str, Command] = {row.name: row for row in COMMANDS}


def commands_of(who: str) -> tuple[Command, ...]:
    """What can be said on a page, in the order of the way."""
    return tuple(row for row in COMMANDS if who in row.who)


def decide(state: AlarmState, name: str, given: Given) -> list[Event]:
    """What a command makes of the alarm. Raises Refused: "no-time", "empty", "too-long" and "no-choice" for what was
    asked for, and what the command itself raises.
    """
    row = COMMAND[name]
    if rules.is_known(state, given.tap):
        return []
    for asked in row.asks:
        check_typed(asked, given.fields.get(asked.name, ""))
    return row.decide(state, given)
