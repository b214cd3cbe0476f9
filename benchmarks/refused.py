"""`python -m benchmarks.refused`: what a refused message costs intake, in presses (safety rule 42: three at most).

Real processes, one kept-open connection, each kind of message sent so often and one after the other; the processor time
is that of intake with its writer. A row says how many times that of an accepted press one such message took.
"""

import http.client
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.machine import describe, group_cpu_s
from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.entrypoints.processes import Child, open_listener
from egide.events.register import DeviceEnrolled, KitIssued
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.envelope import MAX_BYTES, Kind, Message, Position, Sealed, encode, seal_payload, unwrap
from egide.protocol.keys import SigningKey, kid_of

_AT_MOST = 3.0
# A position of as many small maps as fit: what costs most to read.
_COSTLY_HEAD, _ITEM = b"\xa4\x01\x01\x02\x18\x2a\x03\x1a\x6b\x49\xd2\x00\x04\x9a", b"\xa1\x00\x00"


@dataclass
class Phone:
    """A key with its counter."""

    key: SigningKey
    counter: int = 0

    @property
    def kid(self) -> bytes:
        return kid_of(bytes(self.key.verify_key))

    def press(self) -> bytes:
        self.counter += 1
        here = Position(504_500_000, 39_500_000, 12, 3, 1)
        now_s = SystemClock().now_us() // 1_000_000
        return encode(
            Message(kind=Kind.PRESS, counter=self.counter, sent_at_s=now_s, position=here), self.key
        )

    def seal(self, payload: bytes, kid: bytes | None = None) -> bytes:
        """Any payload under this key, in the name of another one where `kid` is given."""
        kid = kid or self.kid
        return seal_payload(kid, payload, self.key.sign(Sealed(kid, payload, b"").to_be_signed).signature)


def costly() -> bytes:
    """The payload that costs most to read, as long as an envelope may be."""
    count = (MAX_BYTES - 200) // len(_ITEM)
    return _COSTLY_HEAD + count.to_bytes(4, "big") + _ITEM * count


def enrolled(config: Config) -> Phone:
    """One phone that intake knows."""
    keys = KeyStore.open(config)
    keys.ensure("case")
    phone = Phone(SigningKey.generate())
    device = phone.kid.hex()
    issued = KitIssued(
        kit="kit",
        case="case",
        managing_zone="5324",
        home_zone="5324",
        home_centre="HAI",
        button_id="button",
        button_key=bytes(16),
    )
    known = DeviceEnrolled(device=device, kit="kit", public_key=bytes(phone.key.verify_key), code_hash="code")
    Journal.open(config, SystemClock(), keys).append(
        [
            Entry(stream="kit:kit", case="case", event=issued),
            Entry(stream=f"device:{device}", case="case", event=known),
        ]
    )
    return phone


def kinds(phone: Phone) -> Iterator[tuple[str, bytes, int]]:
    """Each kind of refused message, and the status that it gets."""
    stranger, press = Phone(SigningKey.generate()), unwrap(phone.press()).payload
    yield "a press of an unknown key", stranger.press(), 401
    yield "the costliest of an unknown key", stranger.seal(costly()), 401
    yield "a forged press", stranger.seal(press, phone.kid), 401
    yield "the costliest, forged", stranger.seal(costly(), phone.kid), 401
    yield "the costliest of an enrolled phone", phone.seal(costly()), 400
    yield "no envelope at all", bytes(MAX_BYTES), 400


class Door:
    """Intake as it runs, behind one connection."""

    def __init__(self, config: Config) -> None:
        listener = open_listener()
        self._child = Child("egide.entrypoints.intake", [], config.environment(), listener)
        self._child.ready()
        self._group = os.getpgid(self._child.process.pid)
        self._connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1])

    def cost_us(self, messages: list[bytes], status: int) -> float:
        """Processor time of intake for each of these messages, in microseconds."""
        before_s = group_cpu_s(self._group)
        for data in messages:
            self._connection.request("POST", "/v1/messages", data, {"content-type": "application/cose"})
            reply = self._connection.getresponse()
            reply.read()
            assert reply.status == status, reply.status
        return (group_cpu_s(self._group) - before_s) / len(messages) * 1e6

    def close(self) -> None:
        self._child.stop()


@click.command()
@click.option("--messages", default=3000, help="of each kind")
def main(messages: int) -> None:
    """Print a table."""
    click.echo(f"{describe()['processors']}, {messages} of each kind\n")
    with tempfile.TemporaryDirectory() as place:
        config = Config(data_dir=Path(place))
        phone = enrolled(config)
        door = Door(config)
        try:
            door.cost_us([phone.press() for _ in range(300)], 201)
            press_us = door.cost_us([phone.press() for _ in range(messages)], 201)
            click.echo(f"| an accepted press | {press_us:.0f} µs | 1 |")
            for name, data, status in kinds(phone):
                took_us = door.cost_us([data] * messages, status)
                held = "" if took_us <= _AT_MOST * press_us else f" (over {_AT_MOST:.0f})"
                click.echo(f"| {name} | {took_us:.0f} µs | {took_us / press_us:.2f}{held} |")
        finally:
            door.close()


if __name__ == "__main__":
    main()
