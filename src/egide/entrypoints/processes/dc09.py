"""The process that listens to alarm devices over SIA DC-09 and gives intake their frames. It holds no key."""

import asyncio
import signal

import click

from egide.common.clock import SystemClock
from egide.common.config import Config, NotSetUp
from egide.connectors.dc09.checks import place_of, problems, secret_of
from egide.connectors.dc09.listener import Listener
from egide.entrypoints.serving.server import prepare
from egide.entrypoints.serving.supervised import TurningPulse, Watchdog, say_ready
from egide.entrypoints.watch.rules import DC09, DC09_UNHEARD
from egide.journal.now.outcomes import Outcomes
from egide.journal.now.signs import Signs
from egide.protocol.dc09.frames import MAX_FRAME_BYTES

_TURN_S = 1.0
_BACKLOG = 128


@click.command()
def main() -> None:
    """Listen to alarm devices."""
    prepare()
    config = Config.from_env()
    if not config.dc09_listen:
        raise NotSetUp("EGIDE_DC09_LISTEN names no address: nobody is to be listened to")
    if found := problems(config):
        raise NotSetUp(" ".join(found))
    asyncio.run(_listen(config))


async def _listen(config: Config) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    clock = SystemClock()
    signs = Signs(config, clock)
    pulse, outcomes = TurningPulse(signs, clock, DC09, Watchdog(clock, (DC09,))), Outcomes(signs, clock)
    host, port = place_of(config)
    async with Listener(config, config.intake_urls, secret_of(config), clock, outcomes) as listener:
        server = await asyncio.start_server(
            listener.serve, host, port, limit=MAX_FRAME_BYTES, backlog=_BACKLOG
        )
        port = server.sockets[0].getsockname()[1]
        if config.dc09_udp:
            await loop.create_datagram_endpoint(listener.datagrams, local_addr=(host, port))
        say_ready(DC09, port)
        while not stopped.is_set():
            if pulse.is_due:
                taken = listener.counts.total()
                note = "" if listener.is_heard else DC09_UNHEARD
                # In another thread: nobody's press waits for a disk that only a sign of life needs.
                await asyncio.to_thread(pulse.beat, taken, taken, note)
                await asyncio.to_thread(outcomes.do_keep)
            try:
                await asyncio.wait_for(stopped.wait(), _TURN_S)
            except TimeoutError:
                continue
        server.close()
    outcomes.do_keep()
    pulse.leave()


if __name__ == "__main__":
    main()
