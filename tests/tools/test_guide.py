"""The guide for others says what the contracts hold: who reads it alone misses no word."""

import re

import pytest

from egide.fleet.supervision.rules import FOR_HER
from egide.protocol.dc09.events import CONTACT_PRESSES, SIA_PRESSES
from egide.protocol.traccar import read_forward
from tests.support.contract import DISPATCH, INTAKE
from tools.tree import ROOT

GUIDE = ROOT / "contracts" / "guide"


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
    told = "".join(str(contract.content) for contract in (DISPATCH, INTAKE))
    assert re.findall(r"docs/[a-z./_-]+|[a-z_/]+\.py", told) == []


def test_the_trackers_event_that_is_shown_is_a_press() -> None:
    shown = re.findall(r"```json\n(.*?)\n```", guide("sources.md"), re.DOTALL)[-1]
    event = read_forward(shown.encode())
    assert event.is_press and event.fix is not None and event.fix.at_s < event.at_s
