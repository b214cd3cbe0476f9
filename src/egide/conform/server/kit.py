"""The kit that checks a server as a phone sees it: all its points, in the order in which they are tried."""

from egide.conform.points import Kit
from egide.conform.server import enrolling, limits, messages, presses, surface
from egide.conform.server.lab import ServerLab

KIT: Kit[ServerLab] = Kit(
    "phone", (surface.FIRST, enrolling.KIT, messages.KIT, presses.KIT, limits.KIT, surface.LAST)
)
