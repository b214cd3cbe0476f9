"""Writes contracts/vectors.json: what every implementation must read the same way.

`python -m tools.make_vectors` writes the file, `--check` tells whether the one in the tree is what is made here.
"""

import hashlib
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from egide.common.encoding import from_base64url, to_base64url
from egide.companion.compartments import Page, sealed
from egide.protocol.cbor import encode
from egide.protocol.enrolment import NATIVE, WEB, Client, Settings, code_hash, enrolment_statement
from egide.protocol.envelope import (
    MAX_BYTES,
    Battery,
    Envelope,
    Kind,
    Message,
    Position,
    Source,
    Trigger,
    decode,
    seal_payload,
)
from egide.protocol.envelope import encode as encode_envelope
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.link import LinkFlag
from egide.protocol.opening import SALT_BYTES, key_of, opening_statement, part_of, stretched, tag_of
from egide.protocol.receipt import Pending, Receipt, receipt_statement, sign_receipt
from egide.protocol.receipt_key import hand_on, handing_statement
from egide.protocol.settings import PENDING, settings_text
from tools.vector_faults import REASONS, Fault, faults

PATH = Path(__file__).parents[1] / "contracts" / "vectors.json"

ABOUT = [
    "Test vectors for contracts/envelope.cddl, made by tools/make_vectors.py. Byte strings are lower-case hexadecimal.",
    "valid: `envelope` is what a phone whose Ed25519 seed (RFC 8032) is `seed` sends for `message`; encoding gives"
    " exactly these bytes, decoding gives exactly this message, and the signature over `to_be_signed` verifies under"
    " `public_key`. In a message, null stands for a field that is absent; in `battery`, for 255 (not known).",
    "malformed: decoding `envelope` fails with the word `reason` (explained in `reasons`); each is signed correctly"
    " where it can be, so nothing but the fault named is wrong. One has `parts` instead of `envelope`: [bytes, times]"
    " pairs to be repeated and joined.",
    "forged: decoding succeeds, but the signature does not verify under `public_key`.",
    "receipts: `signature` (base64url without padding) is over `statement` by the server's key, for the SHA-256 of"
    " `envelope`, `seq` and `received_at` (milliseconds).",
    "receipt_keys: `link` (base64url without padding) holds the key that follows `key` and the signature over"
    " `statement` by it; for `key`, the `wrong` ones hand nothing on.",
    "enrolments: `signature` is by the new key over `statement`, which holds `code_hash`; codes that differ only in"
    " case, spaces and dashes are the same code. `client` is what the phone says that it is, null for one that says"
    " nothing.",
    "openings: `stretch` is scrypt of the code's digits and `salt` (N 2^15, r 8, p 1, 32 bytes), `tag` HMAC-SHA256 of"
    " `egide-opening-tag-1` under it; `statement` is signed by the phone. `part` is what a server of `secret` answers,"
    " and `key`, HMAC-SHA256 of `egide-opening-key-1`, a zero byte and `part` under `stretch`, is what the code opens.",
    "compartments: what lies on the phone: `own` (32 bytes) opens `page`, `threat` an empty one, no other key anything."
    " `head` is 12 bytes of nonce and AES-256-GCM under the code's key of one byte (1: under threat), the page's key"
    " and the key that both share; `page` is the same under the shared key of the same under the page's key.",
]

PHONE = SigningKey(hashlib.sha256(b"egide vector phone").digest())
OTHER = SigningKey(hashlib.sha256(b"egide vector other phone").digest())
SERVER = SigningKey(hashlib.sha256(b"egide vector server").digest())
NEXT_SERVER = SigningKey(hashlib.sha256(b"egide vector next server").digest())

_AT_S = 1_800_000_000
_MONS = Position(504_542_000, 39_523_000, 12, 3, Source.SATELLITE)

