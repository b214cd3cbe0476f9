"""Enrolment: a one-time code and a fresh public key against the button's key and the server's."""

import hashlib
import secrets
from typing import Annotated

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.protocol.keys import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, SigningKey, signature_is_valid

# How long a one-time code may be used.
CODE_LIFETIME_S = 15 * 60
# Crockford's alphabet without letters that are mistaken for digits: 12 signs carry 60 bits.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS, _GROUP_SIGNS = 3, 4


def fresh_code() -> str:
    """A one-time code as people read and type it."""
    groups = ("".join(map(secrets.choice, (_CODE_ALPHABET,) * _GROUP_SIGNS)) for _ in range(_CODE_GROUPS))
    return "-".join(groups)


class Settings(msgspec.Struct, frozen=True):
    """Settings of one kit that the phone must know: `hold_ms` of its screen, `button_hold_ms` of its button.

    `version` is 0 for those of the issue; it only rises. Bounds: those of `Settings` in contracts/intake.openapi.yaml.
    """

    hold_ms: int = 2000
    position_interval_s: int = 5
    heartbeat_interval_s: int = 900
    tail_s: int = 3600
    button_hold_ms: int = 2000
    version: int = 0


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What enrols, in its own words: "web" (a page in a browser), "native" or "companion", and its version.

    Its key signs this. Other kinds may come: a reader takes an unknown one for a web page at most.
    """

    kind: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z-]{0,15}$")]
    version: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z.+-]{1,32}$")]


WEB, NATIVE, COMPANION = "web", "native", "companion"


class EnrolmentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Body of POST /v1/enrolments; keys and signature are base64url. Phones from before say not what they are."""

    code: str
    public_key: str
    signature: str
    client: Client | None = None


class TextRoad(msgspec.Struct, frozen=True):
    """Where a phone without data sends a press as one binary text message (contracts/sms.json)."""

    number: str
    port: int


class EnrolmentReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """Reply to an accepted enrolment; keys are base64url. `texts`: None where the installation has no such road."""

    kid: str
    kit: str
    button_id: str
    button_key: str
    server_key: str
    servers: tuple[str, ...]
    settings: Settings
    texts: TextRoad | None = None


def code_hash(code: str) -> str:
    """SHA-256 (hex) of a code as people type it: case, spaces and dashes do not count."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(b"egide-code-1\0" + plain.encode()).hexdigest()


def enrolment_statement(code: str, public_key: bytes, client: Client | None = None) -> bytes:
    """What the new key signs to prove that the phone holds it, and to say what it is."""
    if client is None:
        return b"egide-enrolment-1\0" + bytes.fromhex(code_hash(code)) + public_key
    said = f"{client.kind}\0{client.version}".encode()
    return b"egide-enrolment-2\0" + bytes.fromhex(code_hash(code)) + public_key + said


def make_request(code: str, key: SigningKey, client: Client | None = None) -> EnrolmentRequest:
    """The request that enrols `key` with `code`."""
    public_key = bytes(key.verify_key)
    signature = key.sign(enrolment_statement(code, public_key, client)).signature
    return EnrolmentRequest(code, to_base64url(public_key), to_base64url(signature), client)


def check_request(request: EnrolmentRequest) -> bytes:
    """The public key (32 bytes) whose possession is proven, by what it says of itself too. Raises ValueError."""
    public_key = from_base64url(request.public_key, PUBLIC_KEY_BYTES)
    signature = from_base64url(request.signature, SIGNATURE_BYTES)
    if not signature_is_valid(
        public_key, enrolment_statement(request.code, public_key, request.client), signature
    ):
        raise ValueError("the signature does not prove possession of the key")
    return public_key
