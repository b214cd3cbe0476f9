"""The authority's OpenID provider: where it is, and its keys. Asked over TLS, seldom, and never waited for long.

A person who signs in waits on a thread that boards need too: what cannot be reached is not asked again at once.
"""

import ssl
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import jwt
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from egide.outbox.service import clock

TIMEOUT_S = 4
WELL_KNOWN = "/.well-known/openid-configuration"
# How long what the provider says of itself holds; how long an answer that did not come is not asked for again; and how
# often an unknown key lets us look for new ones.
HOLDS_S, AWAY_S, KEYS_EVERY_S = 600, 5, 30
# Public keys alone: a shared secret would let anyone who knows it write tokens (RFC 8725, sections 2.1 and 3.1).
_KINDS = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("EdDSA",)}


# What a call raises that brought no answer.
NoAnswer = requests.RequestException


class Calls(requests.Session):
    """Calls with our deadline, that follow nobody to another place."""

    def request(self, *args: Any, **more: Any) -> requests.Response:
        more |= {"timeout": TIMEOUT_S, "allow_redirects": False}
        return super().request(*args, **more)


class ProviderAway(Exception):
    """The provider does not answer, or not as an OpenID provider does."""


@dataclass
class _Known:
    """What one process knows of one provider. `*_at_us` are steady times; `metadata` is empty until it answered."""

    metadata: dict[str, Any] = field(default_factory=dict)
    metadata_at_us: int = 0
    away_at_us: int | None = None
    keys: list[dict[str, Any]] = field(default_factory=list)
    keys_at_us: int | None = None


_known: dict[str, _Known] = {}
_lock = threading.Lock()


def is_set_up() -> bool:
    """Whether this installation signs in with a provider at all."""
    return bool(settings.EGIDE.signin_issuer)


def issuer() -> str:
    """The provider's name for itself, in every token."""
    return str(settings.EGIDE.signin_issuer)


def client_id() -> str:
    """Our name at the provider."""
    return str(settings.EGIDE.signin_client)


def counts_as_second_factor(acr: object, amr: object) -> bool:
    """Whether the provider says that it asked for what this authority accepts as a second factor."""
    said = {acr} if isinstance(acr, str) else set()
    if isinstance(amr, list):
        said |= {one for one in amr if isinstance(one, str)}
    return bool(said.intersection(settings.EGIDE.signin_factors))


def metadata() -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0, section 4). Raises ProviderAway."""
    known, now_us = _known.setdefault(issuer(), _Known()), clock().steady_us()
    if known.metadata and 0 <= now_us - known.metadata_at_us < HOLDS_S * 1_000_000:
        return known.metadata
    if known.away_at_us is not None and 0 <= now_us - known.away_at_us < AWAY_S * 1_000_000:
        raise ProviderAway("it did not answer a moment ago")
    try:
        found = _ask(issuer().rstrip("/") + WELL_KNOWN)
        _check_metadata(found)
    except ProviderAway:
        known.away_at_us = now_us
        raise
    known.metadata, known.metadata_at_us, known.away_at_us = found, now_us, None
    return found


def known_metadata() -> dict[str, Any]:
    """The same without asking anybody: empty when nothing is known."""
    known = _known.get(issuer())
    return known.metadata if known else {}


def key_for(kid: object, algorithm: str) -> Any:
    """The public key that a token names, or None. An unknown name lets us ask for the keys again, now and then.

    Raises ProviderAway.
    """
    known = _known.setdefault(issuer(), _Known())
    found = _fitting(known.keys, kid, algorithm)
    if found is None and _may_ask_for_keys(known):
        keys = _ask(_https(metadata(), "jwks_uri")).get("keys")
        known.keys = [one for one in keys if isinstance(one, dict)] if isinstance(keys, list) else []
        found = _fitting(known.keys, kid, algorithm)
    return found


def forget() -> None:
    """Know nothing, as a process that has just begun."""
    _known.clear()


def session() -> Calls:
    """Calls the provider: by the trust of this machine (SSL_CERT_FILE), and nowhere else than asked."""
    made = Calls()
    made.mount("https://", _OurTrust())
    made.mount("http://", _Nowhere())
    return made


def _may_ask_for_keys(known: _Known) -> bool:
    """At most now and then, whoever asks: tokens that strangers make up must not flood the provider."""
    now_us = clock().steady_us()
    with _lock:
        if known.keys_at_us is not None and 0 <= now_us - known.keys_at_us < KEYS_EVERY_S * 1_000_000:
            return False
        known.keys_at_us = now_us
        return True


def _fitting(keys: list[dict[str, Any]], kid: object, algorithm: str) -> Any:
    for one in keys:
        kind = _KINDS.get(str(one.get("kty")), ())
        if one.get("kid") != kid or one.get("use", "sig") != "sig" or not algorithm.startswith(kind):
            continue
        if one.get("alg", algorithm) != algorithm:
            continue
        try:
            return jwt.PyJWK(one, algorithm).key
        except jwt.PyJWTError:
            return None
    return None


def _check_metadata(found: dict[str, Any]) -> None:
    """Raises ProviderAway for what belongs to another provider, or would send people and secrets in clear text."""
    if found.get("issuer") != issuer():
        raise ProviderAway("it calls itself otherwise than EGIDE_SIGNIN_ISSUER")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _https(found, name)


def _https(found: dict[str, Any], name: str) -> str:
    address = found.get(name)
    if not isinstance(address, str) or not address.startswith("https://"):
        raise ProviderAway(f"its {name} is no https address")
    return address


def _ask(address: str) -> dict[str, Any]:
    try:
        with session() as calls:
            answer = calls.get(address)
            # Another place that it names is not the one that was asked.
            found = answer.json() if answer.status_code == HTTPStatus.OK else None
    except (requests.RequestException, ValueError) as error:
        raise ProviderAway("it does not answer") from error
    if not isinstance(found, dict):
        raise ProviderAway("its answer is not what was asked for")
    return found


class _OurTrust(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, ssl_context=ssl.create_default_context())

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The context decides: requests would add the authorities that REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name."""
        return super().build_connection_pool_key_attributes(request, True, cert)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context decides: requests would add authorities of its own."""


class _Nowhere(HTTPAdapter):
    def send(self, *_args: Any, **_more: Any) -> requests.Response:
        raise requests.exceptions.InvalidSchema("only https")
