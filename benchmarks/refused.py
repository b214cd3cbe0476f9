"""`python -m benchmarks.refused`: what a refused message costs intake, in presses (safety rule 42: three at most).

Real processes, one kept-open connection, each kind of message sent so often and one after the other; the processor time
is that of intake with its writer. A row says how many times that of an accepted press one such message took.
"""

import http.client
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from benchmarks.machine import describe, group_cpu_s
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.stack.children import Child, open_listener
from egide.protocol.enrolment import make_request
from egide.protocol.envelope import MAX_BYTES, Kind, unwrap
from egide.protocol.keys import SigningKey
from tests.support.attacks import costly, forged, stranger
from tests.support.installation import Installation, Phone

_AT_MOST = 3.0


_MESSAGES, _ENROLMENTS = ("/v1/messages", "application/cose"), ("/v1/enrolments", "application/json")


def kinds(phone: Phone) -> Iterator[tuple[str, bytes, int]]:
    """Each kind of refused message, and the status that it gets."""
    yield "a press of an unknown key", stranger().press(), 401
    yield "the costliest of an unknown key", stranger().seal(costly()), 401
    yield "a forged press", forged(phone, unwrap(phone.press()).payload), 401
    yield "the costliest, forged", forged(phone, costly()), 401
    yield "the costliest of an enrolled phone", phone.seal(costly()), 400
    yield "no envelope at all", bytes(MAX_BYTES), 400
    yield "too many of an enrolled phone", phone.envelope(Kind.HEARTBEAT), 429


class Door:
    """Intake as it runs, behind one connection."""

    def __init__(self, config: Config) -> None:
        listener = open_listener()
        self._child = Child("egide.entrypoints.intake", [], config.environment(), listener)
        self._child.ready()
        self._group = os.getpgid(self._child.process.pid)
        self._connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1])

    def cost_us(self, messages: list[bytes], status: int, door: tuple[str, str] = _MESSAGES) -> float:
        """Processor time of intake for each of these messages, in microseconds; a few are answered otherwise."""
        path, content_type = door
        before_s, others = group_cpu_s(self._group), 0
        for data in messages:
            self._connection.request("POST", path, data, {"content-type": content_type})
            reply = self._connection.getresponse()
            reply.read()
            others += reply.status != status
        assert others <= len(messages) / 5, f"{others} of {len(messages)} were not answered with {status}"
        return (group_cpu_s(self._group) - before_s) / len(messages) * 1e6

    def close(self) -> None:
        self._child.stop()


@click.command()
@click.option("--messages", default=3000, help="of each kind")
def main(messages: int) -> None:
    """Print a table."""
    click.echo(f"{describe()['processors']}, {messages} of each kind\n")
    with tempfile.TemporaryDirectory() as place:
        with Installation(Path(place), SystemClock()) as installation:
            phone = installation.enrol()
        door = Door(installation.config)
        try:
            door.cost_us([phone.press() for _ in range(300)], 201)
            press_us = door.cost_us([phone.press() for _ in range(messages)], 201)
            click.echo(f"| an accepted press | {press_us:.0f} µs | 1 |")
            for name, data, status in kinds(phone):
                took_us = door.cost_us([data] * messages, status)
                held = "" if took_us <= _AT_MOST * press_us else f" (over {_AT_MOST:.0f})"
                click.echo(f"| {name} | {took_us:.0f} µs | {took_us / press_us:.2f}{held} |")
            request = msgspec.json.encode(make_request("0" * 12, SigningKey.generate()))
            took_us = door.cost_us([request] * messages, 429, _ENROLMENTS)
            click.echo(f"| enrolments with made-up codes | {took_us:.0f} µs | {took_us / press_us:.2f} |")
        finally:
            door.close()


if __name__ == "__main__":
    main()