VALID: dict[str, Message] = {
    "press: minimal": Message(kind=Kind.PRESS, counter=1, sent_at_s=0),
    "press: as a phone sends it": Message(
        kind=Kind.PRESS,
        counter=42,
        sent_at_s=_AT_S,
        position=_MONS,
        battery=Battery(81, 64),
        link=3,
        trigger=Trigger.BUTTON,
    ),
    "press: every field at its longest": Message(
        kind=Kind.PRESS,
        counter=4_294_967_295,
        sent_at_s=4_294_967_295,
        position=Position(-900_000_000, -1_800_000_000, 65_535, 65_535, 255),
        battery=Battery(100, None),
        link=65_535,
        trigger=255,
    ),
    "press: no position": Message(kind=Kind.PRESS, counter=43, sent_at_s=_AT_S, battery=Battery(5, 90)),
    "press: battery of neither known": Message(
        kind=Kind.PRESS, counter=44, sent_at_s=_AT_S, battery=Battery()
    ),
    "press: southern and western": Message(
        kind=Kind.PRESS, counter=45, sent_at_s=_AT_S, position=Position(-1, -1, 0, 0, 0)
    ),
    "press: north pole, date line": Message(
        kind=Kind.PRESS, counter=46, sent_at_s=_AT_S, position=Position(900_000_000, 1_800_000_000, 1, 1, 3)
    ),
    "press: set off on the screen": Message(
        kind=Kind.PRESS, counter=24, sent_at_s=_AT_S, trigger=Trigger.SCREEN
    ),
    "position: belongs to a press": Message(
        kind=Kind.POSITION, counter=47, sent_at_s=_AT_S + 5, position=_MONS, press=46
    ),
    "position: minimal": Message(kind=Kind.POSITION, counter=48, sent_at_s=_AT_S),
    "heartbeat: with battery and link": Message(
        kind=Kind.HEARTBEAT, counter=256, sent_at_s=_AT_S, battery=Battery(None, 100), link=0
    ),
    "heartbeat: microphone refused": Message(
        kind=Kind.HEARTBEAT,
        counter=257,
        sent_at_s=_AT_S,
        link=LinkFlag.BUTTON_PAIRED | LinkFlag.MICROPHONE_REFUSED,
    ),
    "heartbeat: minimal": Message(kind=Kind.HEARTBEAT, counter=65_536, sent_at_s=65_535),
    "cancel: PIN entered": Message(
        kind=Kind.CANCEL, counter=49, sent_at_s=_AT_S, press=46, trigger=Trigger.SCREEN, body=b""
    ),
    "cancel: under threat": Message(
        kind=Kind.CANCEL, counter=50, sent_at_s=_AT_S, press=1, trigger=Trigger.DURESS, body=b"\x00\xff"
    ),
    "test: with position": Message(kind=Kind.TEST, counter=51, sent_at_s=_AT_S, position=_MONS),
    "text: a silent answer": Message(
        kind=Kind.TEXT, counter=52, sent_at_s=_AT_S, press=46, body="Küche, zweiter Stock".encode()
    ),
    "audio: a piece of sound": Message(
        kind=Kind.AUDIO, counter=53, sent_at_s=_AT_S, press=46, body=bytes(range(256)) * 2
    ),
    "notice: the button is unpaired": Message(
        kind=Kind.NOTICE, counter=54, sent_at_s=_AT_S, body=b"button-unpaired"
    ),
    "notice: every field": Message(
        kind=Kind.NOTICE,
        counter=4_294_967_295,
        sent_at_s=4_294_967_295,
        position=_MONS,
        battery=Battery(0, 0),
        link=1,
        trigger=0,
        press=4_294_967_294,
        body=b"x" * 24,
    ),
}


def vectors() -> dict[str, Any]:
    """The content of the file."""
    return {
        "about": ABOUT,
        "reasons": REASONS,
        "valid": [_valid(name, message) for name, message in VALID.items()],
        "malformed": [_malformed(fault) for fault in faults(PHONE, MAX_BYTES)],
        "forged": list(_forged()),
        "receipts": [_receipt(receipt) for receipt in RECEIPTS],
        "receipt_keys": [_receipt_key()],
        "enrolments": [
            _enrolment("7KQM-2XVD"),
            _enrolment("7kqm 2xvd"),
            _enrolment("A"),
            _enrolment("7KQM-2XVD", Client(WEB, "0.1.0")),
            _enrolment("7KQM-2XVD", Client(NATIVE, "2.13.0-rc.1+7")),
        ],
        "openings": [_opening("2468"), _opening("13579024")],
        "compartments": [_compartments(lot) for lot in range(2)],
    }


