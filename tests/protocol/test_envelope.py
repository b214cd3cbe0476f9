"""Envelopes: bytes to messages and back, whatever the bytes; cbor2 is the oracle for what is accepted."""

import cbor2
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from egide.protocol.envelope import (
    MAX_BYTES,
    MAX_PRESS_BYTES,
    Battery,
    Envelope,
    EnvelopeError,
    Kind,
    Message,
    Position,
    decode,
    encode,
    read_any,
    read_numbers,
    unwrap,
)
from egide.protocol.keys import kid_of
from tests.support.examples import examples
from tests.support.messages import KEY, OTHER_KEY, UINT32, follow_ups, messages, presses

PUBLIC_KEY = bytes(KEY.verify_key)
PRESS = Message(kind=Kind.PRESS, counter=7, sent_at_s=1_800_000_000, position=Position(1, -1, 5))


def decoded(data: bytes) -> Envelope | None:
    """The envelope, or None when it is refused as it should be; anything else raised is a bug."""
    try:
        return decode(data)
    except EnvelopeError:
        return None


@given(messages)
def test_a_message_survives_the_way_and_verifies(message: Message) -> None:
    envelope = decode(encode(message, KEY))
    assert envelope.message == message
    assert envelope.kid == kid_of(PUBLIC_KEY)
    assert envelope.is_signed_by(PUBLIC_KEY)
    assert not envelope.is_signed_by(bytes(OTHER_KEY.verify_key))


@given(messages)
def test_encoding_is_deterministic_and_nothing_else_decodes_to_the_same_message(message: Message) -> None:
    data = encode(message, KEY)
    assert encode(message, KEY) == data
    assert encode(decode(data).message, KEY) == data


@given(presses)
@example(
    Message(
        kind=Kind.PRESS,
        counter=UINT32,
        sent_at_s=UINT32,
        position=Position(-900_000_000, -1_800_000_000, 65_535, 65_535, 255),
        battery=Battery(None, None),
        link=65_535,
        trigger=255,
    )
)
def test_a_press_with_whatever_fields_fits_into_one_binary_sms(press: Message) -> None:
    assert len(encode(press, KEY)) <= MAX_PRESS_BYTES


@given(st.binary(max_size=300))
def test_decoding_raises_nothing_but_its_own_error_on_random_bytes(data: bytes) -> None:
    assert decoded(data) is None


@settings(max_examples=examples(100))
@given(st.data())
def test_decoding_raises_nothing_but_its_own_error_on_mutated_envelopes(data: st.DataObject) -> None:
    bytes_ = bytearray(encode(data.draw(messages), KEY))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(bytes_) - 1))
        kind = data.draw(st.sampled_from(("replace", "insert", "delete", "cut")))
        piece = data.draw(st.binary(min_size=1, max_size=6))
        if kind == "cut":
            del bytes_[max(at, 1) :]
        else:
            bytes_[at : at + (0 if kind == "insert" else len(piece))] = b"" if kind == "delete" else piece
        if not bytes_:
            break
    envelope = decoded(bytes(bytes_))
    if envelope is not None:
        assert encode_again(envelope) == bytes(bytes_)


def encode_again(envelope: Envelope) -> bytes:
    """The bytes that this envelope must have had, laid out by cbor2 (canonical)."""
    protected = cbor2.dumps({1: -8, 4: envelope.kid})
    parts = [protected, {}, envelope.payload, envelope.signature]
    return cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True)


@settings(max_examples=examples(100))
@given(st.binary(max_size=60))
def test_whatever_payload_is_accepted_is_canonical_and_reads_the_same_in_another_library(
    tail: bytes,
) -> None:
    for payload in (tail, b"\xa3\x01\x02\x02\x05\x03\x00" + tail, b"\xa4\x01\x02\x02\x05\x03\x00" + tail):
        data = _around(payload)
        envelope = decoded(data)
        if envelope is None:
            continue
        fields = cbor2.loads(payload)
        assert cbor2.dumps(fields, canonical=True) == payload
        assert _fields(envelope.message) == fields


@given(messages)
def test_a_message_of_numbers_alone_is_read_in_one_step(message: Message) -> None:
    payload = unwrap(encode(message, KEY)).payload
    assert read_any(payload) == message
    assert read_numbers(payload) == (message if message.body is None else None)


