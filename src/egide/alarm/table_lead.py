"""What the desk does with an alarm itself: acknowledge it, hand it over, add notes and the rest. Pure."""

from egide.alarm import rules
from egide.alarm.events import (
    AlarmAcknowledged,
    HandoverAccepted,
    HandoverOffered,
    LeadKept,
    LocalisationAsked,
    NeighbourAsked,
    NoteAdded,
    PhoneBlocked,
    ShownOnBoard,
    steps,
)
from egide.alarm.leading import NEIGHBOURING, acting_centre, leads, may_take_over, role_of
from egide.alarm.refusals import marked as _
from egide.alarm.rows import BY_ITSELF, DESK, PAGE, ZONE, AskedField, Command, Given, Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.events.base import Event

# --- taking it ------------------------------------------------------------------------------------------------------


def _decide_shown(state: AlarmState, given: Given) -> list[Event]:
    """A board has painted the alarm; one report for each person is enough."""
    who = given.speaker
    if not state.is_open or who.by in state.lead.shown_by:
        return []
    return [ShownOnBoard(user=who.by, centre=acting_centre(state, who.centres))]


def _decide_acknowledge(state: AlarmState, given: Given) -> list[Event]:
    """The first one wins; taking one's own alarm again changes nothing. Raises Refused "taken"."""
    who = given.speaker
    if state.lead.acknowledged_by == who.by:
        return []
    if state.lead.acknowledged_by:
        raise Refused("taken", state.lead.acknowledged_by)
    centre = "" if state.lead.centre else acting_centre(state, who.centres)
    return [AlarmAcknowledged(user=who.by, centre=centre)]


def _decide_take_over(state: AlarmState, given: Given) -> list[Event]:
    """A named person of another centre takes the lead (safety rule 2); until then the first centre has it.

    Raises Refused "taken" when a colleague was first, "moved-on" when the position went on meanwhile.
    """
    who = given.speaker
    able = (centre for centre in sorted(who.centres) if may_take_over(state, centre))
    centre = next(able, acting_centre(state, who.centres))
    if state.lead.centre == centre:
        return _decide_acknowledge(state, given)
    if not may_take_over(state, centre):
        raise Refused("moved-on")
    return [HandoverAccepted(user=who.by, centre=centre)]


TAKING = (
    Command(
        "shown",
        _("Shown"),
        pages=(DESK,),
        offered=lambda state, _who: state.is_open,
        decide=_decide_shown,
        writes=(ShownOnBoard,),
        leads=(),
        while_open=False,
        step=steps.SHOWN,
        lane=BY_ITSELF,
    ),
    Command(
        "acknowledge",
        _("Take the alarm"),
        pages=(DESK,),
        offered=lambda state, who: (
            state.is_open and leads(state, who.centres) and not state.lead.acknowledged_by
        ),
        decide=_decide_acknowledge,
        writes=(AlarmAcknowledged,),
        step=steps.ACKNOWLEDGED,
        key=_("Space"),
        lane=PAGE,
    ),
    Command(
        "take-over",
        _("Take over from %(centre)s"),
        pages=(DESK,),
        offered=lambda state, who: any(may_take_over(state, centre) for centre in who.centres),
        decide=_decide_take_over,
        writes=(HandoverAccepted, AlarmAcknowledged),
        leads=(),
        key=_("Enter"),
        lane=PAGE,
        listed=_("The next action, such as taking over from another centre"),
    ),
)

# --- handing it over ------------------------------------------------------------------------------------------------


def _decide_offer(state: AlarmState, given: Given) -> list[Event]:
    """Ask another centre to take the alarm over; the operator's own centre leads until somebody there accepts.

    Raises Refused "no-centre".
    """
    who, to = given.speaker, given.fields.get("centre", "")
    if not to or to == acting_centre(state, who.centres):
        raise Refused("no-centre")
    return [] if state.lead.handover_to == to else [HandoverOffered(user=who.by, centre=to)]


def _decide_neighbour(state: AlarmState, given: Given) -> list[Event]:
    """Hand a copy to a control room of others; this centre leads on, whatever they answer (safety rule 2).

    Nothing while the last one is on its way or waits for their answer. Raises Refused "no-neighbour".
    """
    to = given.fields.get("receiver", "")
    if not to:
        raise Refused("no-neighbour")
    known = next((one.hand for one in state.told if one.receiver == to), None)
    is_new = known is None or known.asked_at_us < state.opened_at_us
    waits = known is not None and not (known.is_lost or known.word or known.ended)
    return [] if waits and not is_new else [NeighbourAsked(user=given.speaker.by, receiver=to)]


