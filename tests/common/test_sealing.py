"""Sealing: what was sealed opens with its key at its place, and nowhere else."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
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
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), key, "sha256")
    expanded = hmac.digest(extracted, purpose + b"\x01", "sha256")
    assert SealingKey(key).derive(purpose).raw == expanded


def test_a_key_derived_by_an_earlier_version_is_derived_again() -> None:
    """Whatever was sealed under it must still open."""
    derived = "c4e9f9a32ec486f95b5c7aae715d779ad7372182dfd26e4d671a1ffb6dcddf39"
    assert KEY.derive(b"egide-system-1").raw.hex() == derived


# RFC 5869, appendix A.1 to A.3: key material, salt, info, pseudorandom key, output.
VECTORS = (
    (
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x00, 0x50)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "0b" * 22,
        "",
        "",
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
)


@pytest.mark.parametrize(("material", "salt", "info", "extracted", "expanded"), VECTORS)
def test_the_library_derives_what_rfc_5869_says(
    material: str, salt: str, info: str, extracted: str, expanded: str
) -> None:
    key = HKDF.extract(SHA256(), bytes.fromhex(salt) or None, bytes.fromhex(material))
    assert key.hex() == extracted
    length = len(expanded) // 2
    assert HKDFExpand(SHA256(), length, bytes.fromhex(info)).derive(key).hex() == expanded


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, got 16"):
        SealingKey(bytes(16))


def test_a_fresh_key_is_another_one_each_time() -> None:
    assert len({SealingKey.fresh().raw for _ in range(10)}) == 10
