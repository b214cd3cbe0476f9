"""What trackers and alarm devices send, and what monitoring stations answer, for `targets`."""

import io
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import msgspec

from egide.connectors.mqtt.bounded import MOST_BYTES, Bounded
from egide.intake.sources.rules import read_event
from egide.protocol import traccar
from egide.protocol.dc09 import events as dc09_events
from egide.protocol.dc09 import frames as dc09


def dc09_frame(data: bytes) -> None:
    """As it came, and with a right head; under a key and in the clear."""
    for one in (data, dc09.framed(data)):
        try:
            frame = dc09.read_frame(one)
            content = dc09.open_frame(frame, bytes(16))
            signal = dc09_events.read_signal(frame.token, content)
        except dc09.Dc09Error:
            continue
        assert content.data.isprintable() and signal.codes
        if signal.at:
            assert abs(signal.at[0]) <= 900_000_000 and abs(signal.at[1]) <= 1_800_000_000
        dc09.acknowledged(frame, bytes(16), 1_800_000_000)
    with suppress(dc09.Dc09Error):
        dc09_events.read_signal("SIA-DCS", dc09.Content(data.decode("latin-1"), (data.decode("latin-1"),)))


def dc09_answer(data: bytes) -> None:
    """Nobody without the key says that it was taken."""
    for one in (data, dc09.framed(data)):
        with suppress(dc09.Dc09Error):
            assert dc09.read_answer(one, 7, b"k" * 16, 1_800_000_000) != dc09.ACK
        with suppress(dc09.Dc09Error):
            dc09.read_answer(one, 7, b"", 1_800_000_000)


def of_dc09() -> Iterator[bytes]:
    """Frames and answers, whole and without their heads."""
    content = dc09.Content("#1A2B|Nri1/HA001", ("X003E57.138", "Y50N27.252"), 1_800_000_000)
    for key in (b"", bytes(16)):
        whole = dc09.written(dc09.SIA, 7, "1A2B", content, key)
        frame = dc09.read_frame(whole)
        for one in (whole, dc09.acknowledged(frame, key, 1_800_000_000), dc09.refused(1_800_000_000)):
            yield one
            yield one[9:-1]
    yield b'"ADM-CID"0007NoneL0#1A2B[#1A2B|1122 01 001]'


def traccar_event(data: bytes) -> None:
    try:
        read = traccar.read_forward(data)
    except ValueError:
        return
    assert traccar.read_kept(msgspec.json.encode(read)) == read
    said = read_event(msgspec.json.encode(read))
    assert said.is_press == read.is_press and 0 < said.counter < 1 << 32


class _Broker:
    """What a broker says, and then that it hangs up; a length may say more than ever comes."""

    def __init__(self, said: bytes) -> None:
        self._said = io.BytesIO(said)

    def recv(self, size: int) -> bytes:
        return self._said.read(size)


def mqtt_packets(data: bytes) -> None:
    """Packets of a broker as they are handed on: each as it came, or a report of the most bytes."""
    bounded, read = Bounded(cast(socket.socket, _Broker(data))), b""
    with suppress(ConnectionError):
        while piece := bounded.recv(7):
            read += piece
    assert len(read) <= len(data)
    while len(read) > 1:
        ends = next((place for place, byte in enumerate(read[1:5], 1) if byte < 0x80), 0)
        if not ends:
            return
        size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(read[1 : ends + 1]))
        assert size <= MOST_BYTES
        read = read[ends + 1 + size :]
