"""What administrators measure: every number is there, nobody is in it, and the ready alerts ask for what exists."""

import asyncio
import fcntl
import json
import re
import resource
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from egide.common.config import NotSetUp
from egide.entrypoints.processes.measuring import Metrics
from egide.entrypoints.processes.metrics import TEXT, Application, check_address
from egide.entrypoints.stack.children import Child, ChildFailed, open_listener
from egide.events.register import KitTroubleTold, KitWatched
from egide.events.system import CanaryEnrolled, CanaryReceived, CanaryRouted
from egide.fleet.models import Item, Kit
from egide.fleet.supervision import rules as r
from egide.fleet.supervision.troubles import models
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.signs import ChainTrouble, Signs
from egide.journal.service import Entry
from egide.protocol.keys import SigningKey, kid_of
from tests.fleet.conftest import migrated, pages
from tests.fleet.files import ZONE
from tests.support.asgi import IntakeClient
from tests.support.installation import Phone
from tests.support.pages import Pages

__all__ = ["migrated", "pages"]

# On a busy machine.
WITHIN_S = 60.0
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
NAME = re.compile(r"\begide_[a-z_]+\b")


class Asked:
    """The application without a socket."""

    def __init__(self, pages: Pages, token: str = "") -> None:
        self.pages = pages
        self.signs = Signs(pages.config, pages.clock)
        measures = Metrics(pages.config, pages.journal, pages.clock, models)
        self.application = Application(measures, self.signs, pages.clock, token)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[str, dict[str, str], str]:
        answered: list[Any] = []
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, **headers}
        (body,) = self.application(environ, lambda status, headers: answered.extend((status, dict(headers))))
        return answered[0], answered[1], body.decode()

    def samples(self) -> dict[tuple[str, ...], float]:
        """Everything that is measured, by name and the values of its labels in the order of the alphabet."""
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(self.get("/metrics")[2])
            for sample in family.samples
        }


@pytest.fixture
def asked(pages: Pages) -> Asked:
    return Asked(pages)


def wrong_kit(pages: Pages) -> Phone:
    """A kit that is out, whose trouble the zone knows, made of a button and a phone of the stock."""
    phone = pages.installation.enrol()
    since_us = pages.clock.now_us()
    stream = f"kit:{phone.kit}"
    pages.installation.append(stream, KitWatched(kit=phone.kit, level=r.HIGHEST), case=phone.case)
    for whom in (r.PERSON, r.ZONE):
        told = KitTroubleTold(kit=phone.kit, what=r.SILENT, whom=whom, since_us=since_us)
        pages.installation.append(stream, told, case=phone.case)
    items = [
        Item.objects.create(kind=kind, serial=f"{kind}-1", model=model, state="issued", zone=ZONE, since_us=1)
        for kind, model in (("button", "Model B"), ("phone", "Model P"))
    ]
    Kit.objects.create(
        id=phone.kit,
        case_id=phone.case,
        state="issued",
        button_item=items[0],
        phone_item=items[1],
        button_id="b",
        button_key_sealed=b"",
        issued_at_us=1,
    )
    return phone


def canary(pages: Pages) -> None:
    """A control press that came through just now."""
    public = bytes(SigningKey.generate().verify_key)
    device = kid_of(public).hex()
    stream = f"canary:{device}"
    pages.installation.append(stream, CanaryEnrolled(device=device, public_key=public))
    row = pages.installation.append(stream, CanaryReceived(device=device, counter=1, sent_at_s=0, digest=""))
    routed = CanaryRouted(device=device, counter=1)
    pages.journal.append([Entry(stream=stream, event=routed, cause=row.seq)])


