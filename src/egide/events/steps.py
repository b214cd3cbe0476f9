"""The steps from a press to people on the spot that have a clock (safety rule 1), in their order."""

SHOWN, ACKNOWLEDGED, ZONE_CONFIRMED = "shown", "acknowledged", "zone-confirmed"
TEAM_NAMED, UNDER_WAY, ON_SITE = "team-named", "under-way", "on-site"

STEPS = (SHOWN, ACKNOWLEDGED, ZONE_CONFIRMED, TEAM_NAMED, UNDER_WAY, ON_SITE)
