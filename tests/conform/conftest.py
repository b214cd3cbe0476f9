"""Our own intake in this process, as the kits call it, and the faults that are planted in it."""

import secrets
from collections.abc import AsyncIterator, Mapping

import pytest

from egide.conform.calls import Answer
from egide.conform.server.lab import ServerLab
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation


class InProcess:
    """Calls as a kit makes them, over ASGI."""

    def __init__(self, client: IntakeClient) -> None:
        self._client = client

    async def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        reply = await self._client.request(method, path, body, headers.get("content-type", ""))
        return Answer(reply.status, reply.headers, reply.body)


@pytest.fixture
async def ours(installation: Installation) -> AsyncIterator[InProcess]:
    async with IntakeClient(installation) as client:
        yield InProcess(client)


@pytest.fixture
def code(installation: Installation) -> str:
    """A one-time code of a kit that is there to be tried."""
    made = secrets.token_hex(4)
    installation.offer(installation.issue_kit(), made)
    return made


@pytest.fixture
def lab(installation: Installation, ours: InProcess, code: str) -> ServerLab:
    return ServerLab(ours, installation.clock, code)
