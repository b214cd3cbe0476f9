"""One real intake for all tests of the phone."""

from collections.abc import Iterator

import pytest

from tests.companion.intake import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("intake")) as running:
        yield running
