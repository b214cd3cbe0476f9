"""The answer to a proxy that asks who we are by name and password (Digest: RFC 3261, section 22; SHA-256: RFC 8760).

The password itself never goes out, and nothing of it goes to anybody but the next hop of the settings.
"""

import hashlib
import re
import secrets
from pathlib import Path
from typing import Final

import msgspec

from egide.common.files import check_private
from egide.connectors.ng112.sip import Answer

# A challenge stands in the one, its answer in the other.
_HEADERS: Final = {
    401: ("www-authenticate", "Authorization"),
    407: ("proxy-authenticate", "Proxy-Authorization"),
}
# The better first. MD5 is what most proxies ask for; under TLS nobody sees what is made of it.
_HASHES: Final = {"sha-256": "sha256", "md5": "md5"}
_VALUE = re.compile(r'([A-Za-z-]{1,30})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,|$)')


class Login(msgspec.Struct, frozen=True):
    """A name and its password."""

    name: str
    password: str


class Challenge(msgspec.Struct, frozen=True):
    """What a proxy wants to be answered. `opaque` goes back as it came; `counts` where the request is to be counted."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str | None
    counts: bool


def login_in(path: Path) -> Login:
    """From a file with `name:password`. Raises OSError, ValueError."""
    check_private(path)
    name, colon, password = path.read_text(encoding="utf-8").strip().partition(":")
    if not (name and colon and password and name.isprintable() and password.isprintable()):
        raise ValueError("expected name:password in one line")
    return Login(name, password)


def challenge_in(answer: Answer) -> Challenge | None:
    """The best one that can be answered; None where there is none."""
    header, _reply = _HEADERS.get(answer.status, ("", ""))
    found = [one for text in answer.headers.get(header, ()) if (one := _challenge(text)) is not None]
    return min(found, key=lambda one: list(_HASHES).index(one.algorithm.lower()), default=None)


def _challenge(text: str) -> Challenge | None:
    scheme, _space, rest = text.partition(" ")
    if scheme.lower() != "digest":
        return None
    values: dict[str, str] = {}
    for name, quoted, plain in _VALUE.findall(rest):
        values.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or plain)
    algorithm, qop = values.get("algorithm", "MD5"), values.get("qop")
    ways = [way.strip().lower() for way in qop.split(",")] if qop is not None else []
    if not values.get("nonce") or "realm" not in values or algorithm.lower() not in _HASHES:
        return None
    if ways and "auth" not in ways:
        return None
    return Challenge(values["realm"], values["nonce"], algorithm, values.get("opaque"), bool(ways))


def authorization(answer: Answer, login: Login, method: str, uri: str, own: str = "") -> str:
    """The line of the head that answers this challenge; empty where it cannot be answered. `own` is a number of ours
    that nobody can foresee; it is drawn where none is given."""
    challenge = challenge_in(answer)
    if challenge is None:
        return ""
    own = own or secrets.token_hex(8)
    values = {
        "username": _quoted(login.name),
        "realm": _quoted(challenge.realm),
        "nonce": _quoted(challenge.nonce),
        "uri": _quoted(uri),
        "response": _quoted(_response(challenge, login, method, uri, own)),
        "algorithm": challenge.algorithm,
    }
    if challenge.opaque is not None:
        values["opaque"] = _quoted(challenge.opaque)
    if challenge.counts:
        # Each challenge is answered once: whoever asks again has another nonce.
        values |= {"qop": "auth", "nc": "00000001", "cnonce": _quoted(own)}
    _asked, reply = _HEADERS[answer.status]
    return f"{reply}: Digest " + ", ".join(f"{name}={value}" for name, value in values.items())


def _response(challenge: Challenge, login: Login, method: str, uri: str, own: str) -> str:
    """RFC 7616, section 3.4.1; without a count as RFC 2069 had it."""
    algorithm = challenge.algorithm
    who = _hashed(algorithm, f"{login.name}:{challenge.realm}:{login.password}")
    what = _hashed(algorithm, f"{method}:{uri}")
    between = f"{challenge.nonce}:00000001:{own}:auth" if challenge.counts else challenge.nonce
    return _hashed(algorithm, f"{who}:{between}:{what}")


def _hashed(algorithm: str, text: str) -> str:
    return hashlib.new(_HASHES[algorithm.lower()], text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
