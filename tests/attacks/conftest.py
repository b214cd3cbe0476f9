"""What attackers meet: intake, running, and the pages, each over an installation of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.asgi import IntakeClient
from tests.support.installation import Installation
from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]


@pytest.fixture
async def intake(installation: Installation) -> AsyncIterator[IntakeClient]:
    """Intake, running."""
    async with IntakeClient(installation) as client:
        yield client
