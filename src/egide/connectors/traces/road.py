"""The connection to the authority's collector: OTLP over HTTP. What cannot be told is dropped."""

from urllib.parse import urlsplit

from egide.common.config import Config
from egide.connectors.base import RoadError
from egide.connectors.calling import JSON, call


def problems(config: Config) -> list[str]:
    """Faults that the settings show by themselves: sentences for the administrator."""
    parts = urlsplit(config.traces_url)
    if not config.traces_url or (parts.scheme in ("http", "https") and parts.hostname):
        return []
    return [f"EGIDE_TRACES_URL is {config.traces_url!r}: expected http:// or https://, with the whole path"]


def send(url: str, trace: bytes) -> None:
    """POST one trace. Raises RoadError."""
    try:
        call(url, trace, JSON)
    except OSError as error:
        raise RoadError(f"traces: {error}") from error
