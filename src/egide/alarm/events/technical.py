"""What is no alarm: messages that could not be verified or are not whole (safety rule 10)."""

from egide.events.base import Event


class VerificationFailed(Event, frozen=True):
    """A message named a known device but did not verify: for the technical lane, never an alarm. `reason` is a word."""

    device: str
    reason: str
    envelope_hash: str
    home_centre: str = ""


class HalfReceived(Event, frozen=True):
    """Half of a message that names a device came by SMS, and its other half has not: for the technical lane. It says
    nothing against the phone's key. `digest` is the half's SHA-256 (hex), its number before it.
    """

    device: str
    digest: str
    home_centre: str = ""