def test_counts_by_kind_by_level_and_by_model(asked: Asked) -> None:
    phone = wrong_kit(asked.pages)
    Heartbeats(asked.pages.config).wake([phone.device], asked.pages.clock.now_us() // 1_000_000 - 7)
    asked.signs.beat("worker", 5, 12)
    asked.signs.count("push failed", 3)
    asked.signs.do_keep([ChainTrouble("outbox", "silent", 1), ChainTrouble("alarm:0011-1", "", 1)], [])
    canary(asked.pages)
    asked.pages.clock.advance_s(3)
    found = asked.samples()
    assert found["egide_kits_watched", "highest"] == 1
    assert found["egide_kit_troubles", "silent", "zone"] == 1
    assert found["egide_kit_troubles_by_model", "Model B", "button", "silent"] == 1
    assert found["egide_items", "Model P", "issued", "phone"] == 1
    assert (found["egide_kits_due",], found["egide_kits_due_seconds",]) == (1, 10)
    assert (found["egide_process_behind", "worker"], found["egide_process_age_seconds", "worker"]) == (7, 3)
    assert found["egide_push_tries_total", "failed"] == 3
    assert (found["egide_chain_trouble", "outbox"], found["egide_alarms_on_no_board",]) == (1, 1)
    assert found["egide_canary_age_seconds",] == 3
    assert found["egide_journal_head",] == asked.pages.journal.head()


def test_nobody_is_in_it(asked: Asked) -> None:
    phone = wrong_kit(asked.pages)
    alarm = asked.pages.installation.open_alarm(phone)
    asked.signs.do_keep([ChainTrouble(f"alarm:{alarm}", "", 1)], [])
    _status, headers, text = asked.get("/metrics")
    ready = asked.get("/health/ready")[2]
    assert headers["Content-Type"] == TEXT and "version=0.0.4" in TEXT
    assert "egide_open_alarms 1.0" in text
    for personal in (phone.kit, phone.case, phone.device, alarm, ZONE, "button-1"):
        assert personal not in text and personal not in ready


def test_ready_says_what_is_silent_and_what_is_wrong(asked: Asked) -> None:
    assert asked.get("/health/live")[0] == "200 OK"
    status, _headers, body = asked.get("/health/ready")
    assert status.startswith("503") and '"worker supervision"' in body
    for name in (
        "worker",
        "worker ladder",
        "worker outbox",
        "worker supervision",
        "watch",
        "intake 1",
        "live 2",
        "web 3",
    ):
        asked.signs.beat(name)
    assert asked.get("/health/ready")[0] == "200 OK"
    asked.signs.do_keep([ChainTrouble("live:http://x", "unanswered", 1)], [])
    status, _headers, body = asked.get("/health/ready")
    assert status.startswith("503") and '"wrong":["live"]' in body


def test_with_a_token_nobody_asks_without_it(pages: Pages) -> None:
    asked = Asked(pages, token="long and random")
    for path in ("/metrics", "/health/ready", "/health/live"):
        assert asked.get(path)[0].startswith("401")
        assert asked.get(path, HTTP_AUTHORIZATION="Bearer long and")[0].startswith("401")
    assert asked.get("/metrics", HTTP_AUTHORIZATION="Bearer long and random")[0] == "200 OK"
    assert asked.get("/elsewhere")[0].startswith("404")
    assert Asked(pages).get("/metrics", method="POST")[0].startswith("405")


def test_another_address_needs_a_token() -> None:
    check_address("127.0.0.1", "")
    check_address("::1", "")
    check_address("0.0.0.0", "token")
    with pytest.raises(NotSetUp, match="EGIDE_METRICS_TOKEN"):
        check_address("0.0.0.0", "")


def test_the_process_serves_and_refuses_an_open_address(pages: Pages) -> None:
    # A descriptor that `select` does not know: a parent with many files hands down such a one.
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open_listener() as low:
        listener = socket.socket(fileno=fcntl.fcntl(low, fcntl.F_DUPFD, min(1024, most - 64)))
    listener.set_inheritable(True)
    child = Child("egide.entrypoints.metrics", [], pages.config.environment(), listener)
    try:
        port = child.ready()["port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=WITHIN_S) as reply:
            assert reply.headers["content-type"] == TEXT and b"egide_journal_head" in reply.read()
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=WITHIN_S)
    finally:
        child.stop()
        listener.close()
    open_to_all = Child(
        "egide.entrypoints.metrics", ["--host", "0.0.0.0", "--port", "0"], pages.config.environment()
    )
    with pytest.raises(ChildFailed):
        open_to_all.ready()


async def counters_of(pages: Pages) -> str:
    """What an intake counts that took one press."""
    async with IntakeClient(pages.installation) as intake:
        assert (await intake.send(pages.installation.enrol().press())).status == 201
        return await intake.metrics()


def measured_by(asked: Asked) -> set[str]:
    """The names of all numbers, where one of each kind is there."""
    wrong_kit(asked.pages)
    canary(asked.pages)
    asked.signs.beat("worker")
    asked.signs.do_keep([ChainTrouble("outbox", "silent", 1)], [])
    asked.signs.count("connections intake too-many", 3)
    counters = asyncio.run(counters_of(asked.pages))
    return set(NAME.findall(asked.get("/metrics")[2])) | set(NAME.findall(counters))


@pytest.mark.parametrize("name", ["chain", "kits"])
def test_the_ready_dashboards_ask_for_what_exists_and_overlap_nowhere(asked: Asked, name: str) -> None:
    measured = measured_by(asked)
    dashboard = json.loads((OPERATIONS / "grafana" / f"{name}.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            names = set(NAME.findall(target["expr"]))
            assert names and names <= measured, f"{panel['title']} asks for {names - measured}"
            assert target["datasource"]["uid"] == "${source}"
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


def test_the_ready_alerts_ask_for_what_exists_and_each_is_explained(asked: Asked) -> None:
    measured = measured_by(asked)
    text = (OPERATIONS / "README.md").read_text(encoding="utf-8")
    rules = [
        rule
        for group in yaml.safe_load((OPERATIONS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]
    assert len(rules) >= 15
    for rule in rules:
        expression = rule["expr"]
        names = set(NAME.findall(expression))
        assert names <= measured, f"{rule['alert']} asks for {names - measured}"
        assert names or expression.startswith("up{")
        assert expression.count("(") == expression.count(")")
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "0s"))
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]
        assert f"### {rule['alert']}\n" in text
    headings = re.findall(r"^### (Egide\w+)$", text, re.MULTILINE)
    assert sorted(headings) == sorted(rule["alert"] for rule in rules)
    for name in {name.removesuffix("_total") for name in measured if not name.endswith("_created")}:
        assert name in text, f"{name} is explained nowhere"
