"""The vocabulary of everything but the alarm, whose events are in alarm/events/."""

from egide.events import accounts, casework, figures, register, rollout, shifts, sources, survey, system
from egide.events.base import REGISTRY, Event, decode, encode

__all__ = [
    "REGISTRY",
    "Event",
    "accounts",
    "casework",
    "decode",
    "encode",
    "figures",
    "register",
    "rollout",
    "shifts",
    "sources",
    "survey",
    "system",
]
