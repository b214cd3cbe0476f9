"""Pure rules of the response: who may be informed, named and sent, and in which order (safety rules 1 to 3)."""

from egide.alarm.events import (
    FEDERAL,
    FollowUpDone,
    HelpNeeded,
    HelpSeen,
    NoPatrolFree,
    PhoneBlocked,
    TeamDelayed,
    TeamLinkMade,
    TeamLinkOpened,
    TeamNamed,
    TeamOnSite,
    TeamPositioned,
    TeamReported,
    TeamUnderWay,
    ZoneConfirmed,
)
from egide.alarm.events.outcomes import OUTCOMES
from egide.alarm.events.steps import BY_OPERATOR
from egide.alarm.state import AlarmState, SourcePress, TeamLink
from egide.events.base import Event
from egide.protocol.envelope import Position

MAX_TEXT_SIGNS = 2000
MAX_NAME_SIGNS = 80
MIN_NAME_SIGNS = 2
MIN_REASON_SIGNS = 3
LINK_LASTS_S = 86_400
LINKS_KEPT = 20
# A team tells every fifteen seconds where it is, at most.
FIX_EVERY_S = 10
FIX_LASTS_S = 120


class Refused(Exception):
    """What was asked cannot be done. `why` is a word; `by` the colleague who was first, where there is one."""

    def __init__(self, why: str, by: str = "") -> None:
        super().__init__(f"{why} {by}".strip())
        self.why = why
        self.by = by


def decide_confirm_zone(state: AlarmState, user: str, zone: str, reference: str) -> list[Event]:
    """A zone counts as informed by a person's name or a dispatch reference alone (safety rule 3); then it leads.

    Raises Refused "closed", "no-zone", "no-name" or "too-long".
    """
    check_open(state)
    if zone not in zones_to_inform(state):
        raise Refused("no-zone")
    reference = _checked_name(reference)
    if state.lead.zone_confirmed_at_us and (state.lead.zone, state.lead.zone_reference) == (zone, reference):
        return []
    return [ZoneConfirmed(user=user, zone=zone, reference=reference)]


def zones_to_inform(state: AlarmState) -> tuple[str, ...]:
    """Who can lead: the zone of the position first, then those that its circle touches, the others notified, a federal
    unit; at the end those that have no patrol free.
    """
    route = state.lead.route
    near = (route.zone, *(share.zone for share in route.candidates)) if route else ()
    known = tuple(dict.fromkeys(zone for zone in (*near, *state.zones, FEDERAL) if zone))
    return tuple(sorted(known, key=lambda zone: zone in state.lead.no_patrol))


def decide_no_patrol(state: AlarmState, user: str) -> list[Event]:
    """The zone that leads has nobody to send: somebody else must be informed, and the clock of that step begins anew.

    Raises Refused "closed", "zone-first" or "arrived".
    """
    check_open(state)
    if not state.lead.zone:
        raise Refused("zone-first")
    if state.team.on_site_at_us:
        raise Refused("arrived")
    return [] if state.lead.zone in state.lead.no_patrol else [NoPatrolFree(user=user, zone=state.lead.zone)]


def decide_block_phone(state: AlarmState, user: str, device: str) -> list[Event]:
    """Block a phone that pressed without speaking for its kit any more (safety rule 38); the current one never is.

    Raises Refused "not-earlier".
    """
    if device == state.device or all(press.device != device for press in state.press.earlier_presses):
        raise Refused("not-earlier")
    return [] if device in state.press.blocked_phones else [PhoneBlocked(user=user, device=device)]


def decide_name_team(state: AlarmState, user: str, call_sign: str, telephone: str) -> list[Event]:
    """Name the team of the zone that leads; another team replaces it, and its way begins anew. After a report another
    team owes one of its own; the same one named twice changes nothing.

    Raises Refused "closed", "zone-first", "arrived", "no-name" or "too-long".
    """
    check_open(state)
    if not state.lead.zone_confirmed_at_us:
        raise Refused("zone-first")
    if state.team.on_site_at_us and not state.team.report:
        raise Refused("arrived")
    call_sign, telephone = _checked_name(call_sign), telephone.strip()
    if len(telephone) > MAX_NAME_SIGNS:
        raise Refused("too-long")
    team = state.team.named
    if team and (team.zone, team.call_sign, team.telephone) == (state.lead.zone, call_sign, telephone):
        return []
    return [TeamNamed(user=user, zone=state.lead.zone, call_sign=call_sign, telephone=telephone)]


