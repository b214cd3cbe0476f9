"""The kinds of devices that are no phones, as the page for officers names them: one row each."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from egide.protocol.sources import BTHOME, DC09, TRACCAR


@dataclass(frozen=True)
class SourceKind:
    """One kind: how it is called, what its name is and looks like, and whether it has a key and a place,
    and says on an interval that it works."""

    title: str | Promise
    means: str | Promise
    name: str | Promise
    example: str
    has_key: bool = False
    has_place: bool = False
    has_interval: bool = False


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
    DC09: SourceKind(
        title=_("Alarm device"),
        means=_(
            "It speaks SIA DC-09 over a network or a SIM of its own, under a key that it shares with us."
        ),
        name=_("Account number that it sends"),
        example="4711",
        has_key=True,
        has_place=True,
        has_interval=True,
    ),
}
