"""Certificates that Egide itself shows or trusts, named in the settings: the day on which each ends. Nothing refuses to
run because of one: what it is for stops working by itself, and presses get in (decision 0076)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509

from egide.common.clock import Clock, utc
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, WRONG, Finding
from egide.entrypoints.doctor.outside import CERTIFICATES, LOOK_DAYS, WRONG_DAYS


def certificate_files(config: Config, clock: Clock) -> Iterator[Finding]:
    """Those that end soon, ended, or cannot be read; nothing where all last."""
    for setting, path, is_trusted in _named(config):
        try:
            until = _end(path.read_bytes(), is_trusted)
        except (OSError, ValueError) as error:
            text = _("{file} ({setting}) cannot be read as a certificate: {why}")
            yield Finding(CERTIFICATES, WRONG, text.format(file=path, setting=setting, why=error))
            continue
        days = (until - utc(clock.now_us())).days
        if days < LOOK_DAYS:
            text = _("{file} ({setting}) ends on {day} (days: {days}): put a new one in its place.")
            said = text.format(file=path, setting=setting, day=until.date().isoformat(), days=days)
            yield Finding(CERTIFICATES, WRONG if days < WRONG_DAYS else LOOK, said)


def _named(config: Config) -> Iterator[tuple[str, Path, bool]]:
    """Setting, file, and whether it says whom to trust: of several there, the one that lasts longest counts."""
    if config.audit_certificate:
        yield "EGIDE_AUDIT_CERTIFICATE", Path(config.audit_certificate), False
    for setting, address in (("EGIDE_JOURNAL", config.journal), ("EGIDE_RECORDS", config.records)):
        if not address:
            continue
        # Its driver is loaded where the settings name a database.
        from egide.common.postgres.session import parameters

        given = parameters(setting, address, "", application="egide", session={})
        for name, is_trusted in (("sslcert", False), ("sslrootcert", True)):
            # "system" (libpq, section 34.19) means what the machine trusts.
            if given.get(name, "system") != "system":
                yield setting, Path(given[name]), is_trusted


def _end(pem: bytes, is_trusted: bool) -> datetime:
    """Raises ValueError where it holds no certificate."""
    ends = [one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem)]
    return max(ends) if is_trusted else ends[0]
