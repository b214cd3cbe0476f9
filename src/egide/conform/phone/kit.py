"""The kit that checks a phone by a pretended server: all its points, in the order in which they are tried."""

from egide.conform.phone import enrolling, others, presses
from egide.conform.phone.lab import PhoneLab
from egide.conform.points import Kit

KIT: Kit[PhoneLab] = Kit("phone-side", (enrolling.KIT, presses.KIT, others.FOLLOWING, others.ALL))