def text() -> str:
    """The file itself."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


def _valid(name: str, message: Message) -> dict[str, Any]:
    data = encode_envelope(message, PHONE)
    envelope = decode(data)
    return {
        "name": name,
        **_key(PHONE),
        "message": _fields(message),
        "payload": envelope.payload.hex(),
        "to_be_signed": envelope.to_be_signed.hex(),
        "envelope": data.hex(),
    }


def _opening(code: str) -> dict[str, Any]:
    salt = hashlib.sha256(b"egide vector salt").digest()[:SALT_BYTES]
    secret = hashlib.sha256(b"egide vector secret").digest()
    stretch = stretched(code, salt)
    tag = tag_of(stretch)
    part = part_of(secret, tag)
    return {
        "code": code,
        "salt": salt.hex(),
        "stretch": stretch.hex(),
        "tag": tag.hex(),
        "statement": opening_statement(tag).hex(),
        "secret": secret.hex(),
        "part": part.hex(),
        "key": key_of(stretch, part).hex(),
    }


def _compartments(lot: int) -> dict[str, Any]:
    """`lot`: which of the two lies first."""
    own, threat = (hashlib.sha256(f"egide vector {code}".encode()).digest() for code in ("own", "threat"))
    page = Page("0198c0de-0000-7000-8000-000000000001", "button-1", 1_800_000_000_000)
    drawn = itertools.count()

    def fresh(size: int) -> bytes:
        if size == 1:
            return bytes([lot])
        return hashlib.sha256(f"egide vector random {lot} {next(drawn)}".encode()).digest()[:size]

    both = sealed(own, threat, page, fresh)
    return {
        "own": own.hex(),
        "threat": threat.hex(),
        "page": msgspec.to_builtins(page),
        "compartments": msgspec.to_builtins(both),
    }


def _key(key: SigningKey) -> dict[str, str]:
    public_key = bytes(key.verify_key)
    return {
        "seed": bytes(key).hex(),
        "public_key": public_key.hex(),
        "kid": kid_of(public_key).hex(),
    }


def _fields(message: Message) -> dict[str, Any]:
    position, battery = message.position, message.battery
    return {
        "kind": int(message.kind),
        "counter": message.counter,
        "sent_at_s": message.sent_at_s,
        "position": position
        and {
            "lat_e7": position.lat_e7,
            "lon_e7": position.lon_e7,
            "accuracy_m": position.accuracy_m,
            "age_s": position.age_s,
            "source": int(position.source),
        },
        "battery": battery and {"phone_pct": battery.phone_pct, "button_pct": battery.button_pct},
        "link": message.link,
        "trigger": None if message.trigger is None else int(message.trigger),
        "press": message.press,
        "body": None if message.body is None else message.body.hex(),
    }


def _malformed(fault: Fault) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": fault.name, "reason": fault.reason}
    if len(fault.parts) == 1:
        return entry | {"envelope": fault.parts[0][0].hex()}
    return entry | {"parts": [[piece.hex(), times] for piece, times in fault.parts]}


def _forged() -> list[dict[str, str]]:
    data = encode_envelope(VALID["press: as a phone sends it"], PHONE)
    good = decode(data)
    kid = kid_of(bytes(PHONE.verify_key))
    other_payload = encode({1: 1, 2: 43, 3: _AT_S})
    alien = SigningKey(hashlib.sha256(b"egide vector aggressor").digest())
    without_context = PHONE.sign(good.payload).signature
    cases = {
        "signature of another message": seal_payload(kid, other_payload, good.signature),
        "signed by another key under this key id": _signed_as(good, kid, alien),
        "signature over the payload alone": seal_payload(kid, good.payload, without_context),
        "signature of zeros": seal_payload(kid, good.payload, bytes(64)),
        "last bit of the signature flipped": data[:-1] + bytes((data[-1] ^ 1,)),
        "key id of another phone": seal_payload(
            kid_of(bytes(OTHER.verify_key)), good.payload, good.signature
        ),
    }
    public_key = bytes(PHONE.verify_key).hex()
    return [
        {"name": name, "public_key": public_key, "envelope": forged.hex()} for name, forged in cases.items()
    ]


def _signed_as(good: Envelope, kid: bytes, key: SigningKey) -> bytes:
    return seal_payload(kid, good.payload, key.sign(good.to_be_signed).signature)


RECEIPTS = (
    Receipt(1, "a1b2c3d4e5f60718-1", 1, "received", 2, ()),
    Receipt(
        1_234_567,
        "a1b2c3d4e5f60718-1",
        1_800_000_000_123,
        "acknowledged",
        4,
        (Pending("seen"), Pending("text", "weapon")),
    ),
    Receipt(0, "", 1_800_000_000_123, "kept", 4, ()),
    Receipt(0, "", 2**53 - 1, "noted", 2**32, (Pending("check", "test-due button-battery"),)),
    Receipt(
        0,
        "",
        1_800_000_000_000,
        "noted",
        12,
        (
            Pending("check", "test-due"),
            Pending(PENDING, settings_text(Settings(1500, 10, 600, 1800, 3000, 1_800_000_000))),
        ),
    ),
)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    envelope = encode_envelope(VALID["press: as a phone sends it"], PHONE)
    digest = hashlib.sha256(envelope).digest()
    return {
        "server_seed": bytes(SERVER).hex(),
        "server_key": bytes(SERVER.verify_key).hex(),
        "envelope": envelope.hex(),
        "statement": receipt_statement(digest, receipt).hex(),
        "receipt": msgspec.to_builtins(sign_receipt(SERVER, digest, receipt)),
    }


def _receipt_key() -> dict[str, Any]:
    key, following = bytes(SERVER.verify_key), bytes(NEXT_SERVER.verify_key)
    link = hand_on(SERVER, following)
    return {
        "key": key.hex(),
        "following": following.hex(),
        "statement": handing_statement(key, following).hex(),
        "link": link,
        "wrong": {
            "signed by another": hand_on(OTHER, following),
            "signed by the one that follows": hand_on(NEXT_SERVER, following),
            "for another": to_base64url(bytes(OTHER.verify_key) + from_base64url(link)[32:]),
            "too short": link[:-4],
            "nothing": "",
        },
    }


def _enrolment(code: str, client: Client | None = None) -> dict[str, Any]:
    public_key = bytes(PHONE.verify_key)
    statement = enrolment_statement(code, public_key, client)
    return {
        "code": code,
        "code_hash": code_hash(code),
        "client": msgspec.to_builtins(client),
        **_key(PHONE),
        "statement": statement.hex(),
        "signature": PHONE.sign(statement).signature.hex(),
    }


def main(arguments: list[str]) -> int:
    """Write the file, or with --check compare it."""
    if "--check" not in arguments:
        PATH.write_text(text())
        return 0
    if PATH.exists() and PATH.read_text() == text():
        return 0
    print(f"{PATH.name} is not what tools/make_vectors.py makes: run it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
