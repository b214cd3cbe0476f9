"""Sealing: what was sealed opens with its key at its place, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from egide.common.sealing import SealingKey, UnsealError

KEY = SealingKey(bytes(range(32)))


@given(st.binary(), st.binary())
def test_what_was_sealed_opens_again(plain: bytes, label: bytes) -> None:
    sealed = KEY.seal(plain, label)
    assert KEY.unseal(sealed, label) == plain
    assert KEY.seal(plain, label) != sealed


@given(st.binary(min_size=1), st.data())
def test_a_flipped_bit_another_place_or_another_key_opens_nothing(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plain, b"here"))
    with pytest.raises(UnsealError):
        KEY.unseal(bytes(sealed), b"there")
    with pytest.raises(UnsealError):
        SealingKey.fresh().unseal(bytes(sealed), b"here")
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnsealError):
        KEY.unseal(bytes(sealed), b"here")


@given(st.binary(max_size=60))
def test_unsealing_raises_nothing_but_its_own_error(data: bytes) -> None:
    with pytest.raises(UnsealError):
        KEY.unseal(data, b"here")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_deriving_is_hkdf_with_sha256(key: bytes, purpose: bytes) -> None:
    reference = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)
    assert SealingKey(key).derive(purpose).raw == reference


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, got 16"):
        SealingKey(bytes(16))


def test_a_fresh_key_is_another_one_each_time() -> None:
    assert len({SealingKey.fresh().raw for _ in range(10)}) == 10
