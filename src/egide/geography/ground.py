"""Distances, bearings and circles on the ground (sphere of radius 6 371 008.8 m, IUGG mean)."""

import math

EARTH_RADIUS_M = 6_371_008.8
# Degrees around the country with a margin of some 20 km.
SOUTH, NORTH = 49.3, 51.75
WEST, EAST = 2.2, 6.7


def degrees(value_e7: int) -> float:
    """Degrees for a coordinate in 1e-7 degree."""
    return value_e7 / 1e7


def distance_m(lat_a_e7: int, lon_a_e7: int, lat_b_e7: int, lon_b_e7: int) -> float:
    """Great-circle distance in metres (haversine)."""
    phi_a, phi_b = math.radians(lat_a_e7 / 1e7), math.radians(lat_b_e7 / 1e7)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = math.radians((lon_b_e7 - lon_a_e7) / 1e7) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def bearing_deg(lat_a_e7: int, lon_a_e7: int, lat_b_e7: int, lon_b_e7: int) -> float:
    """Initial bearing from a to b, 0 to 360 degrees clockwise from north."""
    phi_a, phi_b = math.radians(lat_a_e7 / 1e7), math.radians(lat_b_e7 / 1e7)
    delta = math.radians((lon_b_e7 - lon_a_e7) / 1e7)
    y = math.sin(delta) * math.cos(phi_b)
    x = math.cos(phi_a) * math.sin(phi_b) - math.sin(phi_a) * math.cos(phi_b) * math.cos(delta)
    return math.degrees(math.atan2(y, x)) % 360
