"""contracts/sms-gateway.openapi.yaml is true: schemathesis runs it against the real process, with signed calls."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from egide.common.clock import SystemClock
from egide.entrypoints.stack.children import Child, open_listener
from egide.events.register import DeviceEnrolled
from egide.protocol.keys import kid_of
from tests.support.contract import SMS
from tests.support.examples import examples
from tests.support.installation import Installation
from tests.support.kannel import LOGIN
from tests.support.sms_road import SmsRoad, keep_secret


def enrol_its_phones(installation: Installation) -> None:
    """Those whose messages schemathesis makes."""
    for key in import_module("tests.connectors.judging").KEYS:
        kit, public_key = installation.issue_kit(), bytes(key.verify_key)
        device = kid_of(public_key).hex()
        event = DeviceEnrolled(device=device, kit=kit.kit, public_key=public_key, code_hash="")
        installation.append(f"device:{device}", event, case=kit.case)


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmsRoad]:
    with Installation(tmp_path_factory.mktemp("sms"), SystemClock()) as installation:
        enrol_its_phones(installation)
        made = SmsRoad(installation.config)
        yield made
        made.close()


def test_the_contract_is_openapi() -> None:
    validate(SMS.content)


def test_every_answer_to_a_call_is_in_the_contract(road: SmsRoad) -> None:
    judging = import_module("tests.connectors.judging")
    seen: Counter[tuple[int, str]] = Counter()
    session = requests.Session()

    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck), database=None)
    @given(call=judging.calls())
    def run(call: Any) -> None:
        judge(call)

    def judge(call: Any) -> None:
        now_s = SystemClock().now_us() // 1_000_000
        seen[judging.judge(call, seen.total(), now_s, road.url, session)] += 1

    run()
    for call in judging.sure_calls():
        judge(call)
    statuses = {status for status, _said in seen}
    assert 200 in statuses and not {status for status in statuses if status >= 500}
    # The signature gets calls past the door: presses that are kept, halves that wait, and what is refused by name.
    assert seen[200, "received"] and seen[200, "waiting"] and seen[200, "refused"]


def test_every_answer_in_kannels_form_is_in_the_contract_and_empty(
    installation: Installation, tmp_path: Path
) -> None:
    judging = import_module("tests.connectors.judging")
    enrol_its_phones(installation)
    listener = open_listener()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    secret = keep_secret(tmp_path, LOGIN)
    config = replace(installation.config, sms_form="kannel", sms_secrets=str(secret))
    child = Child("egide.entrypoints.sms", [], config.environment(), listener)
    child.ready()
    seen: Counter[int] = Counter()
    session = requests.Session()

    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck), database=None)
    @given(call=judging.kannel_calls())
    def run(call: Any) -> None:
        seen[judging.judge_kannel(call, url, session)] += 1

    try:
        run()
        for call in judging.sure_kannel_calls():
            seen[judging.judge_kannel(call, url, session)] += 1
        counted = session.get(f"{url}/v1/metrics").text
    finally:
        session.close()
        child.stop()
        listener.close()
    assert set(seen) <= {200, 202, 400, 401}
    assert all(
        f'reason="{word}"' in counted for word in ("received", "waiting", "not-a-press", "bad-password")
    )


@pytest.mark.parametrize("path", ["/v1/health", "/v1/metrics"])
def test_what_the_operating_service_asks_is_answered_as_the_contract_says(road: SmsRoad, path: str) -> None:
    judging = import_module("tests.connectors.judging")
    with requests.Session() as session:
        assert judging.judge_question(path, road.url, session) == 200
