"""The intake application with its writer thread, over a real journal."""

from collections.abc import AsyncIterator

import pytest

from tests.support.asgi import IntakeClient
from tests.support.installation import Installation


@pytest.fixture
async def intake(installation: Installation) -> AsyncIterator[IntakeClient]:
    """Intake, running."""
    async with IntakeClient(installation) as client:
        yield client
