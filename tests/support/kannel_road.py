"""The road for short messages as a process, with kannel before it and a phone in kannel's fake network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from egide.common.config import Config
from egide.entrypoints.stack.children import Child, open_listener
from tests.support.kannel import LOGIN, Kannel, kannel_to
from tests.support.ports import reserved
from tests.support.sms_road import keep_secret


class KannelRoad:
    """What is called, at an address that outlives it; who calls; and a phone. `config` is that of an installation
    beside them."""

    def __init__(self, config: Config, kannel: Kannel, inbound: str, folder: Path) -> None:
        self.kannel, self.phone, self.url = kannel, kannel.phone, f"http://{inbound}"
        self._port = int(inbound.rpartition(":")[2])
        self.config = replace(
            config,
            sms_form="kannel",
            sms_secrets=str(keep_secret(folder, f"# kannel of the tests\n{LOGIN}\n")),
            sms_send_url=kannel.send_url,
            sms_report_url=f"{self.url}/v1/sms/kannel/report",
        )

    def come(self) -> None:
        """Begin, or begin anew."""
        self._listener = open_listener(self._port)
        self.child = Child("egide.entrypoints.sms", [], self.config.environment(), self._listener)
        self.child.ready()

    def leave(self) -> None:
        """As with the power cut: who calls now is refused."""
        self.child.kill()
        self._listener.close()

    def close(self) -> None:
        """End it."""
        self.child.stop()
        self._listener.close()


@contextmanager
def kannel_road(config: Config, folder: Path) -> Iterator[KannelRoad]:
    """All of it, running."""
    inbound = f"127.0.0.1:{reserved()}"
    with kannel_to(folder / "kannel", inbound) as kannel:
        road = KannelRoad(config, kannel, inbound, folder)
        road.come()
        try:
            yield road
        finally:
            road.close()
