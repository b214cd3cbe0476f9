"""The frames between button and phone: what is accepted, what is refused, and the vectors of contracts/gatt.md."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from egide.protocol import frame as f
from egide.protocol.frame import ButtonFrame, FrameError, FrameKind

KEY = bytes(range(16))
OTHER_KEY = bytes(range(1, 17))
PRESS = ButtonFrame(FrameKind.PRESS, 7, 2000, 0, 87)
GATT = Path(__file__).parents[2] / "contracts" / "gatt.md"

frames = st.builds(
    ButtonFrame,
    st.just(FrameKind.PRESS),
    st.integers(1, f.MAX_COUNTER),
    st.integers(0, f.MAX_HELD_MS),
    st.none() | st.integers(0, f.MAX_AGE_S),
    st.none() | st.integers(0, 100),
)


@given(frames)
def test_a_frame_survives_the_way_and_fits_the_smallest_att_packet(frame: ButtonFrame) -> None:
    data = f.encode_frame(frame, KEY)
    assert len(data) == 19
    assert f.decode_frame(data, KEY) == frame


@given(st.binary(max_size=40))
def test_decoding_raises_nothing_but_frame_errors_whatever_the_bytes(data: bytes) -> None:
    for decode in (f.decode_frame, f.decode_ack):
        with pytest.raises(FrameError):
            decode(data, KEY)
    with pytest.raises(FrameError):
        f.decode_claim(data, bytes(8), KEY)


@given(st.binary(min_size=10, max_size=10))
def test_decoding_raises_nothing_but_frame_errors_even_under_a_valid_mac(fields: bytes) -> None:
    body = bytes([f.VERSION]) + fields
    try:
        frame = f.decode_frame(body + _mac(b"egide-b1" + body), KEY)
    except FrameError as error:
        assert error.reason in ("kind", "value")
    else:
        assert f.encode_frame(frame, KEY) == body + _mac(b"egide-b1" + body)


@given(frames, st.integers(0, 18), st.integers(1, 255))
def test_a_frame_changed_in_any_byte_is_refused(frame: ButtonFrame, at: int, flip: int) -> None:
    data = bytearray(f.encode_frame(frame, KEY))
    data[at] ^= flip
    with pytest.raises(FrameError) as refused:
        f.decode_frame(bytes(data), KEY)
    assert refused.value.reason == ("version" if at == 0 else "mac")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "length"),
        (f.encode_frame(PRESS, KEY)[:-1], "length"),
        (f.encode_frame(PRESS, KEY) + b"\0", "length"),
        (b"\2" + f.encode_frame(PRESS, KEY)[1:], "version"),
        (f.encode_frame(PRESS, OTHER_KEY), "mac"),
    ],
)
def test_a_refusal_names_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(FrameError) as refused:
        f.decode_frame(data, KEY)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "frame",
    [
        ButtonFrame(FrameKind.PRESS, 0, 2000),
        ButtonFrame(FrameKind.PRESS, f.MAX_COUNTER + 1, 2000),
        ButtonFrame(FrameKind.PRESS, 1, f.MAX_HELD_MS + 1),
        ButtonFrame(FrameKind.PRESS, 1, 2000, f.AGE_UNKNOWN),
        ButtonFrame(FrameKind.PRESS, 1, 2000, -1),
        ButtonFrame(FrameKind.PRESS, 1, 2000, 0, 101),
    ],
)
def test_a_value_out_of_range_is_not_encoded(frame: ButtonFrame) -> None:
    with pytest.raises(FrameError) as refused:
        f.encode_frame(frame, KEY)
    assert refused.value.reason == "value"


@given(st.integers(1, f.MAX_COUNTER))
def test_an_acknowledgement_names_one_press_and_needs_the_key(counter: int) -> None:
    ack = f.encode_ack(counter, KEY)
    assert len(ack) == 14
    assert f.decode_ack(ack, KEY) == counter
    with pytest.raises(FrameError):
        f.decode_ack(ack, OTHER_KEY)


def test_a_mac_made_for_one_purpose_is_worthless_for_another() -> None:
    body = bytes([f.VERSION, 0x81]) + (7).to_bytes(4, "little")
    with pytest.raises(FrameError) as refused:
        f.decode_ack(body + _mac(b"egide-b1" + body), KEY)
    assert refused.value.reason == "mac"
    assert f.claim_answer(bytes(8), bytes(8), KEY) != f.encode_claim(bytes(8), bytes(8), KEY)[8:]


def test_a_claim_is_bound_to_the_nonce_of_this_connection() -> None:
    claim = f.encode_claim(b"button-1", b"phone--1", KEY)
    assert f.decode_claim(claim, b"button-1", KEY) == b"phone--1"
    for nonce, key in ((b"button-2", KEY), (b"button-1", OTHER_KEY)):
        with pytest.raises(FrameError) as refused:
            f.decode_claim(claim, nonce, key)
        assert refused.value.reason == "mac"


def test_the_vectors_in_the_contract_are_what_the_code_makes() -> None:
    """A maker of buttons checks against these lines."""
    vectors = dict(re.findall(r"^\| `([a-z0-9 ]+)` \| `([0-9a-f]+)` \|", GATT.read_text(), re.MULTILINE))
    key = bytes.fromhex(vectors["key"])
    assert vectors["press"] == f.encode_frame(PRESS, key).hex()
    repeat = ButtonFrame(FrameKind.PRESS, 7, 2000, 41, 87)
    assert vectors["press repeated after 41 s"] == f.encode_frame(repeat, key).hex()
    unknown = ButtonFrame(FrameKind.PRESS, f.MAX_COUNTER, 5000, None, None)
    assert vectors["press with nothing known"] == f.encode_frame(unknown, key).hex()
    assert vectors["acknowledgement"] == f.encode_ack(7, key).hex()
    assert vectors["hold time"] == f.encode_hold(7, 3000, key).hex()
    nonces = bytes.fromhex(vectors["nonce of the button"]), bytes.fromhex(vectors["nonce of the phone"])
    assert vectors["claim"] == f.encode_claim(*nonces, key).hex()
    assert vectors["answer"] == f.claim_answer(*nonces, key).hex()


def _mac(message: bytes) -> bytes:
    cmac = CMAC(AES(KEY))
    cmac.update(message)
    return cmac.finalize()[:8]
