"""Cases of contracts/dispatch.openapi.yaml as schemathesis makes them, signed as dispatch systems do; its judgement.

A module of its own, as for intake (tests/intake/judging.py): schemathesis takes most of a second to load.
"""

from typing import Any

import requests
import schemathesis
import schemathesis.openapi
from django.http.response import HttpResponseBase
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict
from schemathesis.checks import not_a_server_error
from urllib3 import HTTPResponse

from tests.intake.judging import CHECKS
from tests.support.contract import DISPATCH

# 503 is an answer of the contract; where none may come, a test says so.
ANSWERED = [check for check in CHECKS if check is not not_a_server_error]
SCHEMA = schemathesis.openapi.from_path(DISPATCH.path)
ANSWERS, MESSAGES, LOST = "/dispatch/{name}/answers", "/dispatch/{name}/messages", "/lost"


def answers() -> st.SearchStrategy[Any]:
    """What may be said to Egide, and what may not."""
    post = SCHEMA[ANSWERS]["POST"]
    return st.one_of(
        post.as_strategy(), post.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    )


def case(method: str, path: str) -> Any:
    """A call of this address, to hold an answer against."""
    return SCHEMA[path][method].Case(path_parameters={"name": "ccic"} if "{name}" in path else {})


def judge(case: Any, answer: HttpResponseBase, method: str, path: str) -> int:
    """The status of an answer of the pages, when schemathesis finds it true."""
    found = requests.Response()
    found.status_code, found._content = answer.status_code, b"".join(answer)  # type: ignore[call-overload]
    found.headers = CaseInsensitiveDict(answer.headers)
    found.raw = HTTPResponse(headers=answer.headers)
    found.request = requests.Request(method, f"http://pages.example{path}").prepare()
    case.validate_response(found, checks=ANSWERED)
    return int(found.status_code)