def decide_under_way(state: AlarmState, by: str, told: str, age_s: int = 0, tap: str = "") -> list[Event]:
    """The team has left; `told` says by whom (events.steps). Said twice, the first time counts, and the word of the
    team or its zone confirms that of an operator. Raises Refused "closed" or "team-first".
    """
    if is_known(state, tap):
        return []
    _check_team(state)
    is_said = state.team.under_way_at_us and told == BY_OPERATOR
    if is_said or state.is_leaving_confirmed or state.team.on_site_at_us:
        return []
    return [TeamUnderWay(by=by, age_s=age_s, tap=tap, told=told)]


def decide_on_site(state: AlarmState, by: str, told: str, age_s: int = 0, tap: str = "") -> list[Event]:
    """The team is on the spot; `told` says by whom. Said twice, the first time counts, and the word of the team or its
    zone confirms that of an operator. Raises Refused "closed" or "team-first".
    """
    if is_known(state, tap):
        return []
    _check_team(state)
    if state.is_arrival_confirmed or (state.team.on_site_at_us and told == BY_OPERATOR):
        return []
    return [TeamOnSite(by=by, age_s=age_s, tap=tap, told=told)]


def decide_delay(
    state: AlarmState, by: str, told: str, minutes: int, reason: str, age_s: int = 0, tap: str = ""
) -> list[Event]:
    """The team arrives in `minutes`, and why. Raises Refused "closed", "team-first", "arrived", "empty" or
    "too-long".
    """
    _check_team(state)
    if state.team.on_site_at_us:
        raise Refused("arrived")
    reason = checked_text(reason, MIN_REASON_SIGNS)
    return [TeamDelayed(by=by, in_s=minutes * 60, reason=reason, age_s=age_s, tap=tap, told=told)]


def decide_help(
    state: AlarmState, by: str, position: Position | None, age_s: int = 0, tap: str = ""
) -> list[Event]:
    """A team needs help (safety rule 14), also after the closing: the alarm is then open again.

    While a call waits for an answer, another one from the same team changes nothing. Anyone who holds a link was sent,
    whatever became of the team since. Raises Refused "team-first".
    """
    if is_known(state, tap):
        return []
    if not (state.team.named or state.team.earlier or state.team.links):
        raise Refused("team-first")
    waiting = state.help is not None and not state.help.seen_by and state.is_open
    if waiting and state.help is not None and (state.help.by, state.help.position) == (by, position):
        return []
    return [HelpNeeded(by=by, position=position, age_s=age_s, tap=tap)]


def is_known(state: AlarmState, tap: str) -> bool:
    """Whether this tap on a team's phone was recorded already: it is being sent again."""
    return bool(tap) and tap in state.team.taps


def needs_help(state: AlarmState) -> bool:
    """Whether a team waits for an answer to its call for help (safety rule 14)."""
    return state.is_open and state.help is not None and not state.help.seen_by


def team_was_there(state: AlarmState) -> bool:
    """Whether the team itself or its zone said that it was with the person, so that it can end the alarm (safety rule
    8). What an operator typed alone is no word of theirs.
    """
    return state.is_arrival_confirmed or state.team.report is not None


def supervisor_waits(state: AlarmState) -> bool:
    """Whether a supervisor was asked and none has looked yet; once a team was there, an operator closes."""
    closing = state.closing
    asked = bool(closing.supervisor_asked_by) and not closing.supervisor
    return state.is_open and asked and not team_was_there(state)


def decide_help_seen(state: AlarmState, user: str) -> list[Event]:
    """An operator has seen the call for help. Raises Refused "closed"."""
    check_open(state)
    return [HelpSeen(user=user)] if needs_help(state) else []


def decide_team_position(
    state: AlarmState, call_sign: str, position: Position, age_s: int, now_us: int
) -> list[Event]:
    """Where a team is, by its own wish, while the alarm is open: one in FIX_EVERY_S seconds at most; one that is older
    than FIX_LASTS_S helps nobody any more.

    Raises Refused "closed" or "team-first".
    """
    check_open(state)
    sent = {team.call_sign for team in (state.team.named, *state.team.earlier) if team}
    if call_sign not in sent | {link.call_sign for link in state.team.links}:
        raise Refused("team-first")
    if age_s > FIX_LASTS_S:
        return []
    before = max((fix.at_us for fix in state.team.fixes if fix.call_sign == call_sign), default=0)
    if now_us - age_s * 1_000_000 < before + FIX_EVERY_S * 1_000_000:
        return []
    return [TeamPositioned(by=call_sign, position=position, age_s=age_s)]


