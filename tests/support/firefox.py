"""Firefox ESR without a screen, driven over WebDriver BiDi (W3C), and the push service that it holds a connection to.

That service is a stand-in for Mozilla's: it speaks what Firefox speaks to it (hello, register, notification, ack),
gives out addresses at a `PushService` on this machine, and hands on what comes there. Firefox decrypts and shows it
itself.
"""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from egide.common.encoding import to_base64url
from tests.support.push_service import Delivery, PushService
from tests.support.waiting import WITHIN_S, until

# What Firefox says of a message that it decrypted and gave to the page's worker.
DELIVERED = 100
_PREFERENCES = {
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.connection.enabled": True,
    "permissions.default.desktop-notification": 1,
    # Without a desktop there is nobody else to show a notification.
    "alerts.useSystemBackend": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
}


def _program() -> tuple[str, dict[str, str]]:
    """Where it is, and the environment that it needs. The test is left out where it is not there."""
    unpacked = Path(sys.prefix, "firefox")
    program = unpacked / "usr" / "lib" / "firefox-esr" / "firefox-esr"
    if program.exists():
        libraries = ":".join(str(path) for path in unpacked.glob("usr/lib/*-linux-gnu"))
        return str(program), os.environ | {"LD_LIBRARY_PATH": libraries}
    found = shutil.which("firefox-esr")
    if not found:
        pytest.skip("needs Firefox: `make firefox`, or Debian's package firefox-esr")
    return found, dict(os.environ)


class Firefox:
    """What a test sees of it; one tab."""

    def __init__(self, folder: Path, push: PushService) -> None:
        self._folder = folder
        self._push = push
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._channels: dict[str, str] = {}
        self._service: web.WebSocketResponse | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0
        # What it said became of each message: a code.
        self.said: list[int] = []

    def start(self) -> None:
        """Begin, with a profile of its own; returns once a tab is there."""
        self._thread.start()
        port = self._run(self._serve())
        profile = self._folder / "profile"
        profile.mkdir(parents=True)
        wanted = _PREFERENCES | {"dom.push.serverURL": f"ws://127.0.0.1:{port}/"}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items())
        (profile / "user.js").write_text("\n".join(lines), "utf-8")
        program, environment = _program()
        command = [
            program,
            "--headless",
            "--no-remote",
            "--profile",
            str(profile),
            "--remote-debugging-port",
            "0",
        ]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "about:blank"],
                stdout=log,
                stderr=log,
                env=environment | {"HOME": str(self._folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
            )
        listens = profile / "WebDriverBiDiServer.json"
        until(lambda: _whole(listens), lambda: (self._folder / "log").read_text("utf-8", "replace"))
        found = _whole(listens)
        self._run(self._connect(f"ws://{found['ws_host']}:{found['ws_port']}/session"))
        self.do("session.new", capabilities={})
        self._tab = self.do("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url: str) -> None:
        """Go there; returns once the page is loaded."""
        self.do("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression on the page, as JSON has it, in the name of a person who has just clicked."""
        answer = self.do(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def address(self) -> str:
        """The only one that it was given so far."""
        (token,) = self._channels
        return token

    def hand_on(self, delivery: Delivery) -> None:
        """What came for it at the push service."""
        self._run(self._hand_on(delivery))

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of BiDi."""
        self._number += 1
        answer: dict[str, Any] = self._run(self._ask(self._number, method, params))
        assert answer.get("type") != "error", answer
        result: dict[str, Any] = answer["result"]
        return result

    def close(self) -> None:
        """End all of it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(WITHIN_S)
        if self._thread.is_alive():
            with suppress(AttributeError):
                self._run(self._leave())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)

    async def _serve(self) -> int:
        app = web.Application()
        app.add_routes([web.get("/", self._answer)])
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def _answer(self, request: web.Request) -> web.WebSocketResponse:
        service = self._service = web.WebSocketResponse(protocols=("push-notification",))
        await service.prepare(request)
        async for message in service:
            if message.type != WSMsgType.TEXT:
                break
            said = json.loads(message.data)
            kind = said.get("messageType")
            if kind == "hello":
                answer = {"uaid": secrets.token_hex(16), "status": 200, "use_webpush": True, "broadcasts": {}}
                await service.send_json({"messageType": kind} | answer)
            elif kind == "register":
                token = secrets.token_hex(8)
                self._channels[token] = said["channelID"]
                answer = {"status": 200, "pushEndpoint": f"{self._push.origin}/push/{token}"}
                await service.send_json({"messageType": kind, "channelID": said["channelID"]} | answer)
            elif kind == "unregister":
                await service.send_json({"messageType": kind, "channelID": said["channelID"], "status": 200})
            elif kind == "ack":
                self.said += [one["code"] for one in said["updates"]]
            elif kind is None:
                await service.send_str("{}")
        return service

    async def _hand_on(self, delivery: Delivery) -> None:
        assert self._service is not None
        await self._service.send_json(
            {
                "messageType": "notification",
                "channelID": self._channels[delivery.path.rsplit("/", 1)[-1]],
                "version": secrets.token_hex(8),
                "data": to_base64url(delivery.body),
                "headers": {"encoding": delivery.headers["content-encoding"]},
            }
        )

    async def _connect(self, address: str) -> None:
        self._session = ClientSession()
        self._driver: ClientWebSocketResponse = await self._session.ws_connect(address)

    async def _ask(self, number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
        await self._driver.send_json({"id": number, "method": method, "params": params})
        while True:
            answer: dict[str, Any] = await self._driver.receive_json()
            if answer.get("id") == number:
                return answer

    async def _leave(self) -> None:
        await self._session.close()
        await self._runner.cleanup()


def _whole(path: Path) -> dict[str, Any]:
    """What this file says; nothing while it is being written."""
    with suppress(OSError, ValueError):
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return said
    return {}


@contextmanager
def firefox(folder: Path, push: PushService) -> Iterator[Firefox]:
    """It runs until the end of the block."""
    browser = Firefox(folder, push)
    try:
        browser.start()
        yield browser
    finally:
        browser.close()
