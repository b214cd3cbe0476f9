"""The services that may speak for trackers: a name and a secret each, from a file.

A forward carries the secret in `Authorization: Bearer`, since Traccar signs nothing; so it comes over TLS.
"""

import hashlib
import hmac
import re
from pathlib import Path

from egide.common.config import Config
from egide.common.files import check_private

BEARER = "Bearer "
_LINE = re.compile(r"([a-z][a-z0-9-]{0,31}) ([!-~]{32,128})")
MOST = 20
LEAST_SECRET = 32


class Services:
    """Those who know one of the secrets."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._digests = {name: hashlib.sha256(secret.encode()).digest() for name, secret in secrets.items()}

    @classmethod
    def of(cls, config: Config) -> "Services":
        """None that may speak where the file is not there or wrong: `problems` says so."""
        try:
            return cls(services_in(Path(config.tracker_services)) if config.tracker_services else {})
        except (OSError, ValueError):
            return cls({})

    @classmethod
    def alone(cls, name: str, path: str) -> "Services":
        """One service alone, whose secret is all that the file holds; nobody where it is not there or wrong."""
        if not path:
            return cls({})
        try:
            check_private(Path(path))
            secret = Path(path).read_text("utf-8").strip()
        except (OSError, ValueError):
            return cls({})
        return cls({name: secret} if len(secret) >= LEAST_SECRET else {})

    def named(self, authorization: str) -> str:
        """The service whose secret this header holds; "" for none. How long it takes says nothing of which was near."""
        given = hashlib.sha256(authorization.removeprefix(BEARER).encode()).digest()
        found = [name for name, digest in self._digests.items() if hmac.compare_digest(digest, given)]
        return found[0] if found and authorization.startswith(BEARER) else ""


def services_in(path: Path) -> dict[str, str]:
    """Each line a name, a space, and a secret of 32 to 128 signs. Raises ValueError naming the line, OSError."""
    check_private(path)
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise ValueError(
                f"line {number} of {path.name}: a name of small letters, a space, 32 to 128 signs"
            )
        if match[1] in found or len(found) == MOST:
            raise ValueError(f"line {number} of {path.name}: each name once, {MOST} at most")
        found[match[1]] = match[2]
    return found


def problems(config: Config) -> list[str]:
    """Sentences for the administrator; none where no service may speak."""
    if not config.tracker_services:
        return []
    try:
        found = services_in(Path(config.tracker_services))
    except PermissionError:
        return []
    except (OSError, ValueError) as error:
        return [f"EGIDE_TRACKER_SERVICES: {error}"]
    return [] if found else ["EGIDE_TRACKER_SERVICES: the file names no service"]
