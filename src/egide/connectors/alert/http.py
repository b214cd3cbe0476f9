"""By an HTTP call: a JSON object to an address that rings telephones or sends text messages."""

import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import msgspec

from egide.connectors.base import Alert, RoadError

TIMEOUT_S = 5


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a POST that is led elsewhere arrives there as a GET, and the alert stays behind."""

    def redirect_request(self, *_: object) -> None:
        return None


class HttpRoad:
    """POSTs `{"id", "subject", "text"}`; every 2xx answer means that it was taken, every other one that it was not."""

    name = "HTTP"

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"EGIDE_ALERT_URL is {url!r}: expected http:// or https://")
        self._url = url
        self._opener = urllib.request.build_opener(_Straight)

    def send(self, alert: Alert) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": alert.id}
        request = urllib.request.Request(self._url, msgspec.json.encode(alert), headers, method="POST")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return
        except (OSError, urllib.error.URLError) as error:
            raise RoadError(f"HTTP: {error}") from error

    def check(self) -> None:
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), TIMEOUT_S).close()
        except OSError as error:
            raise RoadError(f"HTTP: {error}") from error
