"""One installation for all attacks of this folder; they go to one worker (tests/support/spreading.py)."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from egide.entrypoints.stack.installation import Stack
from tests.support.certificates import Authority
from tests.support.house import House
from tests.support.mailbox import HERE, serving
from tests.support.push_service import push_service


@pytest.fixture(scope="package")
def running(
    tmp_path_factory: pytest.TempPathFactory, start_stack: Callable[[Stack], None]
) -> Iterator[House]:
    """The servers, with a push service and a mail server that belong to this machine."""
    with (
        pytest.MonkeyPatch.context() as environment,
        push_service() as push,
        Stack(tmp_path_factory.mktemp("running")) as stack,
    ):
        authority = Authority(tmp_path_factory.mktemp("authority"))
        environment.setenv("SSL_CERT_FILE", str(authority.pem))
        with serving(authority.server(HERE)) as (server, box):
            stack.config = replace(
                stack.config,
                push_contact="mailto:keeper@egide.example",
                push_services=(push.origin,),
                alert_smtp=server,
                alert_to=("desk@localhost",),
            )
            start_stack(stack)
            yield House(stack, push, box)


@pytest.fixture
def house(running: House) -> Iterator[House]:
    """The installation; no alarm is open in it before or after."""
    yield running
    running.calm()
