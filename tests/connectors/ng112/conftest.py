"""One control room by kamailio for the tests of this folder that want nothing else of it; over TCP and TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.sip.servers import Server, kamailio


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.server("127.0.0.1")
    return made


@pytest.fixture(scope="module")
def psap(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("sip") / "psap"
    with kamailio(folder, "psap", authority=authority) as server:
        yield server
