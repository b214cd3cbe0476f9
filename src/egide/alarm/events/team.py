"""Who is informed, who goes, and how far they are."""

from egide.alarm.events import steps
from egide.events.base import Event
from egide.protocol.envelope import Position

# Stands where a zone stands when the federal police sends the team; it has a telephone number like a zone.
FEDERAL = "federal"


class ZoneConfirmed(Event, frozen=True):
    """A named person of `zone`, or its dispatch reference, stands for: this zone is informed and leads."""

    user: str
    zone: str
    reference: str


class NoPatrolFree(Event, frozen=True):
    """The zone that leads has nobody to send. It stays responsible until somebody else is named."""

    user: str
    zone: str


class TeamNamed(Event, frozen=True):
    """A team of `zone` was chosen; `telephone` may be empty."""

    user: str
    zone: str
    call_sign: str
    telephone: str = ""


class TeamLinkMade(Event, frozen=True):
    """A link for the named team. `link` is the SHA-256 (hex) of its secret, `code` a keyed one of its short code."""

    user: str
    link: str
    code: str
    expires_at_s: int


class TeamLinkOpened(Event, frozen=True):
    """The first device that opened the link; `device` is the SHA-256 (hex) of the secret that it keeps."""

    link: str
    device: str


class TeamUnderWay(Event, frozen=True):
    """The team left; `by` is who reported it, `age_s` seconds before it arrived here.

    `tap` here and below marks one tap on a team's phone, sent again or not; `told` is whose word it is (events.steps).
    """

    by: str
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class TeamOnSite(Event, frozen=True):
    """The team is on the spot; `by` is who reported it, `age_s` seconds before it arrived here; `told` as above."""

    by: str
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class TeamPositioned(Event, frozen=True):
    """Where the phone of the team `by` is, by the team's own wish; `age_s` seconds before it arrived here."""

    by: str
    position: Position
    age_s: int = 0


class TeamDelayed(Event, frozen=True):
    """The team arrives later: `in_s` seconds after this was said, which was `age_s` seconds before it arrived here.

    `told` is whose word it is. The clocks go on: a new time of arrival takes no deadline away (safety rule 1).
    """

    by: str
    in_s: int
    reason: str
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class StepCorrected(Event, frozen=True):
    """A `step` that was said wrong is put right: it was taken at `was_at_us` (microseconds), or not at all: 0.

    `told` is whose word it is now. `holds` is the step for which the word of the team or its zone still stands.
    """

    by: str
    step: str
    was_at_us: int
    reason: str
    holds: str = ""
    age_s: int = 0
    tap: str = ""
    told: str = steps.BY_TEAM


class TeamReported(Event, frozen=True):
    """The report of the team, or of its zone: `outcome` is a word of events.outcomes. The team's access ends.

    `again`: it takes the place of the one that the same author wrote before.
    """

    by: str
    outcome: str
    text: str
    age_s: int = 0
    tap: str = ""
    again: bool = False
