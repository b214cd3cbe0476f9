"""contracts/intake.openapi.yaml is true: schemathesis runs it against the real process, with messages that verify.

Every answer that the other tests of this folder see is held against the contract too (tests/support/asgi.py).
"""

import ast
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, open_listener
from egide.events.register import DeviceEnrolled
from egide.intake.service import BURST
from egide.protocol.bthome import Event
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import MAX_BYTES, Kind
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.opening import make_opening
from tests.protocol.test_vectors import VECTORS
from tests.support.contract import INTAKE
from tests.support.examples import examples
from tests.support.installation import Installation, Phone
from tests.support.sources import enrol_button

SOURCES = tuple(
    f"src/egide/{name}.py"
    for name in (
        "intake/service",
        "intake/writer",
        "intake/refusals",
        "intake/away/keeping",
        "intake/opening",
        "intake/sources/taking",
        "entrypoints/processes/intake",
    )
)
CONTRACT, PATH = INTAKE.content, INTAKE.path
EXAMPLES = settings(max_examples=examples(50), suppress_health_check=list(HealthCheck), database=None)
SECRET = "fleet" * 8
CODES = [f"OPEN-{number}" for number in range(8)]


def judging() -> ModuleType:
    """Schemathesis and what it needs."""
    return import_module("tests.intake.judging")


