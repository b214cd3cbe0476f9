"""Degrees to metres and back in the country's own map projection, Belgian Lambert 2008 (EPSG:3812), in
closed form, so that the alarm path loads no projection library."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

# EPSG:3812: GRS 80 (equal to WGS 84 within a tenth of a millimetre), two standard parallels. Within the
# country a length on this map differs from the length on the ground by at most 0.01 %.
_SEMI_MAJOR_M: Final = 6_378_137.0
_FLATTENING: Final = 1 / 298.257222101
_E: Final = math.sqrt(_FLATTENING * (2 - _FLATTENING))
_LAT_0: Final = math.radians(50.797815)
_LON_0: Final = math.radians(4.359215833333333)
_LAT_1: Final = math.radians(49 + 50 / 60)
_LAT_2: Final = math.radians(51 + 10 / 60)
_FALSE_EASTING_M: Final = 649_328.0
_FALSE_NORTHING_M: Final = 665_262.0

# The projection sends the south pole to infinity: positions beyond are treated as if they were here.
_SOUTHERNMOST_DEG: Final = -85.0


def _t(lat: float) -> float:
    """Snyder, Map Projections: A Working Manual (USGS 1395), formula 15-9; lat in radians."""
    s = _E * math.sin(lat)
    return math.tan(math.pi / 4 - lat / 2) / math.pow((1 - s) / (1 + s), _E / 2)


def _m(lat: float) -> float:
    """Snyder, formula 14-15; lat in radians."""
    return math.cos(lat) / math.sqrt(1 - (_E * math.sin(lat)) ** 2)


_N: Final = (math.log(_m(_LAT_1)) - math.log(_m(_LAT_2))) / (math.log(_t(_LAT_1)) - math.log(_t(_LAT_2)))
_AF_M: Final = _SEMI_MAJOR_M * _m(_LAT_1) / (_N * _t(_LAT_1) ** _N)
_RHO_0_M: Final = _AF_M * _t(_LAT_0) ** _N


def to_metres(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """(easting, northing) in metres of one position (Snyder, formulas 14-1, 14-2, 14-4, 15-7)."""
    rho_m = _AF_M * _t(math.radians(max(lat_deg, _SOUTHERNMOST_DEG))) ** _N
    theta = _N * (math.radians(lon_deg) - _LON_0)
    return (
        _FALSE_EASTING_M + rho_m * math.sin(theta),
        _FALSE_NORTHING_M + _RHO_0_M - rho_m * math.cos(theta),
    )


def lonlat_to_metres(lonlat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for an array of shape (n, 2) in GeoJSON's order (lon, lat)."""
    lat = np.radians(np.maximum(lonlat_deg[:, 1], _SOUTHERNMOST_DEG))
    s = _E * np.sin(lat)
    t = np.tan(math.pi / 4 - lat / 2) / ((1 - s) / (1 + s)) ** (_E / 2)
    rho_m = _AF_M * t**_N
    theta = _N * (np.radians(lonlat_deg[:, 0]) - _LON_0)
    return np.column_stack(
        (_FALSE_EASTING_M + rho_m * np.sin(theta), _FALSE_NORTHING_M + _RHO_0_M - rho_m * np.cos(theta))
    )


def metres_to_lonlat(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Array (n, 2) of (easting, northing) to (lon, lat) in degrees (Snyder, formulas 7-9, 14-9 to 14-11)."""
    x_m = metres[:, 0] - _FALSE_EASTING_M
    y_m = _RHO_0_M - (metres[:, 1] - _FALSE_NORTHING_M)
    t = (np.hypot(x_m, y_m) / _AF_M) ** (1 / _N)
    lat = math.pi / 2 - 2 * np.arctan(t)
    for _ in range(6):  # converges by a factor of 150 each time
        s = _E * np.sin(lat)
        lat = math.pi / 2 - 2 * np.arctan(t * ((1 - s) / (1 + s)) ** (_E / 2))
    lon = np.arctan2(x_m, y_m) / _N + _LON_0
    return np.column_stack((np.degrees(lon), np.degrees(lat)))
