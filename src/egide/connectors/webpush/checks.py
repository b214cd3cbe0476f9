"""What can be seen to be wrong with the settings before anybody has to be woken."""

from urllib.parse import urlsplit

from egide.common.config import Config
from egide.common.vapid import private_key

_HERE = ("localhost", "127.0.0.1", "::1")


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
    """A push service is called over TLS; one on this machine, for tests, need not be."""
    try:
        parts = urlsplit(service.replace("://*.", "://"))
        is_good = bool(parts.hostname) and not parts.path
    except ValueError:
        is_good = False
    else:
        is_good = is_good and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
        )
    return (
        ""
        if is_good
        else f"EGIDE_PUSH_SERVICES names {service!r}: expected origins like https://push.example"
    )