def _centre_moved(state: AlarmState, who: Speaker) -> bool:
    return state.is_open and bool(state.lead.handover_to) and leads(state, who.centres)


def _zone_moved(state: AlarmState, who: Speaker) -> bool:
    taken = state.is_open and leads(state, who.centres) and state.lead.acknowledged_by
    return bool(taken and state.lead.zone_moved_to)


# --- what else an operator does -------------------------------------------------------------------------------------


def _has_phone_to_block(state: AlarmState, _who: Speaker) -> bool:
    return any(press.device not in state.press.blocked_phones for press in state.press.earlier_presses)


def _localisation_waits(state: AlarmState, _who: Speaker) -> bool:
    return state.is_open and state.lead.localisation_at_us <= state.press.last_contact_us


def _decide_localisation(state: AlarmState, given: Given) -> list[Event]:
    """An operator asked the telephone network where the phone is; once for each silence (safety rule 6)."""
    waits = _localisation_waits(state, given.speaker)
    return [LocalisationAsked(user=given.speaker.by)] if waits else []


def _decide_note(state: AlarmState, given: Given) -> list[Event]:
    text, for_team = given.fields["text"].strip(), "for_team" in given.fields
    return [NoteAdded(user=given.speaker.by, text=text, for_team=for_team)]


LEAD = (
    Command(
        "offer",
        _("To another centre"),
        pages=(DESK,),
        offered=lambda state, who: state.is_open and leads(state, who.centres),
        decide=_decide_offer,
        writes=(HandoverOffered,),
        asks=(AskedField("centre", kind="centre"),),
        key="H",
        lane=PAGE,
        listed=_("Hand over to another centre"),
    ),
    Command(
        "neighbour",
        _("A copy to a neighbour"),
        pages=(DESK,),
        offered=lambda state, who: state.is_open and leads(state, who.centres),
        decide=_decide_neighbour,
        writes=(NeighbourAsked,),
        asks=(AskedField("receiver", kind="neighbour"),),
        key="F",
        lane=PAGE,
        listed=_("Hand a copy to a control room of others"),
    ),
    Command(
        "keep-centre",
        _("We keep it"),
        pages=(DESK,),
        offered=_centre_moved,
        decide=lambda state, given: (
            [LeadKept(user=given.speaker.by, what="centre")] if state.lead.handover_to else []
        ),
        writes=(LeadKept,),
        key="B",
        lane=PAGE,
        listed=_("This centre keeps the alarm"),
    ),
    Command(
        "keep-zone",
        _("The zone keeps it"),
        pages=(DESK,),
        offered=_zone_moved,
        decide=lambda state, given: (
            [LeadKept(user=given.speaker.by, what="zone")] if state.lead.zone_moved_to else []
        ),
        writes=(LeadKept,),
        key="V",
        lane=PAGE,
        listed=_("The zone that leads keeps the alarm"),
    ),
    Command(
        "block-phone",
        _("Block this phone"),
        pages=(DESK, ZONE),
        offered=_has_phone_to_block,
        decide=lambda state, given: rules.decide_block_phone(
            state, given.speaker.by, given.fields.get("device", "")
        ),
        writes=(PhoneBlocked,),
        asks=(AskedField("device"),),
        leads=(),
        while_open=False,
        shown=lambda state, who: who.page == DESK or role_of(who.zone, state) != NEIGHBOURING,
        lane=PAGE,
    ),
    Command(
        "localisation",
        _("To do: ask the telephone network where it is"),
        pages=(DESK,),
        offered=_localisation_waits,
        decide=_decide_localisation,
        writes=(LocalisationAsked,),
        leads=(),
        key="G",
        lane=PAGE,
        listed=_("Localisation by the telephone network was asked for"),
    ),
    Command(
        "note",
        _("Write a note"),
        pages=(DESK,),
        offered=lambda state, _who: state.is_open,
        decide=_decide_note,
        writes=(NoteAdded,),
        asks=(AskedField("text", kind="text", least_signs=1), AskedField("for_team")),
        leads=(),
        key="N",
        lane=PAGE,
    ),
)
