"""What a team taps on its page (alarm.table). Each tap counts once, however often it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from egide.alarm.events.steps import BY_TEAM, BY_ZONE
from egide.alarm.rows import TEAM, Given, Speaker
from egide.alarm.rules import Refused
from egide.alarm.state import AlarmState
from egide.alarm.table import HELP, commands_of, decide
from egide.events.base import Event
from egide.protocol.envelope import Position, Source

KINDS = tuple(row.name for row in commands_of(TEAM))
# A tap that was kept on a phone for longer than its link lasts no longer says when.
MOST_AGE_S = 2 * 86_400
_MOST_M = 65_535
_ID = re.compile(r"[A-Za-z0-9-]{16,64}")
_NUMBER = re.compile(r"-?[0-9]{1,10}")


@dataclass(frozen=True)
class Tap:
    """One tap. `id` was drawn on the phone; `age_s` is how long it waited there to be sent."""

    kind: str
    id: str
    age_s: int
    position: Position | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def tap_of(form: Mapping[str, str]) -> Tap:
    """The tap in a form. Raises Refused "unclear".

    A position that makes no sense is left out: it must not hold up a call for help.
    """
    kind, tap_id = form.get("kind", ""), form.get("id", "")
    if kind not in KINDS or not _ID.fullmatch(tap_id):
        raise Refused("unclear")
    return Tap(
        kind=kind,
        id=tap_id,
        age_s=age_of(form),
        position=position_of(form) if kind == HELP else None,
        fields=dict(form),
    )


def decide_tap(state: AlarmState, tap: Tap, by: str, call_sign: str, now_us: int) -> list[Event]:
    """What a tap makes of the alarm. `call_sign` is empty for an officer, who reports for whichever team goes.

    Raises Refused.
    """
    given = Given(
        Speaker(TEAM, by, BY_TEAM if call_sign else BY_ZONE, call_sign),
        now_us=now_us,
        fields=tap.fields,
        age_s=tap.age_s,
        tap=tap.id,
        position=tap.position,
    )
    return decide(state, tap.kind, given)


def position_of(form: Mapping[str, str]) -> Position | None:
    """Where the phone is; None for what makes no sense."""
    lat_e7, lon_e7, accuracy_m = (_number(form, name) for name in ("lat_e7", "lon_e7", "accuracy_m"))
    if lat_e7 is None or lon_e7 is None or accuracy_m is None:
        return None
    if abs(lat_e7) > 900_000_000 or abs(lon_e7) > 1_800_000_000 or accuracy_m < 0:
        return None
    return Position(lat_e7, lon_e7, min(accuracy_m, _MOST_M), 0, Source.UNKNOWN)


def age_of(form: Mapping[str, str]) -> int:
    """Seconds that it waited on the phone."""
    return min(max(_number(form, "age_s") or 0, 0), MOST_AGE_S)


def _number(form: Mapping[str, str], name: str) -> int | None:
    text = form.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None
