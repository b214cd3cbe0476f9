"""Our web app under the kit: the built pages in Chromium, from an origin of their own; a finger does what is asked."""

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from egide.conform.phone.pretended import Pretended
from tests.journeys.phone_app import DURESS, HELD, PIN, QUICK_STEP, SLACK_MS, TELEPHONE
from tests.support.browser import ARGUMENTS, NAMES, PATIENCE_MS, SHELL, path_of
from tools.tree import ROOT

DIST = ROOT / "phone" / "dist"


class WebApp:
    """One telephone with the app; its page is closed and opened again, and what it kept stays."""

    def __init__(self, context: BrowserContext, url: str, server: Pretended, hold_ms: int) -> None:
        self._context, self._url, self._server, self._hold_ms = context, url, server, hold_ms
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    async def ask(self, what: str) -> None:
        match what:
            case "enrol":
                await self._open()
                await self.page.locator("#decoy h1").click(click_count=3)
                await self.page.locator("#code").fill(self._server.code)
                await self._enrol()
            case "enrol again":
                await self._enrol()
            case "press":
                await self._press()
            case "end the app":
                await self.page.close()
            case "start the app":
                await self._open()

    async def _open(self) -> None:
        self._page = await self._context.new_page()
        await self.page.goto(self._url)

    async def _enrol(self) -> None:
        """Through all steps; the position is allowed, microphone and button are left out."""
        await self.page.locator("#enrol-next").click()
        await self.page.locator("#pin").fill(PIN)
        await self.page.locator("#duress-pin").fill(DURESS)
        await self.page.locator("#pin-next").click()
        await self.page.locator("#allow").click()
        await self.page.locator("#deny").click()
        await expect(self.page.locator("#button-model")).to_be_visible()
        await self.page.locator("#deny").click()
        await self.page.locator("#done").click()
        await self.page.locator("#quit").click()
        await expect(self.page.locator("#decoy .body")).not_to_be_empty()

    async def _press(self) -> None:
        await expect(self.page.locator("#decoy")).to_be_visible()
        await self.page.mouse.move(180, 600)
        await self.page.mouse.down()
        await self.page.wait_for_function(
            "(ms) => heldMs() > ms", arg=self._hold_ms + SLACK_MS, polling=50, timeout=PATIENCE_MS
        )
        await self.page.mouse.up()


async def _file(request: web.Request) -> web.StreamResponse:
    """One file of the built app; its first page carries the addresses of intake."""
    file = (DIST / (request.match_info["name"] or "index.html")).resolve()
    if not file.is_relative_to(DIST) or not file.is_file():
        return web.Response(status=404)
    content = file.read_bytes()
    if file.name == "index.html":
        servers = " ".join(request.app[ADDRESSES])
        content = content.replace(b"%SERVERS%", servers.encode()).replace(b"%MINUTES%", b"30")
        for name in (b"%SMS%", b"%SMSANSWERS%", b"%PUSH%", b"%STAGE%"):
            content = content.replace(name, b"")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return web.Response(body=content, content_type=kind)


ADDRESSES = web.AppKey("addresses", tuple[str, ...])


@asynccontextmanager
async def web_app(server: Pretended, hold_ms: int) -> AsyncIterator[WebApp]:
    app = web.Application()
    app[ADDRESSES] = server.addresses
    app.router.add_get("/app/{name:.*}", _file)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://localhost:{runner.addresses[0][1]}/app/"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path_of(SHELL, *NAMES), args=list(ARGUMENTS)
        )
        context = await browser.new_context(
            viewport=TELEPHONE,
            is_mobile=True,
            has_touch=True,
            geolocation={"latitude": 62.5, "longitude": 28.0, "accuracy": 50},
            permissions=["geolocation"],
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(HELD)
        await context.add_init_script(QUICK_STEP)
        yield WebApp(context, url, server, hold_ms)
        await browser.close()
    await runner.cleanup()
