"""Cases of contracts/intake.openapi.yaml as schemathesis makes them, with messages that verify, and its judgement.

A module of its own: schemathesis takes most of a second to load, and every worker of a run reads every file of tests.
"""

from typing import Any

import requests
import schemathesis
import schemathesis.openapi
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from egide.protocol.envelope import Kind, Message, decode, encode, seal_payload
from egide.protocol.keys import SigningKey
from tests.protocol.test_vectors import VECTORS, bytes_of
from tests.support.contract import INTAKE
from tests.support.messages import messages

# Phones that the test enrols. Few, so that counters and bytes meet again.
KEYS = [SigningKey(bytes([number]) * 32) for number in range(1, 5)]
STRANGER = SigningKey(b"\xff" * 32)
SCHEMA = schemathesis.openapi.from_path(INTAKE.path)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@st.composite
def envelopes(draw: st.DrawFn) -> bytes:
    """What may come: signed by a phone or a stranger, forged, malformed, or no message at all."""
    kind = draw(
        st.sampled_from(["signed"] * 6 + ["again"] * 3 + ["stranger", "forged", "malformed", "noise"])
    )
    if kind == "malformed":
        return bytes_of(draw(st.sampled_from([v for v in VECTORS["malformed"] if "envelope" in v])))
    if kind == "noise":
        return draw(st.binary(max_size=200))
    if kind == "again":
        counter, body = draw(st.integers(1, 6)), draw(st.sampled_from((b"", b"a")))
        kind_of = draw(st.sampled_from((Kind.PRESS, Kind.TEXT, Kind.TEST, Kind.HEARTBEAT)))
        message = Message(
            kind=kind_of, counter=counter, sent_at_s=0, body=None if kind_of is Kind.PRESS else body
        )
    else:
        message = draw(messages)
    data = encode(message, STRANGER if kind == "stranger" else draw(st.sampled_from(KEYS)))
    if kind != "forged":
        return data
    envelope = decode(data)
    return seal_payload(envelope.kid, envelope.payload, STRANGER.sign(envelope.to_be_signed).signature)


schemathesis.openapi.media_type("application/cose", envelopes())


def cases(path: str, *, is_wrong: bool = False) -> st.SearchStrategy[Any]:
    """What may be posted to an address; only what its schema refuses, when asked."""
    if is_wrong:
        return SCHEMA[path]["POST"].as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    return SCHEMA[path]["POST"].as_strategy()


def judge(case: Any, url: str, session: requests.Session) -> int:
    """Send a case; the status, when schemathesis finds the answer true."""
    response = case.call(base_url=url, session=session)
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)
