"""What a gateway hands on is read as contracts/sms.json says, and nothing else is taken for a press."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egide.connectors.sms import rules
from egide.connectors.sms.rules import Callback, Half, NotOurs, Whole
from egide.connectors.webhooks import (
    SECRET_PREFIX,
    WINDOW_S,
    Unauthentic,
    check_call,
    secret_of,
    signature_of,
)
from egide.protocol.envelope import MAX_PRESS_BYTES, decode, encode
from tests.support.installation import NOW_S
from tests.support.messages import KEY, presses

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "sms.json").read_text())
PORT = VECTORS["port"]
ENVELOPES = [vector for vector in VECTORS["texts"] if vector["name"].startswith(("press", "cancel"))]


def texts_of(envelope: bytes) -> tuple[str, str]:
    """The two texts that the phone writes (phone/src/core/sms.ts)."""
    half = (len(envelope) + 1) // 2
    first, second = (
        f"EG1{number}/2{base64.urlsafe_b64encode(part).rstrip(b'=').decode()}"
        for number, part in ((1, envelope[:half]), (2, envelope[half:]))
    )
    return first, second


def joined(parts: list[str]) -> bytes:
    """What two texts make. Raises NotOurs for what is no pair."""
    first, second = sorted((rules.read_text(part) for part in parts), key=lambda half: half.number)
    if not rules.fit(first, second):
        raise NotOurs("no-pair")
    return first.data + second.data


@pytest.mark.parametrize("vector", ENVELOPES, ids=lambda vector: vector["name"])
def test_two_texts_in_either_order_are_the_message(vector: dict[str, object]) -> None:
    envelope, parts = bytes.fromhex(str(vector["envelope"])), vector["parts"]
    assert isinstance(parts, list) and texts_of(envelope) == tuple(parts)
    assert joined(parts) == joined(parts[::-1]) == envelope
    assert joined([f"\r\n {part} \n" for part in parts]) == envelope


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_what_is_no_pair_of_texts_is_refused(vector: dict[str, list[str]]) -> None:
    with pytest.raises((NotOurs, ValueError)):
        joined(vector["parts"])


@pytest.mark.parametrize("vector", VECTORS["binary"], ids=lambda vector: vector["name"])
def test_a_binary_message_with_our_port_is_the_message(vector: dict[str, str]) -> None:
    callback = Callback(udh=vector["udh"], data=vector["data"])
    assert rules.read(callback, PORT) == Whole(bytes.fromhex(vector["data"]))
    decode(bytes.fromhex(vector["data"]))
    with pytest.raises(NotOurs, match="other-port"):
        rules.read(callback, PORT + 1)


@pytest.mark.parametrize("vector", VECTORS["refused_binary"], ids=lambda vector: vector["why"])
def test_what_is_no_such_binary_message_is_refused_with_a_word(vector: dict[str, str]) -> None:
    with pytest.raises(NotOurs) as caught:
        rules.read(Callback(udh=vector["udh"], data=vector["data"]), PORT)
    assert caught.value.reason == vector["reason"]


def test_the_longest_press_fits_behind_its_header() -> None:
    header = bytes.fromhex(VECTORS["binary"][0]["udh"])
    assert len(header) + MAX_PRESS_BYTES == rules.LONGEST_BYTES
    assert rules.read_binary(header.hex(), "00" * MAX_PRESS_BYTES, PORT) == Whole(bytes(MAX_PRESS_BYTES))


def test_elements_that_nobody_asked_for_are_passed_over() -> None:
    assert rules.read_binary("0a0a02aabb05043f210000", "d2", PORT) == Whole(b"\xd2")


@given(presses)
def test_every_press_comes_through_as_texts_and_as_binary(press: object) -> None:
    envelope = encode(press, KEY)  # type: ignore[arg-type]
    texts = texts_of(envelope)
    assert joined(list(texts)) == envelope and max(map(len, texts)) <= rules.LONGEST_TEXT
    assert rules.kid_of_first(rules.read_text(texts[0])) == decode(envelope).kid.hex()
    assert rules.read_binary("0605043f210000", envelope.hex(), PORT) == Whole(envelope)


texts = (
    st.text(max_size=200)
    | st.from_regex(r"EG1[0-3]/[0-3][A-Za-z0-9_\-=+]{0,160}", fullmatch=True)
    | st.builds(lambda head, body: head + body, st.sampled_from(texts_of(bytes(92))), st.text(max_size=20))
)
hexes = st.binary(max_size=160).map(bytes.hex) | st.text(alphabet="0123456789abcdefxyz é", max_size=60)


@given(st.none() | texts, st.none() | hexes, st.none() | hexes)
@example("EG12/2" + "A" * 154, None, None)
@example(None, "05", "")
def test_whatever_comes_is_read_or_refused_with_a_word(
    text: str | None, udh: str | None, data: str | None
) -> None:
    try:
        piece = rules.read(Callback(text=text, udh=udh, data=data), PORT)
    except NotOurs as error:
        assert error.reason in REASONS
        return
    if isinstance(piece, Half):
        assert piece.number in (1, 2) and 0 < len(piece.data) <= 116
        assert text is not None and texts_back(piece) == text.strip()
    else:
        assert len(piece.data) <= MAX_PRESS_BYTES and data is not None


REASONS = {
    "neither-text-nor-binary",
    "too-long",
    "not-a-press",
    "not-base64url",
    "not-hexadecimal",
    "other-port",
    "bad-header",
    "several-parts",
}


def texts_back(half: Half) -> str:
    return f"EG1{half.number}/2{base64.urlsafe_b64encode(half.data).rstrip(b'=').decode()}"


# --- who calls --------------------------------------------------------------------------------------------------------

SECRET, NEXT = b"s" * 32, b"n" * 32
BODY = b'{"text": "EG11/2AAAA"}'


def called(secret: bytes = SECRET, at_s: int = NOW_S, body: bytes = BODY, call: str = "msg_1") -> None:
    signature = signature_of(SECRET, "msg_1", str(NOW_S), BODY)
    check_call([secret], call, str(NOW_S), signature, body, at_s)


def test_a_call_is_believed_within_five_minutes_either_way() -> None:
    for at_s in (NOW_S - WINDOW_S, NOW_S, NOW_S + WINDOW_S):
        called(at_s=at_s)
    for at_s in (NOW_S - WINDOW_S - 1, NOW_S + WINDOW_S + 1):
        with pytest.raises(Unauthentic, match="outside-window"):
            called(at_s=at_s)


def test_who_changes_anything_of_a_call_is_not_believed() -> None:
    for change in ({"secret": NEXT}, {"body": BODY + b" "}, {"call": "msg_2"}):
        with pytest.raises(Unauthentic, match="bad-signature"):
            called(**change)  # type: ignore[arg-type]


def test_a_secret_is_changed_without_a_gap() -> None:
    old, new = (signature_of(secret, "a", str(NOW_S), BODY) for secret in (SECRET, NEXT))
    for known in ([SECRET, NEXT], [NEXT], [SECRET]):
        check_call(known, "a", str(NOW_S), f"{old} {new}", BODY, NOW_S)
    check_call([SECRET, NEXT], "a", str(NOW_S), old, BODY, NOW_S)
    with pytest.raises(Unauthentic, match="bad-signature"):
        check_call([NEXT], "a", str(NOW_S), old, BODY, NOW_S)


@pytest.mark.parametrize(
    ("call", "timestamp", "signature", "why"),
    [
        ("", "1", "v1,AAAA", "unsigned"),
        ("a", "", "v1,AAAA", "unsigned"),
        ("a", "1", "", "unsigned"),
        ("a", "-1", "v1,AAAA", "unsigned"),
        ("a", "1e9", "v1,AAAA", "unsigned"),
        ("a", "٣", "v1,AAAA", "unsigned"),
        ("a b", "1", "v1,AAAA", "unsigned"),
        ("a" * 257, "1", "v1,AAAA", "unsigned"),
        ("a", "1", "AAAA", "bad-signature"),
        ("a", "1", "v1,é", "bad-signature"),
        ("a", "1", " " * 50, "bad-signature"),
    ],
)
def test_headers_that_are_none_are_an_answer(call: str, timestamp: str, signature: str, why: str) -> None:
    with pytest.raises(Unauthentic, match=why):
        check_call([SECRET], call, timestamp, signature, BODY, NOW_S)


def test_the_example_of_the_standard_verifies() -> None:
    """The one that the standard's own libraries are tested with."""
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    check_call([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signature, body, 1_614_265_330)


@pytest.mark.parametrize(
    "text", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SECRET_PREFIX + "é", SECRET_PREFIX + "AAAA"]
)
def test_what_is_no_secret_is_said_without_it(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        secret_of(text)
    assert not text or text not in str(caught.value)
