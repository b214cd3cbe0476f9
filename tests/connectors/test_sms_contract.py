"""contracts/sms-gateway.openapi.yaml is true: schemathesis runs it against the real process, with signed calls."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from egide.common.clock import SystemClock
from egide.events.register import DeviceEnrolled
from egide.protocol.keys import kid_of
from tests.support.contract import SMS
from tests.support.examples import examples
from tests.support.installation import Installation
from tests.support.sms_road import SmsRoad


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmsRoad]:
    with Installation(tmp_path_factory.mktemp("sms"), SystemClock()) as installation:
        for key in import_module("tests.connectors.judging").KEYS:
            kit, public_key = installation.issue_kit(), bytes(key.verify_key)
            device = kid_of(public_key).hex()
            event = DeviceEnrolled(device=device, kit=kit.kit, public_key=public_key, code_hash="")
            installation.append(f"device:{device}", event, case=kit.case)
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


@pytest.mark.parametrize("path", ["/v1/health", "/v1/metrics"])
def test_what_the_operating_service_asks_is_answered_as_the_contract_says(road: SmsRoad, path: str) -> None:
    judging = import_module("tests.connectors.judging")
    with requests.Session() as session:
        assert judging.judge_question(path, road.url, session) == 200
