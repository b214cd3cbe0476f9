"""Of a receiver that shows alarms to teams: which of them are told of this one, under the names of their devices.

Each team is told by itself, as a receiver of its own. Its zone keeps a list of its units; a device is called by zone
and call sign together, since two zones may have the same call signs. A team that no list has is told nothing.
"""

import re
from typing import Final, Protocol

import msgspec

from egide.alarm.events.elsewhere import name_of_team, team_in
from egide.alarm.state import AlarmState
from egide.connectors.dispatch.receivers import Receiver

ZONE, SIGN = "{zone}", "{call_sign}"
CALL_SIGN: Final = re.compile(r"[^\s,<>&\"'][^,<>&\"'\x00-\x1f]{0,59}")


class Addressee(msgspec.Struct, frozen=True):
    """Who is told: a receiver, or a team as one. `is_meant`: it is theirs now; `is_known`: they have a device."""

    receiver: Receiver
    is_meant: bool = True
    is_known: bool = True


class Units(Protocol):
    """The lists of zones (`egide.boards.telling`)."""

    def unit_called(self, zone: str, call_sign: str) -> str: ...


def addressees(state: AlarmState, receiver: Receiver, units: Units) -> list[Addressee]:
    """Teams that were told of it and are no longer sent, then the one that is."""
    named = state.team.named
    meant = name_of_team(receiver.name, named.zone, named.call_sign) if named else ""
    told = (one.receiver for one in state.told if one.receiver != meant)
    teams = [team_in(name) for name in (*told, meant)]
    return [
        _addressee(receiver, zone, call_sign, units, name_of_team(system, zone, call_sign) == meant)
        for system, zone, call_sign in teams
        if system == receiver.name and call_sign
    ]


def _addressee(receiver: Receiver, zone: str, call_sign: str, units: Units, is_meant: bool) -> Addressee:
    unit = units.unit_called(zone, call_sign)
    device = receiver.teams.replace(ZONE, zone).replace(SIGN, unit or call_sign)
    team = msgspec.structs.replace(
        receiver,
        name=name_of_team(receiver.name, zone, call_sign),
        more=receiver.more | {"call_signs": device},
        teams="",
    )
    return Addressee(team, is_meant, bool(unit) and bool(CALL_SIGN.fullmatch(device)))


def faults_of(teams: str) -> list[str]:
    """What is wrong with the names of devices, in words that follow the name of a receiver."""
    if ZONE not in teams or SIGN not in teams:
        return [f"teams is {teams!r}: expected {ZONE} and {SIGN} in it, as in '{ZONE} {SIGN}'"]
    if not CALL_SIGN.fullmatch(teams):
        return [f"teams is {teams!r}: it has signs that no call sign has"]
    return []
