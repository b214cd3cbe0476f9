"""The process that listens to a broker of gateways and carries to intake what enrolled buttons say. It holds no key."""

import signal
import threading

import click

from egide.common.clock import SystemClock
from egide.common.config import Config, NotSetUp
from egide.connectors.mqtt.carrier import Carrier
from egide.connectors.mqtt.checks import problems
from egide.entrypoints.serving.server import prepare
from egide.entrypoints.serving.supervised import Watchdog, say_ready


@click.command()
def main() -> None:
    """Carry what buttons say from a broker to intake."""
    prepare()
    config = Config.from_env()
    if not config.mqtt_broker:
        raise NotSetUp("EGIDE_MQTT_BROKER names no broker: nothing is to be carried")
    if found := problems(config):
        raise NotSetUp(" ".join(found))
    stopped = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopped.set())
    watchdog = Watchdog(SystemClock(), ("mqtt",))
    say_ready("mqtt")
    Carrier(config, config.intake_urls, stopped).run(lambda: watchdog.turn("mqtt"))


if __name__ == "__main__":
    main()
