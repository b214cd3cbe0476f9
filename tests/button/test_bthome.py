"""BTHome buttons: the shared vectors, the bypasses that usual parsers allow, and bytes that mean nothing."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from egide.button.bthome import BthomeError, check_fresh, decode

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "bthome.json").read_text())
KEY = bytes.fromhex(VECTORS["key"])
ADDRESS = bytes.fromhex(VECTORS["sequence_address"])


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
