"""The pretended server on two addresses of this machine, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from egide.conform.calls import Answer
from egide.conform.phone.pretended import Pretended, Silence

# What a phone may send at most is 256 KiB; a little more, so that the excess is seen.
_MOST_BYTES = 512 * 1024


@asynccontextmanager
async def serving(
    pretended: Pretended, host: str, ports: tuple[int, int], seen_as: tuple[str, ...] = ()
) -> AsyncIterator[None]:
    """`ports`: 0 for any that is free. `seen_as`: how the phone reaches the two, where something stands in between."""
    over = asyncio.Event()
    numbers: dict[int, int] = {}

    async def handle(request: web.Request) -> web.StreamResponse:
        name = request.transport.get_extra_info("sockname") if request.transport else ("", 0)
        headers = {key.lower(): value for key, value in request.headers.items()}
        address = numbers.get(name[1], 0)
        reply = await pretended.handle(address, request.method, request.path, headers, await request.read())
        if isinstance(reply, Answer):
            return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)
        if isinstance(reply, Silence):
            await over.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        for port in ports:
            await web.TCPSite(runner, host, port).start()
        numbers |= {address[1]: index for index, address in enumerate(runner.addresses)}
        pretended.addresses = seen_as or tuple(f"http://{host}:{port}" for port in numbers)
        yield
    finally:
        over.set()
        await runner.cleanup()
