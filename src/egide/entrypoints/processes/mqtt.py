"""The process that listens to a broker of gateways and carries to intake what enrolled buttons say. It holds no key."""

import threading

import click

from egide.common.clock import SystemClock
from egide.common.config import Config, NotSetUp
from egide.connectors.mqtt.carrier import Carrier
from egide.connectors.mqtt.checks import problems
from egide.entrypoints.serving.lines import prepare, when_told_to_end
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog, say_ready
from egide.entrypoints.watch.rules import MQTT, MQTT_AWAY
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs


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
    when_told_to_end(stopped.set)
    clock = SystemClock()
    signs = Signs(config, clock)
    pulse, outcomes = TurningPulse(signs, clock, MQTT, Watchdog(clock, (MQTT,))), Outcomes(signs, clock)
    carrier = Carrier(config, config.intake_urls, stopped, outcomes)

    def turned() -> None:
        if pulse.is_due:
            pulse.beat(*carrier.how_far(), "" if carrier.is_listening else MQTT_AWAY)
            outcomes.do_keep()

    say_ready(MQTT)
    carrier.run(turned)
    outcomes.do_keep()
    pulse.leave()


if __name__ == "__main__":
    main()
