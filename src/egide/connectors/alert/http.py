"""By an HTTP call: a JSON object to an address that rings telephones or sends text messages."""

import urllib.error
import urllib.request

import msgspec

from egide.connectors.base import Alert, RoadError

TIMEOUT_S = 5


class HttpRoad:
    """POSTs `{"id", "subject", "text"}`; every 2xx answer means that it was taken."""

    name = "HTTP"

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"EGIDE_ALERT_URL is {url!r}: expected http:// or https://")
        self._url = url

    def send(self, alert: Alert) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": alert.id}
        request = urllib.request.Request(self._url, msgspec.json.encode(alert), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):
                return
        except (OSError, urllib.error.URLError) as error:
            raise RoadError(f"HTTP: {error}") from error
