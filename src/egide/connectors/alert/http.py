"""By an HTTP call: a JSON object to an address that rings telephones or sends text messages."""

import socket
from urllib.parse import urlsplit

import msgspec

from egide.connectors.base import Alert, RoadError
from egide.connectors.calling import DEADLINE_S, JSON, call


class HttpRoad:
    """POSTs `{"id", "subject", "text"}`; every 2xx answer means that it was taken, every other one that it was not."""

    name = "HTTP"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"EGIDE_ALERT_URL is {url!r}: expected http:// or https://")
        self._url = url
        self._address = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)

    def send(self, alert: Alert) -> None:
        try:
            call(self._url, msgspec.json.encode(alert), JSON | {"Idempotency-Key": alert.id})
        except OSError as error:
            raise RoadError(f"HTTP: {error}") from error

    def check(self) -> None:
        try:
            socket.create_connection(self._address, DEADLINE_S).close()
        except OSError as error:
            raise RoadError(f"HTTP: {error}") from error
