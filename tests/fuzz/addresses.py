"""Addresses that browsers name to be woken at, for `targets`."""

from pathlib import Path

from yarl import URL

from egide.common.config import Config
from egide.connectors.calling import MOST_WAIT_S, wait_in

_CONFIG = Config(
    Path("none"),
    push_services=(
        "https://push.example",
        "https://*.push.example",
        "http://127.0.0.1:2586",
        "https://[fd00::1]",
    ),
)
_HOSTS = ("push.example", "127.0.0.1", "fd00::1")


def push_address(data: bytes) -> None:
    """What is called is the host that was looked at, as the library that calls reads it: nobody's wish leads elsewhere.

    And how long a push service wants to be left alone, which comes beside.
    """
    text = data.decode("utf-8", "replace")
    assert 0 <= wait_in(text) <= MOST_WAIT_S
    if not _CONFIG.is_push_service(text):
        return
    called = URL(text)
    host = called.raw_host or ""
    assert host in _HOSTS or host.endswith(".push.example")
    assert called.user is None and called.password is None
    assert (called.scheme, called.port) in (("https", 443), ("http", 2586))
