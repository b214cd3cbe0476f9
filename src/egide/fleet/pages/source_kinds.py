"""The kinds of devices that are no phones, as the page for officers names them: one row each."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.protocol.sources import BTHOME, TRACCAR


@dataclass(frozen=True)
class SourceKind:
    """One kind: how it is called, what its name is and looks like, and whether it has a key and a place."""

    title: str | Promise
    means: str | Promise
    name: str | Promise
    example: str
    has_key: bool = False
    has_place: bool = False


# By the word of the road (`protocol.sources.ROADS`).
KINDS: dict[str, SourceKind] = {
    BTHOME: SourceKind(
        title=_("Button at home"),
        means=_(
            "It needs no phone: gateways at home hand on what it broadcasts. Anybody can follow it by radio, so it"
            " stays there."
        ),
        name=_("Address, as it is printed on it"),
        example="0C:EF:F6:01:02:03",
        has_key=True,
        has_place=True,
    ),
    TRACCAR: SourceKind(
        title=_("Tracker"),
        means=_("It has a SIM of its own, and its service speaks for it. It says itself where it is."),
        name=_("Number of the device, as its service knows it"),
        example="356938035643809",
    ),
}
