"""The console's page: in four languages, without anything from elsewhere, for its own page's clicks alone."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from egide.entrypoints.stack.sandbox.acting import Acting
from egide.entrypoints.stack.sandbox.calls import Calls
from egide.entrypoints.stack.sandbox.console import POLICY, Console
from egide.entrypoints.stack.sandbox.front import Behind, Front
from egide.entrypoints.stack.sandbox.house import House
from egide.entrypoints.stack.sandbox.keys import do_make
from egide.entrypoints.stack.sandbox.showing import prepare

NOW_US = 1_800_000_000_000_000
Client = TestClient[web.Request, web.Application]
pytestmark = pytest.mark.usefixtures("migrated")


class Pressed(SimpleNamespace):
    """An installation of which only the buttons are there."""

    pressed: list[str]

    def press(self, kit: dict[str, Any]) -> None:
        self.pressed.append(kit["name"])


@asynccontextmanager
async def console(folder: Path) -> AsyncIterator[tuple[Client, Pressed, Calls]]:
    prepare()
    keys = do_make(folder, "http://127.0.0.1:9", with_feed=True)
    kits = [{"name": f"<b>Person {number}</b>"} for number in range(1, 5)]
    house = Pressed(demo={"kits": kits, "users": []}, keys=keys, folder=folder, pressed=[])
    calls = Calls(lambda: NOW_US)
    front = Front(calls, Behind(*["http://127.0.0.1:1"] * 3, {}, lambda: 0, lambda: 0))
    acting = Acting(cast(House, house), calls)
    app = Console(cast(House, house), front, acting).application()
    async with TestClient(TestServer(app)) as client:
        yield client, house, calls


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Bac à sable pour intégrateurs"),
        ("nl", "Zandbak voor integratoren"),
        ("de", "Sandbox für Integratoren"),
        ("en", "Sandbox for integrators"),
    ],
)
async def test_the_page_is_read_in_the_language_of_its_reader(
    tmp_path: Path, language: str, words: str
) -> None:
    async with console(tmp_path) as (client, _house, _calls):
        chosen = await (await client.get(f"/sandbox/?lang={language}")).text()
        asked = await client.get("/sandbox/", headers={"Accept-Language": f"{language}-BE,xx;q=0.5"})
        for page in (chosen, await asked.text()):
            assert words in page and f'<html lang="{language}">' in page


async def test_the_page_has_nothing_from_elsewhere_and_runs_nothing_that_was_said(tmp_path: Path) -> None:
    async with console(tmp_path) as (client, _house, calls):
        calls.end(calls.begin("other", "POST", "/v1/<script>", b'{"a": "<script>alert(1)</script>"}'))
        answer = await client.get("/sandbox/")
        page = await answer.text()
        assert answer.headers["Content-Security-Policy"] == POLICY and "default-src 'none'" in POLICY
        assert "<script>" not in page and "<b>Person" not in page
        linked = re.findall(r'(?:src|href|action)="([^"]+)"', page)
        assert all(one.startswith(("/sandbox/", "#")) for one in linked)
        for one in linked:
            if "/static/" in one:
                assert (await client.get(one)).status == 200
        assert (await client.get("/sandbox/static/secret")).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "attacker.example"}, 403),
        ({"Origin": "http://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_no_page_of_others_presses_a_button(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with console(tmp_path) as (client, house, _calls):
        answer = await client.post("/sandbox/press", data={"number": "2"}, headers=headers)
        assert answer.status == status
        assert house.pressed == (["<b>Person 2</b>"] if status == 200 else [])


async def test_the_keys_are_not_read_under_a_name_of_others(tmp_path: Path) -> None:
    async with console(tmp_path) as (client, house, _calls):
        for path in ("/sandbox/", "/sandbox/calls", "/sandbox/journal", "/"):
            answer = await client.get(path, headers={"Host": "attacker.example"})
            assert answer.status == 403 and house.keys.secret not in await answer.text()


@pytest.mark.parametrize(
    ("path", "form", "status", "words"),
    [
        ("press", {"number": "9"}, 422, "There are buttons 1 to 3."),
        ("press", {"number": "one"}, 400, "expected a whole number"),
        ("step", {"what": "dance"}, 400, "expected acknowledge"),
        ("clock", {"seconds": "999999999"}, 400, "expected 0 to"),
        ("receiver", {"url": "http://example.org/"}, 422, "no address of this machine"),
        ("script", {"text": "press 1: eat it"}, 422, "Line 1, “press 1: eat it”"),
    ],
)
async def test_what_cannot_be_done_is_said(
    tmp_path: Path, path: str, form: dict[str, str], status: int, words: str
) -> None:
    async with console(tmp_path) as (client, _house, _calls):
        answer = await client.post(f"/sandbox/{path}?lang=en", data=form)
        assert (answer.status, words in await answer.text()) == (status, True)


async def test_a_row_comes_when_a_call_does_and_again_when_it_is_answered(tmp_path: Path) -> None:
    async with console(tmp_path) as (client, _house, calls), client.get("/sandbox/live?lang=en") as stream:
        call = calls.begin("press", "POST", "/v1/messages", b"")
        first = await stream.content.readline()
        assert b'id=\\"n1\\"' in first and b"No answer yet." in first
        await stream.content.readline()
        call.status, call.reason = 401, "bad-signature"
        calls.end(call)
        assert b"not that of the phone" in await stream.content.readline()


async def test_the_clock_is_turned_on_by_button(tmp_path: Path) -> None:
    async with console(tmp_path) as (client, _house, _calls):
        page = await (await client.post("/sandbox/clock?lang=en", data={"seconds": "3600"})).text()
        assert "The sandbox is 1 h ahead of this machine" in page
        assert "“clock +3600 s”" in page
