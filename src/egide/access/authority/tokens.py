"""What is believed of a token: signed by the provider, for us, now, and for this very question.

OpenID Connect Core 1.0, section 3.1.3.7, and Back-Channel Logout 1.0, section 2.6; algorithms as RFC 8725 advises.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import jwt
from django.core.cache import cache

from egide.access.authority import provider
from egide.access.authority.marks import mark_of
from egide.outbox.service import clock

ALGORITHMS = (
    *(f"{kind}{size}" for kind in ("RS", "PS", "ES") for size in (256, 384, 512)),
    "EdDSA",
)
# How far its clock and ours may be apart; how old a token may be that has just been asked for.
SKEW_S, FRESH_S, LONGEST = 30, 300, 8_192
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_UNCHECKED = dict.fromkeys(
    ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)


class Unbelievable(Exception):
    """A token that is not believed; the message says which check it failed, for the log."""


@dataclass(frozen=True)
class SignedInThere:
    """What an ID token says that counts here: who, in which session of the provider, and how it asked."""

    sub: str
    sid: str
    has_second_factor: bool
    auth_time_s: int


@dataclass(frozen=True)
class EndedThere:
    """What a logout token says: whose sessions, or which one; either may be empty, never both."""

    sub: str
    sid: str


def check_id_token(text: str, nonce: str, not_before_s: int | None = None) -> SignedInThere:
    """What an ID token says. Raises Unbelievable, ProviderAway.

    `nonce` is what we sent along; `not_before_s` is when we asked that the person prove anew who they are.
    """
    claims = _read(text, {"jwt"})
    if not nonce or claims.get("nonce") != nonce:
        raise Unbelievable("nonce")
    sub, auth_time = claims.get("sub"), claims.get("auth_time")
    if not isinstance(sub, str) or not sub:
        raise Unbelievable("sub")
    if not_before_s is not None and not (isinstance(auth_time, int) and auth_time >= not_before_s - SKEW_S):
        raise Unbelievable("auth_time")
    sid = claims.get("sid")
    return SignedInThere(
        sub=sub,
        sid=sid if isinstance(sid, str) else "",
        has_second_factor=provider.counts_as_second_factor(claims.get("acr"), claims.get("amr")),
        auth_time_s=auth_time if isinstance(auth_time, int) else 0,
    )


def check_logout_token(text: str) -> EndedThere:
    """What a logout token says; each counts once. Raises Unbelievable, ProviderAway."""
    claims = _read(text, {"jwt", "logout+jwt"})
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise Unbelievable("events")
    if "nonce" in claims:
        raise Unbelievable("nonce")
    sub, sid, jti = (claims.get(name, "") for name in ("sub", "sid", "jti"))
    if not all(isinstance(one, str) for one in (sub, sid, jti)) or not (sub or sid):
        raise Unbelievable("sub and sid")
    lasts_s = 2 * (FRESH_S + SKEW_S)
    if not jti or not cache.add(f"authority-{mark_of(jti)}", 1, lasts_s):
        raise Unbelievable("jti")
    return EndedThere(sub, sid)


def _read(text: str, types: Set[str]) -> dict[str, Any]:
    """The claims of a token with a good signature, from our provider, for us, and of now.

    Many providers name no type; one that is named is one of `types` (RFC 8725, section 3.11).
    """
    if len(text) > LONGEST:
        raise Unbelievable("length")
    try:
        header = jwt.get_unverified_header(text)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Unbelievable("algorithm")
        if str(header.get("typ", "jwt")).lower().removeprefix("application/") not in types:
            raise Unbelievable("type")
        key = provider.key_for(header.get("kid"), algorithm)
        if key is None:
            raise Unbelievable("key")
        claims = jwt.decode(text, key, [algorithm], options=_UNCHECKED)  # type: ignore[arg-type]
    except jwt.PyJWTError as error:
        raise Unbelievable("signature") from error
    _check_party(claims)
    _check_time(claims)
    return claims


def _check_party(claims: dict[str, Any]) -> None:
    if claims.get("iss") != provider.issuer():
        raise Unbelievable("iss")
    audience, ours = claims.get("aud"), provider.client_id()
    audiences = audience if isinstance(audience, list) else [audience]
    if ours not in audiences or claims.get("azp", ours) != ours:
        raise Unbelievable("aud")
    if len(audiences) > 1 and "azp" not in claims:
        raise Unbelievable("azp")


def _check_time(claims: dict[str, Any]) -> None:
    now_s = clock().now_us() // 1_000_000
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now_s - SKEW_S:
        raise Unbelievable("exp")
    if not isinstance(issued, int) or not now_s - FRESH_S - SKEW_S <= issued <= now_s + SKEW_S:
        raise Unbelievable("iat")
    begins = claims.get("nbf", issued)
    if not isinstance(begins, int) or begins > now_s + SKEW_S:
        raise Unbelievable("nbf")
