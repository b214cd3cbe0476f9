"""Whether somebody gets in on the day on which the authority's provider is away (decision 0057)."""

from collections.abc import Iterator

from egide.common.clock import Clock
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.doctor.finding import OK, WRONG, Finding
from egide.entrypoints.upgrading.records import column

CHECK = "sign-in"
# Accounts with two halves that still count: taken, not void, and each with a person who may still sign in.
_SEALED = """
SELECT account.name
FROM access_user AS account
JOIN access_emergencyhalf AS half ON half.user_id = account.id
JOIN access_user AS holder ON holder.name = half.holder AND holder.is_active
WHERE account.is_active AND account.is_emergency
    AND half.secret_hash <> '' AND (half.valid_until_us = 0 OR half.valid_until_us > {now_us})
GROUP BY account.name HAVING COUNT(*) = 2
"""


def emergency_accounts(config: Config, clock: Clock) -> Iterator[Finding]:
    """Nothing where everybody signs in here: a provider that is away keeps nobody out."""
    if not config.signin_issuer:
        return
    sealed = len(column(config, _SEALED.format(now_us=clock.now_us())))
    if not sealed:
        text = _(
            "No emergency account is sealed: while the sign-in with work accounts does not answer, nobody with one"
            " gets in. Prepare an emergency account for each place."
        )
        yield Finding(CHECK, WRONG, text)
    else:
        text = _("Emergency accounts that two people can open: {number}.")
        yield Finding(CHECK, OK, text.format(number=sealed))
