"""The words for the steps of an alarm, and for whose word a step is. What a step is stands in alarm/table.py."""

SHOWN, ACKNOWLEDGED, ZONE_CONFIRMED = "shown", "acknowledged", "zone-confirmed"
TEAM_NAMED, UNDER_WAY, ON_SITE = "team-named", "under-way", "on-site"
REPORTED, CLOSED = "reported", "closed"

# What can become due at any moment: a team asks for help; the position moved to another zone, or another centre; an
# operator asks for a supervisor.
HELP_SEEN, ZONE_HANDED_OVER, CENTRE_HANDED_OVER = "help-seen", "zone-handed-over", "centre-handed-over"
SUPERVISOR_CAME = "supervisor-came"

# Whose word it is that a team left or arrived.
BY_TEAM, BY_ZONE, BY_OPERATOR = "team", "zone", "operator"

# An alarm without a route for this long goes to every supervisor, and to every operator of its home centre.
UNROUTED_S = 2.0


def is_unrouted_too_long(opened_at_us: int, now_us: int) -> bool:
    """Whether an alarm without a route has waited too long for it; also when the clock was set back meanwhile."""
    return not 0 <= now_us - opened_at_us < UNROUTED_S * 1e6
