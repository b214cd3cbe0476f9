"""By an HTTP call: a JSON object to an address that rings telephones or sends text messages."""

import socket
from urllib.parse import urlsplit

import msgspec

from egide.connectors.base import Alert, RoadError
from egide.connectors.calling import TIMEOUT_S, post


class HttpRoad:
    """POSTs `{"id", "subject", "text"}`; every 2xx answer means that it was taken, every other one that it was not."""

    name = "HTTP"

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"EGIDE_ALERT_URL is {url!r}: expected http:// or https://")
        self._url = url

    def send(self, alert: Alert) -> None:
        try:
            post(self._url, msgspec.json.encode(alert), {"Idempotency-Key": alert.id})
        except OSError as error:
            raise RoadError(f"HTTP: {error}") from error

    def check(self) -> None:
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), TIMEOUT_S).close()
        except OSError as error:
            raise RoadError(f"HTTP: {error}") from error
