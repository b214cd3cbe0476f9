"""One real intake for all tests of the phone, and codes that cost a processor little."""

from collections.abc import Iterator

import pytest

from egide.protocol import opening
from tests.companion.intake import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("intake")) as running:
        yield running


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow step from a code to bytes at a 32nd of its cost; what is kept, sent and shown is the same.

    Its true bytes are in tests/protocol/test_vectors.py, and phones in processes of their own take the true step.
    """
    monkeypatch.setitem(opening._SCRYPT, "n", 1 << 10)