class Server:
    """The intake process with its enrolled phones."""

    def __init__(self, installation: Installation, url: str) -> None:
        self.installation = installation
        self.url = url
        self.session = requests.Session()
        self.session.auth = self._from_elsewhere
        self._callers = count(1)

    def _from_elsewhere(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Each as a proxy passes on what another address sends: limits by address are not what is judged here."""
        request.headers["X-Forwarded-For"] = f"2001:db8:0:{next(self._callers):x}::1"
        return request

    def judge(self, case: Any) -> int:
        """Send a case; the status, when schemathesis finds the answer true."""
        return int(judging().judge(case, self.url, self.session))

    def send(self, method: str, path: str, data: bytes = b"", content_type: str = "") -> requests.Response:
        headers = {"Content-Type": content_type} if content_type else {}
        response = self.session.request(method, self.url + path, data=data, headers=headers)
        lower = {name.lower(): value for name, value in response.headers.items()}
        INTAKE.check_answer(method, path, response.status_code, lower, response.content)
        return response


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Installation(tmp_path_factory.mktemp("contract"), SystemClock()) as installation:
        for key in judging().KEYS:
            kit = installation.issue_kit()
            public_key = bytes(key.verify_key)
            device = kid_of(public_key).hex()
            event = DeviceEnrolled(device=device, kit=kit.kit, public_key=public_key, code_hash="")
            installation.append(f"device:{device}", event, case=kit.case)
        for code in CODES:
            installation.offer(installation.issue_kit(), code)
        listener = open_listener()
        services = installation.config.data_dir / "services"
        services.write_text(f"fleet {SECRET}\n", encoding="utf-8")
        services.chmod(0o640)
        environment = installation.config.environment() | {
            "EGIDE_TRUSTED_PROXIES": "127.0.0.1",
            "EGIDE_TRACKER_SERVICES": str(services),
        }
        child = Child("egide.entrypoints.intake", [], environment, listener)
        child.ready()
        yield Server(installation, f"http://127.0.0.1:{listener.getsockname()[1]}")
        child.stop()
        listener.close()


def test_the_contract_is_openapi() -> None:
    validate(CONTRACT)


def test_every_answer_to_a_message_is_in_the_contract(server: Server) -> None:
    seen: Counter[int] = Counter()

    @settings(EXAMPLES, max_examples=examples(200))
    @given(case=judging().cases("/v1/messages"))
    def run(case: Any) -> None:
        seen[server.judge(case)] += 1

    run()
    # The strategy reaches what it is for: accepted, repeated, conflicting and refused messages.
    assert set(seen) >= {201, 400, 401, 409}
    assert seen[201] > 25


@EXAMPLES
@given(case=st.deferred(lambda: judging().cases("/v1/enrolments")))
def test_every_answer_to_whatever_looks_like_an_enrolment_is_in_the_contract(
    server: Server, case: Any
) -> None:
    server.judge(case)


@settings(EXAMPLES, max_examples=examples(50))
@given(case=st.deferred(lambda: judging().cases("/v1/enrolments", is_wrong=True)))
def test_whatever_is_no_enrolment_is_refused(server: Server, case: Any) -> None:
    assert server.judge(case) in (400, 404, 413, 415)


@EXAMPLES
@given(case=st.deferred(lambda: judging().cases("/v1/openings")))
def test_every_answer_to_whatever_looks_like_an_opening_is_in_the_contract(server: Server, case: Any) -> None:
    server.judge(case)


@EXAMPLES
@given(case=st.deferred(lambda: judging().cases("/v1/reports")))
def test_every_answer_to_whatever_looks_like_a_report_is_in_the_contract(server: Server, case: Any) -> None:
    server.judge(case)


@EXAMPLES
@given(case=st.deferred(lambda: judging().cases("/v1/reports/traccar")), is_known=st.booleans())
def test_every_answer_to_whatever_looks_like_a_forward_is_in_the_contract(
    server: Server, case: Any, is_known: bool
) -> None:
    if is_known:
        case.headers["Authorization"] = f"Bearer {SECRET}"
    server.judge(case)


@EXAMPLES
@given(case=st.deferred(lambda: judging().cases("/v1/reports/dc09")), is_known=st.booleans())
def test_every_answer_to_whatever_looks_like_a_device_s_frame_is_in_the_contract(
    server: Server, case: Any, is_known: bool
) -> None:
    if is_known:
        case.headers["Authorization"] = f"Bearer {SECRET}"
    server.judge(case)


def test_every_answer_to_a_frame_of_an_enrolled_button_is_in_the_contract(server: Server) -> None:
    seen: Counter[int] = Counter()
    button = enrol_button(server.installation)

    @settings(EXAMPLES, max_examples=examples(20))
    @given(st.integers(0, 9), st.booleans(), st.sampled_from([b"", bytes(16)]))
    def run(counter: int, is_held: bool, key: bytes) -> None:
        event = Event.LONG_PRESS if is_held else Event.PRESS
        frame = button.frame(event, counter=counter, key=key)
        body = {"source": button.source, "frame": frame.hex()}
        case = judging().SCHEMA["/v1/reports"]["POST"].Case(body=body, media_type="application/json")
        seen[server.judge(case)] += 1

    run()
    assert 200 in seen and set(seen) <= {200, 401, 409, 429}


def test_every_answer_to_a_proven_enrolment_is_in_the_contract(server: Server) -> None:
    seen: Counter[int] = Counter()

    @EXAMPLES
    @given(st.sampled_from([*CODES, *map(str.lower, CODES), "GONE-1"]), st.integers(1, 10))
    def run(code: str, seed: int) -> None:
        request = make_request(code, SigningKey(bytes([100 + seed]) * 32))
        case = (
            judging()
            .SCHEMA["/v1/enrolments"]["POST"]
            .Case(
                body={"code": code, "public_key": request.public_key, "signature": request.signature},
                media_type="application/json",
            )
        )
        seen[server.judge(case)] += 1

    run()
    assert set(seen) == {201, 404}


def test_every_answer_to_a_proven_opening_is_in_the_contract(server: Server) -> None:
    seen: Counter[int] = Counter()

    @settings(EXAMPLES, max_examples=examples(20))
    @given(st.binary(min_size=32, max_size=32), st.sampled_from([*judging().KEYS, judging().STRANGER]))
    def run(tag: bytes, key: SigningKey) -> None:
        body = msgspec.to_builtins(make_opening(tag, key))
        case = judging().SCHEMA["/v1/openings"]["POST"].Case(body=body, media_type="application/json")
        seen[server.judge(case)] += 1

    run()
    assert 201 in seen and set(seen) <= {201, 401, 429}


@pytest.mark.parametrize("path", ["/v1/receipt-keys", "/v1/health", "/v1/metrics"])
def test_what_is_asked_without_a_message_is_answered_as_the_contract_says(server: Server, path: str) -> None:
    assert server.judge(judging().SCHEMA[path]["GET"].Case()) == 200


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/enrolments", "/v1/openings", "/v1/receipt-keys"])
def test_what_a_browser_asks_before_it_sends_is_answered_as_the_contract_says(
    server: Server, path: str
) -> None:
    assert server.judge(judging().SCHEMA[path]["OPTIONS"].Case()) == 204


def test_the_same_message_gets_the_same_receipt_from_the_real_process(server: Server) -> None:
    data = Phone(judging().KEYS[0], "", "", counter=1_000_000).press()
    first = server.send("POST", "/v1/messages", data, "application/cose").json()
    again = server.send("POST", "/v1/messages", data, "application/cose").json()
    assert first.pop("next_counter") <= again.pop("next_counter")
    assert first == again


def test_limits_of_size_and_type_hold_in_the_real_process(server: Server) -> None:
    large = bytes(MAX_BYTES + 1)
    assert server.send("POST", "/v1/messages", large, "application/cose").status_code == 413
    assert server.send("POST", "/v1/messages", large[:-1], "application/cose").status_code == 400
    assert server.send("POST", "/v1/enrolments", large[:4097], "application/json").status_code == 413
    assert server.send("POST", "/v1/messages", b"", "text/plain").status_code == 415
    assert server.send("POST", "/v1/enrolments", b"{}").status_code == 415


def test_the_limit_of_rate_holds_in_the_real_process_but_not_for_presses(server: Server) -> None:
    kit = server.installation.issue_kit()
    phone = server.installation.enrol(kit)
    statuses = [
        server.send("POST", "/v1/messages", phone.envelope(Kind.HEARTBEAT), "application/cose").status_code
        for _ in range(2 * int(BURST))
    ]
    assert set(statuses) == {201, 429}
    assert server.send("POST", "/v1/messages", phone.press(), "application/cose").status_code == 201


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_and_addresses_in_the_real_process(server: Server, method: str) -> None:
    assert server.send(method, "/v1/messages").status_code == 405
    assert server.send(method, "/v2/messages").status_code == 404


def test_a_page_of_any_origin_may_send_and_enrol_and_nothing_else(server: Server) -> None:
    for path in ("/v1/messages", "/v1/enrolments"):
        asked = server.send("OPTIONS", path)
        assert asked.status_code == 204 and asked.headers["access-control-allow-origin"] == "*"
        assert server.send("POST", path).headers["access-control-allow-origin"] == "*"
    assert server.send("OPTIONS", "/v1/health").status_code == 405
    assert "access-control-allow-origin" not in server.send("GET", "/v1/health").headers


def statuses_in(source: Path) -> set[int]:
    """Every HTTPStatus that a module names."""
    return {
        int(HTTPStatus[node.attr])
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "HTTPStatus"
    }


def test_the_contract_names_every_status_that_intake_can_give_and_no_other() -> None:
    root = PATH.parents[1]
    given_by_intake = set().union(*(statuses_in(root / source) for source in SOURCES)) | {200}
    in_contract = {
        int(status)
        for operations in CONTRACT["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }
    # 405 belongs to no operation: the contract's own words describe it, and NoSuchAddress is its schema.
    assert given_by_intake == in_contract | {405}


def test_the_contract_names_every_reason_for_which_an_envelope_is_refused() -> None:
    reasons = CONTRACT["components"]["schemas"]["EnvelopeReason"]["enum"]
    assert set(reasons) == set(VECTORS["reasons"]) - {"too-large"}