def decide_report(
    state: AlarmState, by: str, outcome: str, text: str, age_s: int = 0, tap: str = ""
) -> list[Event]:
    """The report of the team, also after the closing (safety rule 11). The same one twice changes nothing; what its
    author writes again takes its place, and the first one stays in the timeline.

    Raises Refused "team-first", "no-outcome", "empty", "too-long" or "reported", with who was first.
    """
    if is_known(state, tap):
        return []
    if not state.team.named and not state.team.earlier:
        raise Refused("team-first")
    if outcome not in OUTCOMES:
        raise Refused("no-outcome")
    text = checked_text(text, MIN_REASON_SIGNS)
    known = state.team.report
    if known is None:
        return [TeamReported(by=by, outcome=outcome, text=text, age_s=age_s, tap=tap)]
    if (known.by, known.outcome, known.text) == (by, outcome, text):
        return []
    if known.by != by:
        raise Refused("reported", known.by)
    return [TeamReported(by=by, outcome=outcome, text=text, age_s=age_s, tap=tap, again=True)]


def decide_make_link(state: AlarmState, user: str, link: str, code: str, now_s: int) -> list[Event]:
    """A link for the team that was named, by the hashes of its two secrets; it lasts a day at most.

    Raises Refused "closed", "team-first", "reported" or "too-many".
    """
    _check_team(state)
    if state.team.report:
        raise Refused("reported", state.team.report.by)
    if len(state.team.links) >= LINKS_KEPT:
        raise Refused("too-many")
    return [TeamLinkMade(user=user, link=link, code=code, expires_at_s=now_s + LINK_LASTS_S)]


def decide_open_link(state: AlarmState, secret: str, device: str, now_s: int) -> list[Event]:
    """The first device that opens a link owns it. `secret` is the hash of the link or of its code.

    Raises Refused "no-link", "link-used", "link-expired" or "reported".
    """
    link = link_of(state, secret)
    if link is None:
        raise Refused("no-link")
    if link.device == device:
        return []
    if link.device:
        raise Refused("link-used")
    check_lasts(state, link, now_s)
    return [TeamLinkOpened(link=link.link, device=device)]


def link_of(state: AlarmState, secret: str) -> TeamLink | None:
    """The link that this hash of its secret or of its code opens."""
    return next((link for link in state.team.links if secret in (link.link, link.code)), None)


def link_of_device(state: AlarmState, device: str) -> TeamLink | None:
    """The latest link that this device opened; `device` is the hash of its secret."""
    return next((link for link in reversed(state.team.links) if link.device == device), None)


def check_sent(state: AlarmState, call_sign: str) -> None:
    """Whether the clocks are this team's: another one may have been named meanwhile. Raises Refused "other-team"."""
    if state.team.named is not None and state.team.named.call_sign != call_sign:
        raise Refused("other-team", state.team.named.call_sign)


def check_lasts(state: AlarmState, link: TeamLink, now_s: int) -> None:
    """Whether a link still opens its alarm: until the report, a day at most.

    Raises Refused "reported" or "link-expired".
    """
    if state.team.report:
        raise Refused("reported", state.team.report.by)
    if link.expires_at_s <= now_s:
        raise Refused("link-expired")


def decide_follow_up(state: AlarmState, user: str, text: str) -> list[Event]:
    """The managing zone did what was to be done after the alarm (safety rule 11).

    Raises Refused "open", "followed-up" with who was first, "empty" or "too-long".
    """
    if state.is_open:
        raise Refused("open")
    if state.closing.followed_up_at_us:
        raise Refused("followed-up", state.closing.followed_up_by)
    return [FollowUpDone(user=user, text=checked_text(text, MIN_REASON_SIGNS))]


def checked_text(text: str, least_signs: int) -> str:
    """Free text without space around it. Raises Refused "empty" or "too-long"."""
    text = text.strip()
    if len(text) < least_signs:
        raise Refused("empty")
    if len(text) > MAX_TEXT_SIGNS:
        raise Refused("too-long")
    return text


def check_open(state: AlarmState) -> None:
    """Raises Refused "closed", with who closed it."""
    if not state.is_open:
        raise Refused("closed", state.closing.closed_by)


def _check_team(state: AlarmState) -> None:
    check_open(state)
    if state.team.named is None:
        raise Refused("team-first")


def _checked_name(text: str) -> str:
    text = " ".join(text.split())
    if len(text) < MIN_NAME_SIGNS:
        raise Refused("no-name")
    if len(text) > MAX_NAME_SIGNS:
        raise Refused("too-long")
    return text


def placed_source(state: AlarmState) -> SourcePress | None:
    """The press of a device that is no phone with the newest position: it counts where no phone gave any. Of two from
    the same moment the one that came last."""
    placed = (one for one in reversed(state.press.source_presses) if one.position is not None)
    return max(placed, key=lambda one: one.taken_at_us, default=None)


def last_position(state: AlarmState) -> Position | None:
    """The latest position of the alarm, None when none ever came."""
    if state.press.trail:
        return state.press.trail[-1].position
    placed = placed_source(state)
    return placed.position if placed else None
