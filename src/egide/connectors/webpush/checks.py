"""What can be seen to be wrong with the settings before anybody has to be woken."""

import re
from urllib.parse import urlsplit

from egide.common.addresses import is_here
from egide.common.config import Config
from egide.common.vapid import private_key

# A star stands for names below one that somebody has: alone, or before a whole country's, it would allow every host.
_ANY_BELOW = re.compile(r"https?://\*\.[0-9a-z-]+(\.[0-9a-z-]+)+(:[0-9]{1,5})?")
_ONE = re.compile(r"https?://([0-9a-z-]+(\.[0-9a-z-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def problems(config: Config) -> list[str]:
    """Sentences for the administrator; none where nobody is to be woken."""
    if not config.push_contact:
        return []
    found = [_service(service) for service in config.push_services]
    if not config.push_contact.startswith(("mailto:", "https://")):
        found.append(f"EGIDE_PUSH_CONTACT is {config.push_contact!r}: expected mailto:… or https://…")
    try:
        private_key(config)
    except (ValueError, OSError) as error:
        found.append(f"The key of Web Push cannot be read: {error}")
    return [problem for problem in found if problem]


def _service(service: str) -> str:
    """A push service is called over TLS; one on this machine need not be."""
    is_good = False
    if _ONE.fullmatch(service) or _ANY_BELOW.fullmatch(service):
        one = service.replace("://*.", "://")
        is_good = urlsplit(one).scheme == "https" or is_here(one)
    return (
        ""
        if is_good
        else f"EGIDE_PUSH_SERVICES names {service!r}: expected origins like https://push.example"
    )
