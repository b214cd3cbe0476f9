"""The intake application with its writer thread, over a real journal."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from egide.common.clock import SystemClock
from tests.intake.test_process import Running
from tests.support.asgi import IntakeClient
from tests.support.installation import Installation
from tests.support.postgres import Server


@pytest.fixture
async def intake(installation: Installation) -> AsyncIterator[IntakeClient]:
    """Intake, running."""
    async with IntakeClient(installation) as client:
        yield client


@pytest.fixture
def running(tmp_path: Path, postgres: Server) -> Iterator[Running]:
    """Its process, beside a journal in PostgreSQL."""
    with Installation(tmp_path, SystemClock(), address=postgres.emptied()) as installation:
        made = Running(installation)
        yield made
        made.child.kill()
        made.listener.close()
