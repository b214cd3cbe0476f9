"""The console of a sandbox: its page, its buttons, and what it streams to whoever looks."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

import egide.access
from egide.common.text import _, read_in
from egide.entrypoints.stack.sandbox import script
from egide.entrypoints.stack.sandbox.acting import Acting
from egide.entrypoints.stack.sandbox.exporting import NoAlarm, copy_of_all, copy_of_newest
from egide.entrypoints.stack.sandbox.front import MOST_BYTES, Front
from egide.entrypoints.stack.sandbox.guard import is_of_this_machine
from egide.entrypoints.stack.sandbox.house import House
from egide.entrypoints.stack.sandbox.showing import Pages, language_of
from egide.entrypoints.stack.sandbox.turned import ahead_us

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_HERE = Path(__file__).parent / "static"
_OF_PAGES = Path(egide.access.__path__[0]) / "static" / "egide"
_FILES: Final = {
    "console.css": (_HERE, "text/css"),
    "console.js": (_HERE, "text/javascript"),
    "egide.css": (_OF_PAGES, "text/css"),
    "office.css": (_OF_PAGES, "text/css"),
    "icon.svg": (_OF_PAGES, "image/svg+xml"),
}
_ALIVE_S = 15.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The console answers to its own page alone: no name of others that leads here, no page of others that posts."""
    if request.path != "/" and not request.path.startswith("/sandbox"):
        return await handler(request)
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin", f"http://{request.host}")
    if (
        not host
        or not is_of_this_machine(host)
        or (request.method == "POST" and origin != f"http://{request.host}")
    ):
        raise web.HTTPForbidden(text="The console answers on this machine, to its own page.")
    response = await handler(request)
    return response


