"""Origins: which push services may be called (nothing else is, by a browser's wish), and the names of a demo."""

from collections.abc import Iterable
from urllib.parse import urlsplit

# Those behind Chrome and Edge on Android, Firefox, Edge on Windows, Safari.
PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://*.push.services.mozilla.com",
    "https://*.notify.windows.com",
    "https://*.push.apple.com",
)


def is_push_service(url: str, services: Iterable[str]) -> bool:
    """Whether this address lies at one of `services`."""
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    return any(_is_below(origin, service) for service in services)


def _is_below(origin: str, service: str) -> bool:
    scheme, star, name = service.partition("://*")
    return origin.startswith(f"{scheme}://") and origin.endswith(name) if star else origin == service


def plain_origin(origin: str) -> str:
    """The origin without the name in front of `localhost`, which tells the accounts of a demo apart; "" for another."""
    try:
        parts = urlsplit(origin)
        plain = f"{parts.scheme}://localhost:{parts.port}"
    except ValueError:
        return ""
    return plain if (parts.hostname or "").endswith(".localhost") else ""
