"""Calls of contracts/sms-gateway.openapi.yaml as schemathesis makes them, signed as a gateway signs, and its judgement.

A module of its own, as for intake (tests/intake/judging.py): schemathesis takes most of a second to load.
"""

import json
from typing import Any

import requests
import schemathesis
import schemathesis.openapi
from hypothesis import strategies as st

from egide.protocol.envelope import Kind, Message, encode
from tests.connectors.test_sms_rules import texts_of
from tests.intake.judging import CHECKS, KEYS, envelopes
from tests.support.contract import SMS
from tests.support.kannel import LOGIN
from tests.support.sms_gateway import headers_for
from tests.support.sms_road import SECRET, UDH
from tests.support.waiting import WITHIN_S

SCHEMA = schemathesis.openapi.from_path(SMS.path)
# Three of four calls get past the door; the others are what strangers send.
WAYS = ["signed"] * 9 + ["another secret", "late", "as it is"]
BESIDE_S = {"late": -301}
ANOTHER = "whsec_" + "QUJD" * 8

# As short as a message of one kind may be.
short = envelopes().filter(lambda data: 2 <= len(data) <= 133)
binary = st.builds(lambda data: {"udh": UDH, "data": data.hex()}, short)
texts = st.builds(lambda data, which: {"text": texts_of(data)[which]}, short, st.integers(0, 1))

__all__ = [
    "KEYS",
    "calls",
    "judge",
    "judge_kannel",
    "judge_question",
    "kannel_calls",
    "sure_calls",
    "sure_kannel_calls",
]


@st.composite
def calls(draw: st.DrawFn) -> tuple[Any, bytes, str]:
    """A case of the contract, the body that is sent for it, and how it is signed."""
    case = draw(SCHEMA["/v1/sms"]["POST"].as_strategy())
    made = draw(st.sampled_from(["generated"] * 2 + ["wrong"] + ["text", "binary"] * 3))
    if made == "wrong":
        return case, draw(st.binary(max_size=200)), draw(st.sampled_from(WAYS))
    content = case.body if made == "generated" else draw(texts if made == "text" else binary)
    return case, json.dumps(content, default=str).encode(), draw(st.sampled_from(WAYS))


def sure_calls() -> list[tuple[Any, bytes, str]]:
    """One of each kind that gets past the door: a press, half of one, nothing of ours. Chance alone may bring none."""
    press, half = (
        encode(Message(kind=Kind.PRESS, counter=counter, sent_at_s=0), KEYS[0]) for counter in (901, 902)
    )
    contents = (
        {"udh": UDH, "data": press.hex()},
        {"text": texts_of(half)[0]},
        {"text": "Nothing of ours"},
    )
    post = SCHEMA["/v1/sms"]["POST"]
    return [(post.Case(body=content), json.dumps(content).encode(), "signed") for content in contents]


def judge(call: tuple[Any, bytes, str], number: int, now_s: int, url: str, session: requests.Session) -> Any:
    """Send a call; status and what the answer says, when schemathesis finds the answer true."""
    case, body, way = call
    if way == "as it is":
        headers = {"content-type": "application/json"}
    else:
        secret = ANOTHER if way == "another secret" else SECRET
        headers = headers_for(secret, f"msg_{number}", body, now_s + BESIDE_S.get(way, 0))
    response = session.post(f"{url}/v1/sms", data=body, headers=headers, timeout=WITHIN_S)
    case.validate_response(response, checks=CHECKS)
    answer = response.json()
    return response.status_code, answer.get("state", answer.get("reason"))


@st.composite
def kannel_calls(draw: st.DrawFn) -> tuple[Any, dict[str, Any], bool]:
    """A call in kannel's form, of a message or of a report: the case, what is said, whether the password is shown."""
    path = draw(st.sampled_from(["/v1/sms/kannel"] * 3 + ["/v1/sms/kannel/report"]))
    case = draw(SCHEMA[path]["GET"].as_strategy())
    query = dict(case.query)
    made = draw(st.sampled_from(["generated", "text", "binary", "binary"]))
    if path == "/v1/sms/kannel" and made == "text":
        query = {"text": draw(texts)["text"], "from": "+32470000000"}
    elif path == "/v1/sms/kannel" and made == "binary":
        query = {"text": draw(short), "udh": bytes.fromhex(UDH), "coding": "1"}
    return case, query, draw(st.sampled_from([True] * 3 + [False]))


def sure_kannel_calls() -> list[tuple[Any, dict[str, Any], bool]]:
    """A press, half of one, nothing of ours, and nothing at all; and somebody who has no password."""
    press, half = (
        encode(Message(kind=Kind.PRESS, counter=counter, sent_at_s=0), KEYS[1]) for counter in (901, 902)
    )
    get = SCHEMA["/v1/sms/kannel"]["GET"]
    said: tuple[dict[str, Any], ...] = (
        {"text": press, "udh": bytes.fromhex(UDH)},
        {"text": texts_of(half)[0]},
        {"text": "Nothing of ours"},
        {},
    )
    return [(get.Case(), query, is_known) for query in said for is_known in (True, False)]


def judge_kannel(call: tuple[Any, dict[str, Any], bool], url: str, session: requests.Session) -> int:
    """Send a call in kannel's form; the status, when schemathesis finds the answer true."""
    case, query, is_known = call
    login = tuple(LOGIN.split(":")) if is_known else None
    response = session.get(f"{url}{case.path}", params=query, auth=login, timeout=WITHIN_S)
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)


def judge_question(path: str, url: str, session: requests.Session) -> int:
    """Ask what the operating service asks; the status, when schemathesis finds the answer true."""
    case = SCHEMA[path]["GET"].Case()
    response = case.call(base_url=url, session=session)
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)
