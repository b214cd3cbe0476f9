"""What desk, zone and team say about the response: zone, team, way, need, report. Pure."""

from egide.alarm import rules
from egide.alarm.events import (
    HelpNeeded,
    HelpSeen,
    NoPatrolFree,
    StepCorrected,
    TeamDelayed,
    TeamNamed,
    TeamOnSite,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
    steps,
)
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.leading import can_send, is_acknowledged, may_lead
from egide.alarm.refusals import marked as _
from egide.alarm.rows import DESK, PAGE, TEAM, WAY, ZONE, AskedField, Command, Given, Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.alarm.table_steps import SAID, STEP
from egide.events.base import Event

# --- who is informed and who is named -------------------------------------------------------------------------------


def _is_acknowledged(state: AlarmState, who: Speaker) -> bool:
    return is_acknowledged(state, who.centres)


def _may_name_team(state: AlarmState, who: Speaker) -> bool:
    if who.page == ZONE:
        return state.is_open and state.lead.zone == who.zone and not state.team.on_site_at_us
    return _is_acknowledged(state, who)


def _decide_zone(state: AlarmState, given: Given) -> list[Event]:
    zone, reference = given.fields.get("zone", ""), given.fields.get("reference", "")
    return rules.decide_confirm_zone(state, given.speaker.by, zone, reference)


def _may_take_lead(state: AlarmState, who: Speaker) -> bool:
    return state.is_open and may_lead(who.zone, state) and not can_send(who.zone, state)


def _check_may_lead(state: AlarmState, given: Given) -> None:
    if not may_lead(given.speaker.zone, state):
        raise Refused("other-leads")


def _decide_own_zone(state: AlarmState, given: Given) -> list[Event]:
    who = given.speaker
    return rules.decide_confirm_zone(state, who.by, who.zone, given.fields.get("reference", ""))


def _decide_team(state: AlarmState, given: Given) -> list[Event]:
    call_sign, telephone = given.fields.get("call_sign", ""), given.fields.get("telephone", "")
    return rules.decide_name_team(state, given.speaker.by, call_sign, telephone)


# --- its way --------------------------------------------------------------------------------------------------------


def _is_sent(state: AlarmState, call_sign: str) -> bool:
    """Whether the clocks are this team's; an officer or operator speaks for whichever team goes."""
    return not call_sign or state.team.named is None or state.team.named.call_sign == call_sign


def _may_leave(state: AlarmState, who: Speaker) -> bool:
    if not state.is_open or not state.team.named or state.team.on_site_at_us:
        return False
    said = state.team.under_way_at_us if who.page == DESK else state.is_leaving_confirmed
    return not said and _is_sent(state, who.call_sign)


def _may_arrive(state: AlarmState, who: Speaker) -> bool:
    if not state.is_open or not state.team.named:
        return False
    if who.page == DESK:
        return bool(state.team.under_way_at_us) and not state.team.on_site_at_us
    return not state.is_arrival_confirmed


def _decide_leaving(state: AlarmState, given: Given) -> list[Event]:
    who = given.speaker
    if who.call_sign:
        rules.check_sent(state, who.call_sign)
    return rules.decide_under_way(state, who.by, who.told, given.age_s, given.tap)


def _decide_arriving(state: AlarmState, given: Given) -> list[Event]:
    who = given.speaker
    return rules.decide_on_site(state, who.by, who.told, given.age_s, given.tap)


def _may_be_late(state: AlarmState, who: Speaker) -> bool:
    goes = state.is_open and state.team.named and not state.team.on_site_at_us
    return bool(goes) and _is_sent(state, who.call_sign)


def _decide_delay(state: AlarmState, given: Given) -> list[Event]:
    who = given.speaker
    if who.call_sign:
        rules.check_sent(state, who.call_sign)
    minutes, reason = int(given.fields["minutes"]), given.fields["reason"]
    return rules.decide_delay(state, who.by, who.told, minutes, reason, given.age_s, given.tap)


def told_of(state: AlarmState, step: str) -> str:
    """Whose word it is that the team took a step; empty while nobody said so."""
    return str(getattr(state.team, f"{STEP[step].record}_told")) if STEP[step].done(state) else ""


def correctable(state: AlarmState, page: str) -> tuple[str, ...]:
    """An operator puts right what an operator said, and never the word of the team or its zone (safety rule 39)."""
    said = ((step, told_of(state, step)) for step in SAID)
    return tuple(step for step, told in said if told and (page != DESK or told == BY_OPERATOR))


def _may_correct(state: AlarmState, who: Speaker) -> bool:
    return state.is_open and bool(correctable(state, who.page)) and _is_sent(state, who.call_sign)


def _decide_correction(state: AlarmState, given: Given) -> list[Event]:
    """Raises Refused "other-team", "not-said", "not-your-word", "reported", "no-time" or "no-fit"."""
    who = given.speaker
    if who.call_sign:
        rules.check_sent(state, who.call_sign)
    step, minutes = given.fields["step"], given.fields["minutes"]
    told = told_of(state, step)
    if not told:
        raise Refused("not-said")
    if who.told == BY_OPERATOR and told != BY_OPERATOR:
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
    words = {each: who.told if each == step else told_of(state, each) for each in SAID if moments[each]}
    holds = [each for each, word in words.items() if word != BY_OPERATOR]
    return [
        StepCorrected(
            by=who.by,
            step=step,
            was_at_us=was_at_us,
            reason=given.fields["reason"].strip(),
            holds=holds[-1] if holds else "",
            age_s=given.age_s,
            tap=given.tap,
            told=who.told,
        )
    ]


