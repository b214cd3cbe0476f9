"""The front of a sandbox passes calls on as they are, notes them, and plays what the script says."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from standardwebhooks.webhooks import Webhook

from egide.common.clock import SystemClock, utc
from egide.connectors.webhooks import check_call, secret_of
from egide.entrypoints.stack.sandbox.calls import Call, Calls
from egide.entrypoints.stack.sandbox.front import Behind, Front
from egide.entrypoints.stack.sandbox.script import read_script
from egide.entrypoints.stack.sandbox.words import outcome
from egide.protocol.envelope import Kind, Message, encode
from egide.protocol.keys import SigningKey

NOW_S = 1_800_000_000
SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
PRESS = encode(Message(kind=Kind.PRESS, counter=1, sent_at_s=NOW_S), SigningKey(b"\x07" * 32))
COSE = {"Content-Type": "application/cose"}


@dataclass
class Door:
    """What stands behind: it answers as it is told, and keeps what came."""

    status: int = 201
    answer: bytes = b'{"alarm": "a1"}'
    came: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((request.path_qs, await request.read(), dict(request.headers)))
        return web.Response(status=self.status, body=self.answer, headers={"Retry-After": "7"})


@dataclass
class Standing:
    """A front with a door behind it, and who calls."""

    front: Front
    door: Door
    client: "TestClient[web.Request, web.Application]"
    url: str
    ahead_s: int = 0

    def noted(self) -> list[Call]:
        return [one for one in self.front.calls.all() if isinstance(one, Call)]


@asynccontextmanager
async def standing(script: str = "") -> AsyncIterator[Standing]:
    door, behind = Door(), web.Application()
    behind.router.add_route("*", "/{any:.*}", door.take)
    async with TestServer(behind) as server:
        url = str(server.make_url("")).rstrip("/")
        found: list[Standing] = []
        front = Front(
            Calls(lambda: NOW_S * 1_000_000),
            Behind(
                url,
                f"{url}/road",
                url,
                {"cad": SECRET, "sms": SECRET},
                lambda: found[0].ahead_s,
                lambda: NOW_S,
            ),
        )
        front.play(read_script(script))
        app = web.Application()
        app.add_routes(front.routes())
        app.on_startup.append(front.begin)
        app.on_cleanup.append(front.end)
        async with TestClient(TestServer(app)) as client:
            found.append(Standing(front, door, client, url))
            yield found[0]


async def test_a_call_goes_on_as_it_is_and_its_answer_comes_back() -> None:
    async with standing() as here:
        answer = await here.client.post("/v1/messages?x=1", data=PRESS, headers=COSE | {"X-Own": "kept"})
        assert (answer.status, await answer.read()) == (201, b'{"alarm": "a1"}')
        assert answer.headers["Retry-After"] == "7"
        ((path, body, headers),) = here.door.came
        assert (path, body) == ("/v1/messages?x=1", PRESS)
        assert (headers["Content-Type"], headers["X-Own"]) == ("application/cose", "kept")
        (call,) = here.noted()
        assert (call.road, call.nth, call.status, call.is_over) == ("press", 1, 201, True)
        assert json.loads(call.asked)["kind"] == "press"


async def test_a_refusal_is_said_in_words_with_its_reason() -> None:
    async with standing() as here:
        here.door.status, here.door.answer = 401, b'{"error": "Unauthorized", "reason": "unknown-key"}'
        assert (await here.client.post("/v1/messages", data=PRESS, headers=COSE)).status == 401
        assert outcome(here.noted()[0]).startswith("Nobody knows a phone with this key")
        here.door.status, here.door.answer = 401, b""
        await here.client.post("/dispatch/cad/answers", data=b"{}")
        assert "No right signature of this system" in outcome(here.noted()[1])


async def test_the_answer_that_the_script_loses_arrived_all_the_same() -> None:
    async with standing("press 2: lose the answer") as here:
        await here.client.post("/v1/messages", data=PRESS, headers=COSE)
        with pytest.raises(aiohttp.ClientError):
            await here.client.post("/v1/messages", data=PRESS, headers=COSE)
        assert (await here.client.post("/v1/messages", data=PRESS, headers=COSE)).status == 201
        assert len(here.door.came) == 3
        assert [call.fault for call in here.noted()] == ["", "press 2: lose the answer", ""]


async def test_a_lost_call_never_arrives_a_refused_one_neither_and_one_may_come_twice() -> None:
    script = "press 1: lose the call\npress 2: refuse 503\npress 3: send it twice"
    async with standing(script) as here:
        with pytest.raises(aiohttp.ClientError):
            await here.client.post("/v1/messages", data=PRESS, headers=COSE)
        assert (await here.client.post("/v1/messages", data=PRESS, headers=COSE)).status == 503
        assert here.door.came == []
        assert (await here.client.post("/v1/messages", data=PRESS, headers=COSE)).status == 201
        assert len(here.door.came) == 2


async def test_a_held_answer_lets_the_caller_give_up_first() -> None:
    async with standing("alarm 1: hold the answer 600 s") as here:
        here.front.name_receiver(f"{here.url}/egide")
        with pytest.raises(TimeoutError):
            await here.client.post("/to/cad", data=b"{}", timeout=aiohttp.ClientTimeout(total=0.2))
        assert [path for path, _body, _headers in here.door.came] == ["/egide"]


async def test_nobody_outside_of_this_machine_is_told() -> None:
    async with standing() as here:
        for url in ("http://example.org/", "https://192.0.2.1/", "ftp://127.0.0.1/", "egide"):
            with pytest.raises(ValueError, match=re.escape(url)):
                here.front.name_receiver(url)
        assert (await here.client.post("/to/cad", data=b"{}")).status == 200
        assert "the sandbox took it" in outcome(here.noted()[0])
        assert here.door.came == []


async def test_a_receiver_that_does_not_listen_is_said_so() -> None:
    async with standing() as here:
        here.front.name_receiver("http://127.0.0.1:1/egide")
        assert (await here.client.post("/to/cad", data=b"{}")).status == 502
        assert outcome(here.noted()[0]) == (
            "Your system refused it: Egide tries again until it is taken or the alarm is over."
        )


async def test_a_gateway_hands_on_and_is_given_what_to_send_by_its_own_clock() -> None:
    body = b'{"text": "STOP"}'
    async with standing() as here:
        here.ahead_s = 7200
        signed = Webhook(SECRET).sign("in_1", utc(NOW_S * 1_000_000), body.decode())
        headers = {"webhook-id": "in_1", "webhook-timestamp": str(NOW_S), "webhook-signature": signed}
        here.door.status, here.door.answer = 200, b'{"state":"refused","reason":"not-a-press"}'
        await here.client.post("/v1/sms", data=body, headers=headers)
        ((path, _body, came),) = here.door.came
        check_call(
            [secret_of(SECRET)],
            "in_1",
            came["webhook-timestamp"],
            came["webhook-signature"],
            body,
            NOW_S + 7200,
        )
        assert path == "/road/v1/sms" and outcome(here.noted()[0]).startswith("This is a text of somebody")
        here.door.status, here.door.answer = 401, b'{"error":"Unauthorized","reason":"bad-signature"}'
        await here.client.post("/v1/sms", data=body)
        assert "sign id, time and body with the secret above" in outcome(here.noted()[1])
        # Nobody is named yet; then the gateway, and not the dispatch system.
        assert (await here.client.post("/to/sms", data=b"{}")).status == 200 and len(here.door.came) == 2
        with pytest.raises(ValueError, match="example"):
            here.front.name_gateway("http://example.org/")
        here.front.name_gateway(f"{here.url}/send")
        here.front.name_receiver(f"{here.url}/egide")
        here.door.status, here.door.answer = 503, b""
        await here.client.post("/to/sms", data=b"{}")
        assert here.door.came[-1][0] == "/send" and "five times" in outcome(here.noted()[-1])
        assert [call.road for call in here.noted()] == ["text", "text", "send", "send"]


async def test_each_side_of_a_turned_clock_checks_signatures_by_its_own() -> None:
    body = b'{"type": "alarm.shown"}'
    async with standing() as here:
        here.ahead_s = 7200
        # By the integrator's clock, which nobody turned.
        signed = Webhook(SECRET).sign("msg_1", utc(NOW_S * 1_000_000), body.decode())
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW_S), "webhook-signature": signed}
        await here.client.post("/dispatch/cad/answers", data=body, headers=headers)
        _path, _body, came = here.door.came[0]
        check_call(
            [secret_of(SECRET)],
            "msg_1",
            came["webhook-timestamp"],
            came["webhook-signature"],
            body,
            NOW_S + 7200,
        )
        # What nobody signed rightly stays as it is.
        await here.client.post("/dispatch/cad/answers", data=b"{}", headers=headers)
        assert here.door.came[1][2]["webhook-signature"] == signed
        # Egide's own word, read by the library of the other side, whose clock is this machine's.
        here.front.name_receiver(f"{here.url}/egide")
        real_s = SystemClock().now_us() // 1_000_000
        here.front._now_s = lambda: real_s
        there = str(real_s + 7200)
        signed = Webhook(SECRET).sign("msg_2", utc((real_s + 7200) * 1_000_000), body.decode())
        headers = {"webhook-id": "msg_2", "webhook-timestamp": there, "webhook-signature": signed}
        await here.client.post("/to/cad", data=body, headers=headers)
        lower = {name.lower(): value for name, value in here.door.came[2][2].items()}
        assert Webhook(SECRET).verify(body, lower) == {"type": "alarm.shown"}
