"""Whether the proxies in front say who calls: asked through them, with an address that is made up (decision 0075)."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

from egide.common.callers import ASKED, Question, Seen, asking, plain
from egide.common.config import Config
from egide.common.text import _
from egide.entrypoints.doctor.finding import LOOK, OK, WRONG, Finding
from egide.entrypoints.doctor.outside import WITHIN_S, secure_addresses

PROXIES = "proxies"
# Nobody has it (RFC 5737, TEST-NET-3).
FORGED = "203.0.113.77"
# A proxy may treat each address of intake by lines of its own.
_OF_INTAKE = ("/v1/messages", "/v1/enrolments", "/v1/openings", "/v1/receipt-keys")


def proxies(config: Config) -> Iterator[Finding]:
    """Nothing where no public address has TLS: there no proxy is in front."""
    secure = secure_addresses(config)
    is_well = bool(secure)
    for host, port, path in _asked(config):
        if (host, port) not in secure:
            continue
        found = _examined(config, host, port, path)
        if found is not None:
            is_well = False
            yield found
    if is_well:
        text = _("Behind each public name Egide knows who calls, whatever callers write of themselves.")
        yield Finding(PROXIES, OK, text)


def _asked(config: Config) -> list[tuple[str, int, str]]:
    """Host, port and path, one for each way by which requests come in, each once."""
    urls = [
        *((origin, "/healthz") for origin in config.web_origins),
        (config.live_url, "/v1/live"),
        *((url, path) for url in config.intake_urls for path in _OF_INTAKE),
        (config.phone_url, "/app/"),
    ]
    parsed = [(urlsplit(url), path) for url, path in urls if url]
    return list(dict.fromkeys((one.hostname or "", one.port or 443, path) for one, path in parsed))


def _examined(config: Config, host: str, port: int, path: str) -> Finding | None:
    where = f"{host}{path}"
    with asking(config.data_dir) as question:
        try:
            own = _ask(question, host, port, path)
        except (OSError, http.client.HTTPException) as error:
            text = _("{where} does not answer ({why}): nobody knows for whom callers are taken there.")
            return Finding(PROXIES, LOOK, text.format(where=where, why=error))
        seen = question.answer
    if seen is None:
        text = _(
            "{where} is answered by something else than the servers of this machine: give `egide doctor` where that"
            " name leads, and see that the proxy hands on every header."
        )
        return Finding(PROXIES, LOOK, text.format(where=where))
    wrong = wrong_with(seen, own)
    return Finding(PROXIES, WRONG, wrong.format(where=where, peer=seen.peer)) if wrong else None


def _ask(question: Question, host: str, port: int, path: str) -> str:
    """Ask as somebody else; returns the address from which it was asked. Raises OSError, HTTPException."""
    connection = http.client.HTTPSConnection(host, port, timeout=WITHIN_S)
    try:
        connection.request("GET", path, headers={"X-Forwarded-For": FORGED, ASKED: question.secret})
        own = str(connection.sock.getsockname()[0])
        # A stream of events would not end: the head is enough.
        connection.getresponse()
    finally:
        connection.close()
    return own


def wrong_with(seen: Seen, own: str) -> str:
    """The sentence, with names in braces; empty when whoever asked from the address `own` was not taken for another."""
    if not seen.is_proxy:
        return _(
            "{where} comes to Egide from {peer}, which EGIDE_TRUSTED_PROXIES does not name: all callers count as one."
            " If that is your proxy, name it."
        )
    said = [part.strip() for header in seen.forwarded for part in header.split(",")]
    if not said:
        return _(
            "The proxy at {where} does not say who calls, so all callers count as one: let it write X-Forwarded-For, by"
            " the line of docs/operations/nginx.conf, also in each `location` that has such lines of its own."
        )
    if seen.caller == FORGED and not _is_said_behind(said, own):
        return _(
            "The proxy at {where} hands on the address that a caller made up, so whoever forges one is held by no"
            " limit: let it append to X-Forwarded-For, by the line of docs/operations/nginx.conf, also in each"
            " `location` that has such lines of its own, or replace it, as docs/operations/Caddyfile does."
        )
    return ""


def _is_said_behind(said: list[str], own: str) -> bool:
    """Whether the proxy added who asked to what was made up. Who asks on the machine of a trusted proxy is himself one
    whose word counts."""
    behind = said[len(said) - said[::-1].index(FORGED) :]
    try:
        return bool(behind) and plain(behind[0]) == plain(own)
    except ValueError:
        return False
