"""What the map of an alarm draws, as plain values: degrees and metres. There may be no streets."""

from collections.abc import Container
from typing import Any

from egide.alarm.state import AlarmState
from egide.boards.geography import atlas
from egide.boards.service import Ground, last_position
from egide.boards.shown.words import PLACES, language
from egide.protocol.envelope import Position

_TRAIL_SHOWN = 200


def map_of(state: AlarmState, ground: Ground) -> dict[str, Any]:
    """The person: position, trail, bans, places of the file."""
    route = state.lead.route
    return {
        "duress": state.press.duress,
        "old": bool(route and route.basis == "last known"),
        "position": circle(last_position(state)),
        "trail": [
            degrees(fix.position.lat_e7, fix.position.lon_e7) for fix in state.press.trail[-_TRAIL_SHOWN:]
        ],
        "bans": [
            {
                **degrees(ban.area.lat_e7, ban.area.lon_e7),
                "radius": ban.area.radius_m,
                "kind": ban.kind,
                "where": ban.relation.where,
            }
            for ban in ground.bans
        ],
        "places": [
            {
                **degrees(place.area.lat_e7, place.area.lon_e7),
                "radius": place.area.radius_m,
                "name": str(PLACES.get(place.kind, PLACES["other"])),
            }
            for place in ground.places
        ],
    }


def around(lat: float, lon: float, wanted: Container[str] | None = None) -> dict[str, Any]:
    """GeoJSON (RFC 7946) of zones and named places around a position; `wanted`: of these zones alone."""
    geography = atlas()
    zones = [
        {
            "type": "Feature",
            "properties": {
                "id": zone.id,
                "name": zone.names.get(language(), zone.name),
                "centre": zone.centre,
            },
            "geometry": {"type": "MultiPolygon", "coordinates": zone.polygons},
        }
        for zone in geography.near(lat, lon)
        if wanted is None or zone.id in wanted
    ]
    places = [
        {
            "type": "Feature",
            "properties": {"place": place.name},
            "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        }
        for place in geography.places_near(lat, lon)
    ]
    return {"type": "FeatureCollection", "features": [*zones, *places]}


def circle(position: Position | None) -> dict[str, float] | None:
    """A position with its accuracy in metres."""
    return (
        {**degrees(position.lat_e7, position.lon_e7), "accuracy": position.accuracy_m} if position else None
    )


def degrees(lat_e7: int, lon_e7: int) -> dict[str, float]:
    """Ten-millionths of a degree as degrees."""
    return {"lat": lat_e7 / 1e7, "lon": lon_e7 / 1e7}
