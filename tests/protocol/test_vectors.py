"""contracts/vectors.json holds for this implementation, is whole, and is what its script makes."""

import hashlib
import json
from typing import Any

import msgspec
import pytest

from egide.common.encoding import from_base64url
from egide.companion.compartments import Compartments, Page, opened
from egide.protocol.enrolment import Client, code_hash, enrolment_statement
from egide.protocol.envelope import Battery, EnvelopeError, Kind, Message, Position, decode, encode
from egide.protocol.keys import SigningKey, kid_of, signature_is_valid
from egide.protocol.opening import key_of, opening_statement, part_of, stretched, tag_of
from egide.protocol.receipt import Receipt, receipt_is_valid, receipt_statement
from egide.protocol.receipt_key import handed_on, handing_statement
from tools.make_vectors import PATH, text

VECTORS: dict[str, Any] = json.loads(PATH.read_text())


def named(section: str) -> pytest.MarkDecorator:
    """One test for each vector of a section."""
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: vector["name"])


def message_of(fields: dict[str, Any]) -> Message:
    position, battery, body = fields["position"], fields["battery"], fields["body"]
    return Message(
        kind=Kind(fields["kind"]),
        counter=fields["counter"],
        sent_at_s=fields["sent_at_s"],
        position=Position(**position) if position else None,
        battery=Battery(**battery) if battery else None,
        link=fields["link"],
        trigger=fields["trigger"],
        press=fields["press"],
        body=None if body is None else bytes.fromhex(body),
    )


def bytes_of(vector: dict[str, Any]) -> bytes:
    if "envelope" in vector:
        return bytes.fromhex(vector["envelope"])
    return b"".join(bytes.fromhex(piece) * times for piece, times in vector["parts"])


def test_the_file_is_what_its_script_makes() -> None:
    assert PATH.read_text() == text()


@named("valid")
def test_a_valid_vector_encodes_and_decodes_to_the_byte(vector: dict[str, Any]) -> None:
    key = SigningKey(bytes.fromhex(vector["seed"]))
    message = message_of(vector["message"])
    data = encode(message, key)
    assert data.hex() == vector["envelope"]
    envelope = decode(data)
    assert envelope.message == message
    assert envelope.payload.hex() == vector["payload"]
    assert envelope.to_be_signed.hex() == vector["to_be_signed"]
    assert envelope.kid.hex() == vector["kid"] == kid_of(bytes.fromhex(vector["public_key"])).hex()
    assert envelope.is_signed_by(bytes.fromhex(vector["public_key"]))


@named("malformed")
def test_a_malformed_vector_is_refused_with_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError) as caught:
        decode(bytes_of(vector))
    assert caught.value.reason == vector["reason"]


@named("forged")
def test_a_forged_vector_can_be_read_but_not_verified(vector: dict[str, Any]) -> None:
    assert not decode(bytes_of(vector)).is_signed_by(bytes.fromhex(vector["public_key"]))


def test_valid_vectors_cover_every_kind_and_the_longest_press() -> None:
    assert {vector["message"]["kind"] for vector in VECTORS["valid"]} == set(map(int, Kind))
    sizes = [len(bytes_of(v)) for v in VECTORS["valid"] if v["message"]["kind"] == Kind.PRESS]
    assert max(sizes) == 133


def test_every_reason_is_explained_and_has_a_malformed_vector() -> None:
    assert len(VECTORS["malformed"]) >= 40
    assert {vector["reason"] for vector in VECTORS["malformed"]} == set(VECTORS["reasons"])


@pytest.mark.parametrize("vector", VECTORS["receipts"], ids=lambda vector: str(vector["receipt"]["seq"]))
def test_receipt_vectors_hold(vector: dict[str, Any]) -> None:
    envelope = bytes_of(vector)
    digest = hashlib.sha256(envelope).digest()
    receipt = msgspec.convert(vector["receipt"], Receipt)
    assert receipt_statement(digest, receipt).hex() == vector["statement"]
    assert receipt_is_valid(receipt, envelope, bytes.fromhex(vector["server_key"]))
    assert len(from_base64url(receipt.signature)) == 64


@pytest.mark.parametrize("vector", VECTORS["receipt_keys"], ids=lambda vector: str(vector["link"][:8]))
def test_receipt_key_vectors_hold(vector: dict[str, Any]) -> None:
    key, following = (bytes.fromhex(vector[name]) for name in ("key", "following"))
    assert handing_statement(key, following).hex() == vector["statement"]
    assert handed_on(vector["link"], key) == following
    assert [handed_on(wrong, key) for wrong in vector["wrong"].values()] == [b""] * 5


@pytest.mark.parametrize(
    "vector", VECTORS["enrolments"], ids=lambda vector: f"{vector['code']} {vector['client']}"
)
def test_enrolment_vectors_hold(vector: dict[str, Any]) -> None:
    public_key = bytes.fromhex(vector["public_key"])
    client = msgspec.convert(vector["client"], Client | None)
    statement = enrolment_statement(vector["code"], public_key, client)
    assert code_hash(vector["code"]) == vector["code_hash"]
    assert statement.hex() == vector["statement"]
    assert signature_is_valid(public_key, statement, bytes.fromhex(vector["signature"]))


@pytest.mark.parametrize("vector", VECTORS["openings"], ids=lambda vector: vector["code"])
def test_opening_vectors_hold(vector: dict[str, Any]) -> None:
    stretch = stretched(vector["code"], bytes.fromhex(vector["salt"]))
    tag = tag_of(stretch)
    part = part_of(bytes.fromhex(vector["secret"]), tag)
    made = {
        "stretch": stretch,
        "tag": tag,
        "statement": opening_statement(tag),
        "part": part,
        "key": key_of(stretch, part),
    }
    assert {name: value.hex() for name, value in made.items()} == {name: vector[name] for name in made}


@pytest.mark.parametrize("vector", VECTORS["compartments"], ids=("first", "second"))
def test_compartment_vectors_hold(vector: dict[str, Any]) -> None:
    both = msgspec.convert(vector["compartments"], Compartments)
    mine, other = (opened(bytes.fromhex(vector[code]), both) for code in ("own", "threat"))
    assert mine is not None and other is not None
    assert (mine.is_threat, mine.page) == (False, msgspec.convert(vector["page"], Page))
    assert (other.is_threat, other.page) == (True, Page())
    assert opened(bytes(32), both) is None