# --- its need and its report ----------------------------------------------------------------------------------------


def _decide_help(state: AlarmState, given: Given) -> list[Event]:
    """Also after the closing, and from anyone who was sent (safety rule 14)."""
    return rules.decide_help(state, given.speaker.by, given.position, given.age_s, given.tap)


def _decide_report(state: AlarmState, given: Given) -> list[Event]:
    who = given.speaker
    if who.call_sign:
        # It would end the page of the team that goes.
        rules.check_sent(state, who.call_sign)
    outcome, text = given.fields.get("outcome", ""), given.fields.get("text", "")
    return rules.decide_report(state, who.by, outcome, text, given.age_s, given.tap)


HELP, CORRECT = "help", "correct"
# A correction says that a step was taken, and when.
TAKEN = "taken"
SENDING = (
    Command(
        "help-seen",
        _("I have seen that the team needs help"),
        pages=(DESK,),
        offered=lambda state, _who: rules.needs_help(state),
        decide=lambda state, given: rules.decide_help_seen(state, given.speaker.by),
        writes=(HelpSeen,),
        step=steps.HELP_SEEN,
        leads=(),
        key="S",
        lane=PAGE,
        listed=_("Seen: the team needs help"),
    ),
    Command(
        "zone",
        _("Zone informed: name or reference"),
        pages=(DESK,),
        offered=_is_acknowledged,
        decide=_decide_zone,
        writes=(ZoneConfirmed,),
        asks=(AskedField("zone"), AskedField("reference")),
        step=steps.ZONE_CONFIRMED,
        leads=(),
        key="Z",
        lane=PAGE,
        listed=_("The zone is informed: name or reference"),
    ),
    Command(
        "confirm",
        _("We take the lead"),
        pages=(ZONE,),
        offered=_may_take_lead,
        check=_check_may_lead,
        decide=_decide_own_zone,
        writes=(ZoneConfirmed,),
        asks=(AskedField("reference", _("Who of this zone is informed? Name or reference"), "name"),),
        step=steps.ZONE_CONFIRMED,
        leads=(),
        lane=PAGE,
        sends=_("We take the lead"),
    ),
    Command(
        "no-patrol",
        _("No patrol free"),
        pages=(DESK, ZONE),
        offered=lambda state, _who: state.is_open and not state.team.on_site_at_us,
        decide=lambda state, given: rules.decide_no_patrol(state, given.speaker.by),
        writes=(NoPatrolFree,),
        leads=(ZONE,),
        key="P",
        lane=PAGE,
    ),
    Command(
        "team",
        _("Name the team"),
        pages=(DESK, ZONE),
        offered=_may_name_team,
        decide=_decide_team,
        writes=(TeamNamed,),
        asks=(
            AskedField("call_sign", _("Call sign"), "name"),
            AskedField("telephone", _("Telephone, if there is one"), "telephone"),
        ),
        step=steps.TEAM_NAMED,
        leads=(ZONE,),
        key="T",
        lane=PAGE,
        sends=_("This team goes"),
        again=_("Another team"),
    ),
    Command(
        steps.UNDER_WAY,
        _("The team is under way"),
        pages=(DESK, ZONE, TEAM),
        offered=_may_leave,
        decide=_decide_leaving,
        writes=(TeamUnderWay,),
        step=steps.UNDER_WAY,
        leads=(ZONE,),
        key="U",
        lane=WAY,
        short=_("Under way"),
    ),
    Command(
        steps.ON_SITE,
        _("The team is on site"),
        pages=(DESK, ZONE, TEAM),
        offered=_may_arrive,
        decide=_decide_arriving,
        writes=(TeamOnSite,),
        step=steps.ON_SITE,
        leads=(ZONE,),
        key="O",
        lane=WAY,
        short=_("On site"),
    ),
    Command(
        "delayed",
        _("The team is delayed"),
        pages=(DESK, ZONE, TEAM),
        offered=_may_be_late,
        decide=_decide_delay,
        writes=(TeamDelayed,),
        asks=(
            AskedField("minutes", _("In how many minutes will it be there?"), "minutes"),
            AskedField("reason", _("Why?"), "text"),
        ),
        key="D",
        short=_("Delayed"),
    ),
    Command(
        CORRECT,
        _("Correct a step"),
        pages=(DESK, ZONE, TEAM),
        offered=_may_correct,
        decide=_decide_correction,
        writes=(StepCorrected,),
        asks=(
            AskedField("step", _("Which step?"), "choice", tuple((step, STEP[step].word) for step in SAID)),
            AskedField(
                "so",
                _("What is right?"),
                "choice",
                ((TAKEN, _("It was at another time")), ("not", _("It has not happened"))),
            ),
            AskedField("minutes", _("At another time: how many minutes ago?"), "ago"),
            AskedField("reason", _("Why?"), "text"),
        ),
        key="X",
        short=_("Correction"),
    ),
    Command(
        HELP,
        _("Need help"),
        pages=(TEAM,),
        offered=lambda _state, _who: True,
        decide=_decide_help,
        writes=(HelpNeeded,),
        while_open=False,
        lane=PAGE,
        short=_("Need help"),
    ),
    Command(
        "report",
        _("Report"),
        pages=(TEAM,),
        offered=lambda _state, _who: True,
        decide=_decide_report,
        writes=(TeamReported,),
        asks=(AskedField("outcome"), AskedField("text")),
        step=steps.REPORTED,
        while_open=False,
        lane=PAGE,
        short=_("Report"),
    ),
)
