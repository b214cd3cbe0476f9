"""How somebody moved when the phone was last heard, and how far they may be by now (safety rule 6). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from egide.alarm.state import Fix
from egide.geography.ground import bearing_deg, distance_m

# Somebody who stood still may have begun to walk: the pace at which crossings are timed is 1.2 m/s, a brisk one 1.4.
WALKING_M_S = 1.4
# A train on the fastest line of the country runs 300 km/h; what looks faster is an error of a position.
FASTEST_M_S = 84.0
# Further back, the road may have turned; closer together, the error of two fixes is larger than the distance.
_WINDOW_S = 90.0
_LEAST_S = 4.0


@dataclass(frozen=True)
class Motion:
    """Speed in metres a second, 0 when no movement stands out from the fixes' own error; `heading_deg` is clockwise
    from north, None without movement."""

    speed_m_s: float
    heading_deg: float | None = None

    @property
    def speed_km_h(self) -> int:
        return round(self.speed_m_s * 3.6)


def taken_at_s(fix: Fix) -> float:
    """When the position was taken, on the server's clock."""
    return fix.at_us / 1e6 - fix.position.age_s


def motion_of(trail: Sequence[Fix]) -> Motion | None:
    """The movement between the latest fix and those of the minute and a half before it; None where there are none."""
    if not trail:
        return None
    last = trail[-1]
    until_s = taken_at_s(last)
    earlier = [fix for fix in trail[:-1] if _LEAST_S <= until_s - taken_at_s(fix) <= _WINDOW_S]
    if not earlier:
        return None
    first = min(earlier, key=taken_at_s)
    a, b = first.position, last.position
    length_m = distance_m(a.lat_e7, a.lon_e7, b.lat_e7, b.lon_e7)
    if length_m <= max(a.accuracy_m, b.accuracy_m):
        return Motion(0.0)
    speed_m_s = length_m / (until_s - taken_at_s(first))
    if speed_m_s > FASTEST_M_S:
        return None
    return Motion(speed_m_s, bearing_deg(a.lat_e7, a.lon_e7, b.lat_e7, b.lon_e7))


def pace_m_s(motion: Motion | None) -> float:
    """The speed at which the circle around the last fix grows: the last known one, a walker's at least."""
    return max(WALKING_M_S, motion.speed_m_s if motion else 0.0)
