"""Origins: where this installation's pages are, which push services may be called (nothing else is, by a browser's
wish), and the names of a demo."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# Those behind Chrome and Edge on Android, Firefox, Edge on Windows, Safari.
PUSH_SERVICES = (
    "https://fcm.googleapis.com",
    "https://*.push.services.mozilla.com",
    "https://*.notify.windows.com",
    "https://*.push.apple.com",
)


_PLAIN = re.compile(r"[!-\[\]-~]+")
_HOST = re.compile(r"([0-9a-z_-]+(\.[0-9a-z_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def is_push_service(url: str, services: Iterable[str]) -> bool:
    """Whether this address lies at one of `services`.

    Only what every program reads alike: printable ASCII without a backslash, a name or a number as host, nobody's name
    before it. Otherwise what is called could be another host than the one that was looked at.
    """
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if not is_port or not _HOST.fullmatch(parts.netloc.lower()):
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


class Reached:
    """What follows from the addresses of an installation."""

    web_origins: tuple[str, ...]
    phone_url: str
    push_services: tuple[str, ...]
    demo: bool

    def cookie(self, name: str) -> str:
        """Its name: outside the demo one that only this host, and only over TLS, can set (RFC 6265bis, 4.1.3.2)."""
        return name if self.demo else f"__Host-{name}"

    def is_web_origin(self, origin: str) -> bool:
        """Whether pages of this origin are ours; in the demo each account has a `….localhost` name of its own."""
        return origin in self.web_origins or (self.demo and plain_origin(origin) in self.web_origins)

    def is_push_service(self, url: str) -> bool:
        """Whether a browser may name this address to be woken at: nothing else is ever called by its wish."""
        return is_push_service(url, self.push_services)

    @property
    def scheme(self) -> str:
        """How people reach the pages; TLS ends in front of them."""
        return urlsplit(next(iter(self.web_origins), "")).scheme or "http"

    def app_page(self, path: str = "") -> str:
        """Where phones open the app, or a page beside it."""
        return f"{(self.phone_url or self.page('/app')).rstrip('/')}/{path}"

    def page(self, path: str) -> str:
        """The public address of a page; a path that begins with a slash."""
        return next(iter(self.web_origins), "") + path
