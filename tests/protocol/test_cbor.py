"""The strict part of CBOR: one encoding for each value, and cbor2 agrees."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.protocol.cbor import CborError, Value, decode, encode

numbers = st.integers(-(2**64), 2**64 - 1)
values = st.recursive(
    numbers | st.binary(max_size=30) | st.text(max_size=30) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(numbers, inner, max_size=4),
    max_leaves=8,
)


def depth(value: Value) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(values.filter(lambda value: depth(value) <= 4))
def test_a_value_survives_and_is_canonical(value: Value) -> None:
    data = encode(value)
    assert decode(data) == value
    assert cbor2.loads(data) == value


@given(st.binary(max_size=80))
def test_whatever_is_accepted_has_no_other_encoding(data: bytes) -> None:
    try:
        value = decode(data)
    except CborError:
        return
    assert encode(value) == data
    assert cbor2.loads(data) == value


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, 1.5, None, {1: object()}])
def test_what_has_no_encoding_is_refused(value: Value) -> None:
    with pytest.raises(CborError):
        encode(value)


def test_deep_nesting_ends_before_the_stack_does() -> None:
    with pytest.raises(CborError, match="too-deep"):
        decode(b"\x81" * 200_000 + b"\x00")