async def _add_policy(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith("/sandbox"):
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"


class Console:
    """The pages of one sandbox."""

    def __init__(self, house: House, front: Front, acting: Acting) -> None:
        self._house, self._front, self._acting = house, front, acting
        self._pages = Pages()
        self._script, self._code = "", ""

    def application(self) -> web.Application:
        """Console and front in one."""
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[only_from_here])
        app.add_routes(
            [
                web.get("/", self._home),
                web.get("/sandbox/", self._page, name="page"),
                web.get("/sandbox/live", self._live, name="live"),
                web.get("/sandbox/calls", self._calls, name="calls"),
                web.get("/sandbox/journal", self._journal, name="journal"),
                web.get("/sandbox/journal/alarm", self._journal_of_alarm, name="alarm"),
                web.get("/sandbox/static/{name}", self._static, name="static"),
                web.post("/sandbox/press", self._press, name="press"),
                web.post("/sandbox/step", self._step, name="step"),
                web.post("/sandbox/clock", self._clock, name="clock"),
                web.post("/sandbox/script", self._play, name="script"),
                web.post("/sandbox/receiver", self._receiver, name="receiver"),
                web.post("/sandbox/gateway", self._gateway, name="gateway"),
                web.post("/sandbox/code", self._new_code, name="code"),
                *self._front.routes(),
            ]
        )
        app.on_response_prepare.append(_add_policy)
        app.on_startup.append(self._front.begin)
        app.on_cleanup.append(self._front.end)
        app.on_cleanup.append(self._end)
        return app

    def play(self, text: str) -> None:
        """Play this script from now on. Raises script.ScriptError."""
        played = script.read_script(text)
        self._script = text
        self._front.play(played)
        self._acting.play(played)

    async def _end(self, _app: web.Application) -> None:
        await self._acting.end()

    async def _home(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPSeeOther(request.app.router["page"].url_for())

    async def _page(self, request: web.Request) -> web.Response:
        return self._shown(request)

    def _shown(self, request: web.Request, problems: list[str] | None = None, text: str = "") -> web.Response:
        shown = {
            "kits": self._house.demo["kits"][:-1],
            "keys": self._house.keys,
            "code": self._code,
            "receiver": self._front.receiver,
            "gateway": self._front.gateway,
            "script": text or self._script,
            "ahead_s": ahead_us(self._house.folder) // 1_000_000,
            "problems": problems,
            "at": _addresses(request),
        }
        page = self._pages.page(_language(request), shown, self._front.calls.all())
        return web.Response(text=page, content_type="text/html", status=422 if problems else 200)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Each row as it comes and as it changes, as server-sent events."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        language = _language(request)
        following = self._front.calls.follow()
        coming = asyncio.ensure_future(anext(following))
        # Who hangs up, or a sandbox that ends, ends this.
        with suppress(ConnectionError):
            try:
                while True:
                    done, _waiting = await asyncio.wait({coming}, timeout=_ALIVE_S)
                    if not done:
                        await response.write(b": here\n\n")
                        continue
                    row = self._pages.row(language, coming.result())
                    coming = asyncio.ensure_future(anext(following))
                    await response.write(f"data: {json.dumps(row)}\n\n".encode())
            finally:
                coming.cancel()
        return response

    async def _calls(self, request: web.Request) -> web.Response:
        """All that was noted, for programs."""
        return web.json_response([_for_programs(one) for one in self._front.calls.all()])

    async def _journal(self, _request: web.Request) -> web.Response:
        copy = await asyncio.to_thread(copy_of_all, self._house)
        return web.Response(body=copy, content_type="application/jsonl")

    async def _journal_of_alarm(self, request: web.Request) -> web.Response:
        try:
            copy = await asyncio.to_thread(copy_of_newest, self._house)
        except NoAlarm:
            with read_in(_language(request)):
                raise web.HTTPNotFound(text=_("there is no open alarm: press first.")) from None
        return web.Response(body=copy, content_type="application/jsonl")

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound
        folder, kind = _FILES[name]
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        # The typeface of the pages is not here: the machine's own does.
        text = "".join(line for line in lines if not line.startswith("@font-face"))
        return web.Response(text=text, content_type=kind)

    async def _press(self, request: web.Request) -> web.StreamResponse:
        return await self._done(request, script.PRESS, _whole(await request.post(), "number"))

    async def _step(self, request: web.Request) -> web.StreamResponse:
        what = str((await request.post()).get("what", ""))
        if what not in script.STEPS:
            raise web.HTTPBadRequest(text=f"what is {what!r}: expected {', '.join(script.STEPS)}")
        return await self._done(request, what)

    async def _clock(self, request: web.Request) -> web.StreamResponse:
        seconds = _whole(await request.post(), "seconds")
        if not 0 <= seconds <= script.LONGEST_TURN_S:
            raise web.HTTPBadRequest(text=f"seconds is {seconds}: expected 0 to {script.LONGEST_TURN_S}")
        return await self._done(request, script.CLOCK, seconds)

    async def _done(self, request: web.Request, what: str, number: int = 0) -> web.StreamResponse:
        with read_in(_language(request)):
            failed = await self._acting.do(what, number)
        return self._shown(request, [failed]) if failed else _back(request)

    async def _play(self, request: web.Request) -> web.StreamResponse:
        text = str((await request.post()).get("text", ""))
        try:
            with read_in(_language(request)):
                self.play(text)
        except script.ScriptError as error:
            return self._shown(request, error.sentences, text)
        return _back(request)

    async def _receiver(self, request: web.Request) -> web.StreamResponse:
        return await self._named(request, self._front.name_receiver)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        return await self._named(request, self._front.name_gateway)

    async def _named(self, request: web.Request, name: Callable[[str], None]) -> web.StreamResponse:
        url = str((await request.post()).get("url", "")).strip()
        try:
            name(url)
        except ValueError:
            with read_in(_language(request)):
                told = _(
                    "“{url}” is no address of this machine; write for example http://127.0.0.1:9000/egide."
                )
                return self._shown(request, [told.format(url=url[:200])])
        return _back(request)

    async def _new_code(self, request: web.Request) -> web.StreamResponse:
        kit = self._house.demo["kits"][-1]
        self._code = await asyncio.to_thread(self._house.offer_code, kit["kit"], kit["case"])
        return _back(request)


def _for_programs(noted: object) -> dict[str, object]:
    return {name: getattr(noted, name) for name in noted.__struct_fields__}  # type: ignore[attr-defined]


def _language(request: web.Request) -> str:
    return language_of(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))


def _whole(form: object, name: str) -> int:
    text = str(form.get(name, "")) if hasattr(form, "get") else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise web.HTTPBadRequest(text=f"{name} is {text[:40]!r}: expected a whole number")
    return int(text)


def _back(request: web.Request) -> web.Response:
    page = request.app.router["page"].url_for().with_query(lang=_language(request))
    return web.Response(status=303, headers={"Location": str(page)})


def _addresses(request: web.Request) -> dict[str, str]:
    """Of this console, by the names of its routes; `static` is the folder of its files."""
    named = request.app.router.named_resources()
    return {
        name: str(one.url_for(name="") if name == "static" else one.url_for()) for name, one in named.items()
    }
