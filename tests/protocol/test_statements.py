"""What is signed besides envelopes: receipts and enrolments."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egide.common.encoding import to_base64url
from egide.protocol.enrolment import (
    Client,
    EnrolmentReply,
    EnrolmentRequest,
    Settings,
    check_request,
    code_hash,
    make_request,
)
from egide.protocol.receipt import Pending, Receipt, receipt_is_valid, sign_receipt
from tests.support.messages import KEY, OTHER_KEY

SERVER_KEY = bytes(KEY.verify_key)
ENVELOPE = b"any bytes that were sent"


def receipt_for(data: bytes, seq: int = 5, received_at_ms: int = 1_800_000_000_123) -> Receipt:
    receipt = Receipt(seq, "a-1", received_at_ms, "received", 2, (Pending("text", "weapon"),))
    return sign_receipt(KEY, hashlib.sha256(data).digest(), receipt)


@given(st.binary(), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_a_signed_receipt_holds_for_exactly_its_bytes(data: bytes, seq: int, at_ms: int) -> None:
    receipt = receipt_for(data, seq, at_ms)
    assert receipt_is_valid(receipt, data, SERVER_KEY)
    assert not receipt_is_valid(receipt, data + b"\0", SERVER_KEY)
    assert not receipt_is_valid(receipt, data, bytes(OTHER_KEY.verify_key))


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 6},
        {"seq": -1},
        {"seq": 2**64},
        {"received_at": 1_800_000_000_124},
        {"received_at": -1},
        {"alarm": "a-2"},
        {"alarm": "a-1received", "state": ""},
        {"state": "closed"},
        {"next_counter": 3},
        {"next_counter": -1},
        {"pending": ()},
        {"pending": (Pending("text", "safe"),)},
        {"pending": (Pending("textweapon", ""),)},
        {"pending": (Pending("text", "weapon"), Pending("listen-off"))},
        {"state": "x" * 65_536},
        {"state": "\ud800"},
        {"signature": ""},
        {"signature": "!"},
        {"signature": to_base64url(bytes(64))},
        {"signature": to_base64url(bytes(63))},
    ],
    ids=str,
)
def test_a_changed_receipt_is_not_believed(changes: dict[str, object]) -> None:
    receipt = msgspec.structs.replace(receipt_for(ENVELOPE), **changes)
    assert not receipt_is_valid(receipt, ENVELOPE, SERVER_KEY)


def test_a_receipt_reads_the_same_after_json() -> None:
    receipt = receipt_for(ENVELOPE)
    assert msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt) == receipt


def test_a_request_proves_possession_of_its_key() -> None:
    assert check_request(make_request("7KQM-2XVD", KEY)) == SERVER_KEY
    assert check_request(make_request("7KQM-2XVD", KEY, Client("web", "0.1.0"))) == SERVER_KEY


@pytest.mark.parametrize("typed", ["7kqm2xvd", " 7KQM 2XVD ", "7-K-Q-M-2-X-V-D", "7KQM\t2XVD\n"])
def test_a_code_is_the_same_however_people_type_it(typed: str) -> None:
    assert code_hash(typed) == code_hash("7KQM-2XVD")
    assert code_hash("7KQM-2XVE") != code_hash("7KQM-2XVD")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "7KQM-2XVE"},
        {"public_key": to_base64url(bytes(OTHER_KEY.verify_key))},
        {"public_key": to_base64url(bytes(31))},
        {"public_key": "é" * 43},
        {"public_key": ""},
        {"signature": to_base64url(bytes(64))},
        {"signature": "="},
        {"client": None},
        {"client": Client("native", "0.1.0")},
        {"client": Client("web", "0.1.1")},
    ],
    ids=str,
)
def test_a_request_without_proof_is_refused(changes: dict[str, object]) -> None:
    request = msgspec.structs.replace(make_request("7KQM-2XVD", KEY, Client("web", "0.1.0")), **changes)
    with pytest.raises(ValueError):
        check_request(request)


@given(st.text(), st.text(max_size=50), st.text(max_size=90))
def test_checking_a_request_raises_nothing_but_value_errors(code: str, key: str, signature: str) -> None:
    with pytest.raises(ValueError):
        check_request(EnrolmentRequest(code, key, signature))


def test_a_reply_reads_the_same_after_json() -> None:
    reply = EnrolmentReply("00", "kit", "button", "key", "server", ("https://a",), Settings(hold_ms=3000))
    assert msgspec.json.decode(msgspec.json.encode(reply), type=EnrolmentReply) == reply
