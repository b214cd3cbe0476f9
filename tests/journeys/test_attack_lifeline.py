"""Against the running house: what would steer, stop, drown or betray an alarm (safety rules 8, 39, 40 and 42)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from egide.alarm import events as a
from egide.protocol.envelope import Kind
from egide.protocol.keys import kid_of
from tests.journeys.conftest import Desk, World
from tests.journeys.test_team import Team
from tests.support import browser as b
from tests.support.attacks import TYPED, TYPED_END, costly, forged, stranger
from tests.support.installation import Phone

POST = """async ([path, form]) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "X-CSRFToken": token, "X-Egide-Fragment": "1" };
  return (await fetch(path, { method: "POST", headers, body: new URLSearchParams(form) })).status;
}"""


def typed(page: Page, path: str, **form: str) -> int:
    """The status of a form that this window's session sends, without the page's own hand."""
    return int(page.evaluate(POST, [path, form]))


def everything_typed(desk: Desk, alarm: str) -> list[int]:
    """One operator sends all that can be typed, as fast as it goes."""
    steps = (*TYPED, ("close", TYPED_END))
    return [typed(desk.page, f"/desk/alarms/{alarm}/{step}", **form) for step, form in steps]


def test_one_operator_ends_no_alarm_and_promises_her_nothing(world: World) -> None:
    phone = world.phone()
    alarm = phone.press()
    world.until(lambda: world.state(alarm).lead.route, "routed")
    desk = world.desk()
    assert everything_typed(desk, alarm) == [200, 200, 200, 200, 200, 422]
    assert world.state(alarm).is_open
    desk.choose(alarm)
    expect(desk("#only-told")).to_be_visible()

    status, told = phone.post("/v1/messages", phone.envelope(Kind.HEARTBEAT, press=1))
    pending = {item["what"] for item in told["pending"]}
    assert status == 201 and "seen" in pending and "team" not in pending

    page = world.window(language="en")
    b.sign_in(page, world.stack, "mons-quevy-21", "/zone/")
    page.locator(f"#card-{alarm} form[action$='on-site'] button").click()
    world.until(lambda: world.state(alarm).is_arrival_confirmed, "the zone said it")
    _status, told = phone.post("/v1/messages", phone.envelope(Kind.HEARTBEAT, press=1))
    assert {"what": "team", "text": "on-site"} in told["pending"]
    assert typed(desk.page, f"/desk/alarms/{alarm}/close", outcome="test", reason="seen") == 200


@pytest.mark.full("tests/attacks/test_costly_messages.py")
def test_the_costliest_messages_there_are_keep_no_press_away(world: World) -> None:
    phone = world.phone()
    enrolled = Phone(phone.key, kid_of(bytes(phone.key.verify_key)).hex(), "")
    flood = [stranger().seal(costly()), forged(enrolled, costly()), enrolled.seal(costly())]

    def send(data: bytes) -> tuple[int, str]:
        status, answer = phone.post("/v1/messages", data)
        return status, answer["reason"]

    with ThreadPoolExecutor(8) as senders:
        refused = senders.map(send, flood * 40)
        alarm = phone.press()
        assert set(refused) == {(401, "unknown-key"), (401, "bad-signature"), (400, "too-many-items")}
    world.until(lambda: world.state(alarm).lead.route, "the press went its way")
    desk = world.desk()
    expect(desk.row(alarm)).to_be_visible()


def test_a_team_that_said_it_itself_is_promised_as_far_as_it_is(world: World) -> None:
    team = Team(world)
    phone = team.phone
    for event, step in ((a.TeamUnderWay("team:M 12"), "under-way"), (a.TeamOnSite("team:M 12"), "on-site")):
        team.decide(event)
        _status, told = phone.post("/v1/messages", phone.envelope(Kind.HEARTBEAT, press=1))
        assert {"what": "team", "text": step} in told["pending"]
