"""The guide for others says what the contracts hold: who reads it alone misses no word."""

import re
from html import unescape
from typing import Any

import msgspec
import pytest

from egide.common.config import SMS_PORT
from egide.connectors.alert.sms import LONGEST
from egide.connectors.sms.answering import PAUSES_S
from egide.connectors.sms.gateway import MAX_CALL_BYTES
from egide.connectors.sms.rules import Callback, Half, Whole, fit, read
from egide.connectors.webhooks import WINDOW_S
from egide.entrypoints.watch.roads import RETRY_S
from egide.fleet.supervision.rules import FOR_HER
from egide.protocol.dc09.events import CONTACT_PRESSES, SIA_PRESSES
from egide.protocol.envelope import Kind, decode
from egide.protocol.traccar import read_forward
from tests.protocol.test_vectors import VECTORS
from tests.support.contract import DISPATCH, INTAKE, SMS, Contract
from tools.reference.page import page
from tools.tree import ROOT

GUIDE = ROOT / "contracts" / "guide"
STREAMS = Contract("streams.asyncapi.yaml")


def guide(name: str) -> str:
    return (GUIDE / name).read_text(encoding="utf-8")


def reasons(path: str, status: str) -> list[str]:
    """Why an address refuses, by the contract."""
    response = INTAKE.content["paths"][path]["post"]["responses"][status]
    schema = response["content"]["application/json"]["schema"]["allOf"][1]["properties"]["reason"]
    return list(schema.get("enum", [schema.get("const")]))


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/reports/traccar"])
@pytest.mark.parametrize("status", ["400", "401"])
def test_each_reason_of_a_refused_report_stands_there(path: str, status: str) -> None:
    text = guide("sources.md")
    assert [one for one in reasons(path, status) if f"`{one}`" not in text] == []


def test_each_type_of_an_answer_stands_there() -> None:
    text = guide("signing.md")
    types = DISPATCH.content["components"]["schemas"]["Answer"]["properties"]["type"]["enum"]
    assert len(types) == 7 and [one for one in types if f"`{one}`" not in text] == []


def test_each_type_of_a_message_stands_there() -> None:
    text = guide("signing.md")
    types = DISPATCH.content["components"]["schemas"]["Message"]["properties"]["type"]["enum"]
    assert len(types) == 4 and [one for one in types if f"| `{one}` |" not in text] == []


def test_each_word_of_a_check_and_each_press_of_an_alarm_device_stands_there() -> None:
    assert [word for word in FOR_HER if f"`{word}`" not in guide("phone.md")] == []
    (row,) = (line for line in guide("sources.md").splitlines() if line.startswith("| SIA-DCS"))
    said = set(re.findall("`([^`]+)`", row))
    assert said == CONTACT_PRESSES | SIA_PRESSES


def test_nothing_on_the_page_sends_its_reader_to_a_file_that_is_not_there() -> None:
    """What the contracts say is read where the project is not."""
    told = "".join(str(contract.content) for contract in (DISPATCH, INTAKE, SMS, STREAMS))
    assert re.findall(r"docs/[a-z./_-]+|[a-z_/]+\.py|contracts/sms\.json", told) == []


def test_each_example_is_named_where_its_subject_is_told_and_no_file_of_the_code_is() -> None:
    """But for programs as they stand: those may say what they are called."""
    text = re.sub("<details>.*?</details>", "", page(), flags=re.DOTALL)
    examples = [path.name for path in sorted((ROOT / "contracts" / "examples").iterdir())]
    assert len(examples) > 14 and [one for one in examples if f'href="#example-{one}"' not in text] == []
    assert re.findall(r"\bsrc/egide/[\w./]+|\btests/[\w./]+|\b(?!examples)[a-z]+/[a-z_]+\.py\b", text) == []


def test_a_gateway_reads_there_what_each_answer_means_and_how_often_it_is_called() -> None:
    text = guide("gateway.md")
    schemas, post = SMS.content["components"]["schemas"], SMS.content["paths"]["/v1/sms"]["post"]
    table = text.partition("| answer |")[2].partition("\n\n")[0]
    assert [one for one in (*post["responses"], "405") if one not in table] == []
    problems = (
        SMS.resolved(one)["content"]["application/json"]["schema"] for one in post["responses"].values()
    )
    reasons = {
        word
        for schema in problems
        for part in schema.get("allOf", ())
        for word in _words(part.get("properties", {}).get("reason", {}))
    }
    states = set(schemas["Taken"]["properties"]["state"]["enum"]) | {"kept", "refused"}
    refusals = set(schemas["Refused"]["properties"]["reason"]["enum"]) - set(VECTORS["reasons"])
    said_by_status_alone = {"no-such-address", "not-kept"}
    needed = (states | reasons | refusals) - said_by_status_alone
    assert len(needed) > 15 and [one for one in needed if f"`{one}`" not in text] == []
    assert ", ".join(map(str, PAUSES_S[:-1])) + f" and {PAUSES_S[-1]} seconds" in text
    assert f"every {RETRY_S:g} seconds" in text and f"{WINDOW_S} seconds apart" in text
    assert f"{MAX_CALL_BYTES} bytes" in text and f"{LONGEST} at most" in text


def _words(reason: dict[str, Any]) -> list[str]:
    return list(reason.get("enum", [reason["const"]] if "const" in reason else []))


def test_the_calls_that_a_gateway_reads_there_are_a_press_that_asks_for_an_answer_and_a_whole_one() -> None:
    """As the page has them, read by the code."""
    found = re.search(r"(?:\{&quot;text.*\n){2}\{&quot;udh.*\n", page())
    assert found is not None
    first, second, whole = (
        read(msgspec.json.decode(unescape(one), type=Callback), SMS_PORT) for one in found[0].splitlines()
    )
    assert isinstance(first, Half) and isinstance(second, Half) and fit(first, second) and second.answer
    assert isinstance(whole, Whole) and decode(whole.data).message.kind is Kind.PRESS


def test_the_trackers_event_that_is_shown_is_a_press() -> None:
    shown = re.findall(r"```json\n(.*?)\n```", guide("sources.md"), re.DOTALL)[-1]
    event = read_forward(shown.encode())
    assert event.is_press and event.fix is not None and event.fix.at_s < event.at_s
