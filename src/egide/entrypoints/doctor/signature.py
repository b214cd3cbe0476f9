"""The authority's signature under decisions and agreements: whether it can be used, and for how long still."""

from collections.abc import Iterator

from egide.common.clock import Clock, utc
from egide.common.config import Config
from egide.common.signature.pades import SigningError, signer_of
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding

SIGNATURE = "signature"
_LOOK_DAYS = 60


def signature(config: Config, clock: Clock) -> Iterator[Finding]:
    """What somebody meets who makes a decision now."""
    try:
        signer = signer_of(config)
    except SigningError as error:
        if isinstance(error.__cause__, PermissionError):
            # Another account asks: the key is not its business, and nothing is wrong with that.
            text = _("The signature is for the account of the pages alone: ask as that one.")
            yield Finding(SIGNATURE, OK, text)
            return
        yield Finding(SIGNATURE, WRONG, _("{why} See EGIDE_SIGNATURE.").format(why=error))
        return
    if signer is None:
        yield Finding(SIGNATURE, OK, _("Papers are signed by hand alone (EGIDE_SIGNATURE is not set)."))
        return
    days = (signer.ends - utc(clock.now_us())).days
    if days >= _LOOK_DAYS:
        text = _("Decisions and agreements are signed by {holder} (days left: {days}).")
        yield Finding(SIGNATURE, OK, text.format(holder=signer.holder, days=days))
        return
    text = _(
        "The certificate of the signature ends soon (days: {days}): renew it, no decision is made afterwards."
    )
    yield Finding(SIGNATURE, WRONG if days < 0 else LOOK, text.format(days=days))
