"""What dispatch systems are told is what its page shows and its schema says."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from egide.alarm.events.elsewhere import number_for
from egide.connectors.cad.report import encoded, message_of, signed
from egide.connectors.dispatch.facts import CLOSED, MOVED, RAISED, TEST, Facts
from egide.connectors.dispatch.receivers import FIELDS, ID, Receiver
from egide.connectors.webhooks import check_call

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connectors" / "cad.md").read_text(encoding="utf-8")
ALARM, AT_US = "0123456789abcdef-1", 1_798_700_000_000_000
CIRCLE = (50.4542, 3.9523, 20, AT_US - 3_000_000)


def receiver(*fields: str) -> Receiver:
    return Receiver("ccic", "/etc/egide/ccic.secret", ("HAI",), "https://cad.example/egide", fields or FIELDS)


def facts(kind: str = RAISED, circle: tuple[float, float, int, int] | None = CIRCLE) -> Facts:
    link = f"https://desk.egide.example/desk/from/{number_for('ccic', ALARM)}"
    return Facts(kind, ALARM, AT_US, AT_US, circle, weapon=True, link=link)


def schema(name: str) -> Draft202012Validator:
    path = ROOT / "contracts" / "cad" / f"{name}.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def test_the_page_shows_what_is_sent() -> None:
    shown = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert json.loads(shown[0]) == json.loads(encoded(message_of(facts(), receiver())))
    for answer in shown[1:]:
        schema("answer").validate(json.loads(answer))
    assert len(shown) == 3


@pytest.mark.parametrize("fields", [FIELDS, (ID,)], ids=["all", "least"])
@pytest.mark.parametrize("kind", [RAISED, MOVED, CLOSED, TEST])
@pytest.mark.parametrize("circle", [CIRCLE, None], ids=["there", "nowhere"])
def test_each_message_is_what_its_schema_says(
    kind: str, fields: tuple[str, ...], circle: tuple[float, float, int, int] | None
) -> None:
    said = json.loads(encoded(message_of(facts(kind, circle), receiver(*fields))))
    schema("message").validate(said)
    assert set(said) - {"type", "id", "alarm", "at", "raised_at", "test", "cap"} == set(fields) - {ID}
    assert said["test"] is (kind == TEST) and ("<status>Test" in said["cap"]) is (kind == TEST)
    assert ("<circle>" in said["cap"]) is bool(circle and "circle" in fields)


def test_while_a_secret_is_changed_either_proves_the_call() -> None:
    before, after = b"b" * 32, b"a" * 32
    headers = signed("m", 1000, b"{}", (before, after))
    for secret in (before, after):
        check_call([secret], "m", "1000", headers["webhook-signature"], b"{}", 1000)