@settings(max_examples=examples(500))
@given(messages, st.integers(0, 60), st.integers(0, 3), st.binary(max_size=5))
@example(PRESS, 0, 1, b"\xa5")
@example(PRESS, 3, 2, b"\x02\x00")
@example(PRESS, 3, 2, b"\x02\x18\x07")
@example(PRESS, 3, 2, b"\x02\x1a\x00\x00\x01\x00")
@example(PRESS, 3, 2, b"\x02\x27")
@example(PRESS, 13, 1, b"\x1a\x35\xa4\xe9\x01")
@example(PRESS, 13, 1, b"\x3a\x35\xa4\xe9\x00")
def test_what_is_read_in_one_step_is_what_is_read_item_by_item(
    message: Message, at: int, gone: int, put: bytes
) -> None:
    payload = unwrap(encode(message, KEY)).payload
    payload = payload[:at] + put + payload[at + gone :]
    numbers = read_numbers(payload)
    assert numbers is None or numbers == read_any(payload)


@given(messages)
def test_another_library_reads_what_we_write(message: Message) -> None:
    tag = cbor2.loads(encode(message, KEY))
    assert tag.tag == 18
    protected, unprotected, payload, signature = tag.value
    assert cbor2.loads(protected) == {1: -8, 4: kid_of(PUBLIC_KEY)}
    assert unprotected == {}
    assert cbor2.loads(payload) == _fields(message)
    structure = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    assert decode(encode(message, KEY)).to_be_signed == structure
    KEY.verify_key.verify(structure, signature)


def _around(payload: bytes) -> bytes:
    protected = cbor2.dumps({1: -8, 4: kid_of(PUBLIC_KEY)})
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, bytes(64)]), canonical=True)


def _fields(message: Message) -> dict[int, object]:
    position, battery = message.position, message.battery
    fields = {
        1: int(message.kind),
        2: message.counter,
        3: message.sent_at_s,
        4: position and list(msgspec.structs.astuple(position)),
        5: battery and [255 if level is None else level for level in (battery.phone_pct, battery.button_pct)],
        6: message.link,
        7: message.trigger,
        8: message.press,
        9: message.body,
    }
    return {key: value for key, value in fields.items() if value is not None}


@settings(max_examples=10)
@given(presses | follow_ups(max_body=20))
@example(PRESS)
def test_every_flipped_bit_is_refused_or_fails_verification(message: Message) -> None:
    data = encode(message, KEY)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        envelope = decoded(bytes(flipped))
        if envelope is None:
            continue
        names_another_key = envelope.kid != kid_of(PUBLIC_KEY)
        assert names_another_key or not envelope.is_signed_by(PUBLIC_KEY)


@given(messages, st.integers(0, 400))
def test_every_proper_beginning_is_refused(message: Message, size: int) -> None:
    data = encode(message, KEY)
    assert decoded(data[: min(size, len(data) - 1)]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"counter": 0},
        {"counter": 2**32},
        {"counter": 2**64},
        {"counter": -(2**70)},
        {"sent_at_s": -1},
        {"position": Position(900_000_001, 0, 0)},
        {"position": Position(0, 0, 65_536)},
        {"link": 65_536},
        {"trigger": -1},
        {"press": 1},
        {"body": b""},
        {"kind": Kind.TEXT, "press": 7},
        {"kind": Kind.AUDIO, "body": bytes(MAX_BYTES)},
        {"kind": Kind.TEXT, "body": "text"},
    ],
    ids=str,
)
def test_a_message_outside_its_limits_is_not_encoded(changes: dict[str, object]) -> None:
    with pytest.raises(EnvelopeError):
        encode(msgspec.structs.replace(PRESS, **changes), KEY)


def test_the_largest_message_fits_exactly() -> None:
    sound = Message(kind=Kind.AUDIO, counter=1, sent_at_s=0, body=b"")
    room = MAX_BYTES - len(encode(sound, KEY))
    # The two lengths (of body and payload) need four bytes more each when they are long.
    largest = msgspec.structs.replace(sound, body=bytes(room - 8))
    assert len(encode(largest, KEY)) == MAX_BYTES
    assert decode(encode(largest, KEY)).message == largest


def test_an_error_says_what_is_wrong_with_the_value() -> None:
    with pytest.raises(EnvelopeError, match="out-of-range: field 2 is 0, expected 1 to 4294967295"):
        encode(msgspec.structs.replace(PRESS, counter=0), KEY)
