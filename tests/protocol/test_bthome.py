"""BTHome buttons: the shared vectors, the bypasses that usual parsers allow, and bytes that mean nothing."""

import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import given
from hypothesis import strategies as st

from egide.protocol.bthome import Advertised, BthomeError, address_bytes, check_fresh, decode, encode

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "bthome.json").read_text())
KEY = bytes.fromhex(VECTORS["key"])
ADDRESS = bytes.fromhex(VECTORS["sequence_address"])
SAID = [case for case in VECTORS["cases"] if case.get("packet") is not None]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["what"])
def test_each_vector_is_read_or_refused_with_its_reason(case: dict[str, Any]) -> None:
    data, address = bytes.fromhex(case["data"]), bytes.fromhex(case["address"])
    if "reason" in case:
        with pytest.raises(BthomeError) as refused:
            decode(data, address, KEY)
        assert refused.value.reason == case["reason"]
        return
    found = decode(data, address, KEY)
    assert (found.counter, list(found.events)) == (case["counter"], case["events"])
    assert (found.battery_pct, found.packet) == (case["battery_pct"], case["packet"])
    assert found.is_alarm is case["is_alarm"]


def test_no_replay_gets_through_whatever_comes_between_and_after_a_restart() -> None:
    highest = 0
    for line in VECTORS["sequence"]:
        outcome = "taken"
        try:
            found = decode(bytes.fromhex(line["data"]), ADDRESS, KEY)
            check_fresh(found, highest)
            highest = found.counter
        except BthomeError as refused:
            outcome = refused.reason
        assert outcome == line["outcome"], line["what"]
    assert highest == 5001


def test_every_changed_bit_is_refused() -> None:
    good = bytes.fromhex(VECTORS["cases"][1]["data"])
    decode(good, ADDRESS, KEY)
    for bit in range(len(good) * 8):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BthomeError):
            decode(bytes(changed), ADDRESS, KEY)


def test_random_bytes_never_raise_anything_else() -> None:
    chance = random.Random(20_261_125)
    for _ in range(5_000):
        data = chance.randbytes(chance.randrange(40))
        with pytest.raises(BthomeError):
            decode(b"\x45" * chance.randrange(2) + data, ADDRESS, KEY)


def test_random_content_under_the_right_key_is_read_or_refused() -> None:
    chance = random.Random(7)
    reasons = set()
    for counter in range(1, 3_000):
        plain, tail = chance.randbytes(chance.randrange(12)), counter.to_bytes(4, "little")
        nonce = ADDRESS + b"\xd2\xfc\x45" + tail
        sealed = AESCCM(KEY, tag_length=4).encrypt(nonce, plain, None)
        try:
            assert decode(b"\x45" + sealed[:-4] + tail + sealed[-4:], ADDRESS, KEY).counter == counter
        except BthomeError as refused:
            reasons.add(refused.reason)
    assert reasons <= {"unknown-object", "truncated", "out-of-range"}


@pytest.mark.parametrize("case", SAID, ids=lambda case: case["what"])
def test_what_the_virtual_button_says_is_byte_for_byte_the_vector(case: dict[str, Any]) -> None:
    data, address = bytes.fromhex(case["data"]), bytes.fromhex(case["address"])
    said = Advertised(case["counter"], tuple(case["events"]), case["battery_pct"], case["packet"])
    assert encode(said, address, KEY) == data


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 255), max_size=4),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 255),
)
def test_what_is_said_is_what_is_read(
    counter: int, events: list[int], battery: int | None, packet: int | None
) -> None:
    said = Advertised(counter, tuple(events), battery, packet)
    assert decode(encode(said, ADDRESS, KEY), ADDRESS, KEY) == said


@given(st.binary(max_size=40), st.binary(min_size=6, max_size=6), st.binary(min_size=16, max_size=16))
def test_no_bytes_raise_anything_but_a_refusal(data: bytes, address: bytes, key: bytes) -> None:
    for start in (b"", b"\x45", b"\x41"):
        with suppress(BthomeError):
            decode(start + data, address, key)


@pytest.mark.parametrize("text", ["", "0C:EF:F6:01:02", "0C:EF:F6:01:02:03:04", "0C:EF:F6:01:02:XX"])
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(ValueError):
        address_bytes(text)


@pytest.mark.parametrize("highest", [0, 41, 42, 99, 4999, 0xFFFFFFFF])
def test_only_a_higher_counter_is_fresh(highest: int) -> None:
    for counter in {0, 42, highest}:
        if counter <= highest:
            with pytest.raises(BthomeError, match="replay"):
                check_fresh(Advertised(counter, (), None, None), highest)
    check_fresh(Advertised(highest + 1, (), None, None), highest)
