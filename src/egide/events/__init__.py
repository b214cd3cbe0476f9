"""The vocabulary: every event that the journal can hold. A newcomer reads this package first."""

from egide.events import accounts, alarm, casework, figures, register, sms, sound, survey, system
from egide.events.base import REGISTRY, Event, decode, encode

__all__ = [
    "REGISTRY",
    "Event",
    "accounts",
    "alarm",
    "casework",
    "decode",
    "encode",
    "figures",
    "register",
    "sms",
    "sound",
    "survey",
    "system",
]
