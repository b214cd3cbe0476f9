"""Tried: anyone who answers in the server's name, such as a hotel's portal, sends bytes that break their reader."""

import pytest
from aiohttp import web

from egide.companion.sending.sender import Sender
from egide.protocol.enrolment import make_request
from egide.protocol.keys import SigningKey
from tests.companion.phones import scripted
from tests.support.installation import Phone

BUTTON_KEY = bytes(16)


@pytest.mark.parametrize("body", [b'{"reason":"\xff"}', b'{"alarm":"\xff"}', b'{"x":' + b"[" * 5000])
@pytest.mark.parametrize("status", [201, 403])
async def test_a_press_goes_to_the_next_address(status: int, body: bytes) -> None:
    async def script(data: bytes) -> web.Response:
        return web.Response(status=status, body=body)

    key = SigningKey.generate()
    async with scripted(BUTTON_KEY) as liar, scripted(BUTTON_KEY) as server:
        liar.script = script
        async with Sender((server.url,)) as enrolling:
            reply = await enrolling.enrol(make_request("CODE-1", key))
        async with Sender((liar.url, server.url)) as sender:
            sender.trust(reply)
            receipt = await sender.send(Phone(key, "", "").press())
    assert receipt.state == "received" and (len(liar.got), len(server.got)) == (1, 1)
