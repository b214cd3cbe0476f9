"""The phone's core in Java, compiled once; where that cannot be done the tests are left out and say why."""

from pathlib import Path

import pytest

from tests.support.pages import migrated, pages
from tools import android_core

__all__ = ["built", "migrated", "pages"]


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of compiled classes."""
    try:
        return android_core.build()
    except android_core.Missing as missing:
        pytest.skip(str(missing))
