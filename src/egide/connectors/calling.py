"""Calls to an address of the settings, answered there and nowhere else."""

import http.client
import urllib.request
from collections.abc import Mapping

TIMEOUT_S = 5


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a POST that is led elsewhere arrives there as a GET, and what it carried stays behind."""

    def redirect_request(self, *_: object) -> None:
        return None


# Every answer but 2xx raises `urllib.error.HTTPError`, one that leads elsewhere too.
call = urllib.request.build_opener(_Straight).open


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST JSON. Raises OSError (also urllib's errors) for every answer but 2xx, and for none within TIMEOUT_S."""
    all_headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, body, all_headers, method="POST")
    try:
        with call(request, timeout=TIMEOUT_S):
            return
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP: {type(error).__name__}") from error
