"""Sources of positions: invented ones for demonstrations and tests, standing or walking; entered by hand; none."""

import math

from egide.common.clock import Clock
from egide.protocol.envelope import Position, Source

_METRES_PER_DEGREE = 111_320.0


class NoFix:
    """A phone that does not know where it is."""

    def current(self) -> Position | None:
        return None


class StandingStill:
    """Always the same place: invented, or `by_hand`, where somebody says that this stands."""

    def __init__(self, lat: float, lon: float, accuracy_m: int, by_hand: bool = False) -> None:
        source = Source.MANUAL if by_hand else Source.SATELLITE
        self._position = Position(round(lat * 1e7), round(lon * 1e7), accuracy_m, 0, source)

    def current(self) -> Position | None:
        return self._position


class Walking:
    """From an invented place on a straight line: `bearing_deg` clockwise from north, `speed_m_s`."""

    def __init__(
        self, clock: Clock, lat: float, lon: float, accuracy_m: int, bearing_deg: float, speed_m_s: float
    ) -> None:
        self._clock = clock
        self._since_us = clock.now_us()
        self._start = (lat, lon)
        self._accuracy_m = accuracy_m
        self._bearing = math.radians(bearing_deg)
        self._speed_m_s = speed_m_s

    def current(self) -> Position | None:
        walked_m = (self._clock.now_us() - self._since_us) / 1e6 * self._speed_m_s
        lat, lon = self._start
        lat += walked_m * math.cos(self._bearing) / _METRES_PER_DEGREE
        lon += walked_m * math.sin(self._bearing) / (_METRES_PER_DEGREE * math.cos(math.radians(lat)))
        return Position(round(lat * 1e7), round(lon * 1e7), self._accuracy_m, 0, Source.SATELLITE)
