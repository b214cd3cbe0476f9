"""A bad cable from one machine to another: it delays, loses and doubles what goes that way.

    ip netns exec SPACE python -m deploy.chaos.cable ADDRESS DELAY_MS LOSS_% DOUBLED_% SEED

Runs in the network of the machine that sends. The kernel hands each packet to ADDRESS over (NFQUEUE) and waits for a
verdict; `netem` would do the same in one line, but many kernels are built without it. When this process is gone,
however it ends, packets pass as if it had never been there (`--queue-bypass`); who began it takes the rules away.
"""

import contextlib
import heapq
import json
import random
import select
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from typing import NoReturn

QUEUE, MARK = 7, 7
RULES = (
    # What is sent a second time is not handed over again.
    f"OUTPUT -d {{address}} -m mark --mark {MARK} -j ACCEPT",
    f"OUTPUT -d {{address}} -j NFQUEUE --queue-num {QUEUE} --queue-bypass",
)
# linux/netfilter/nfnetlink.h, nfnetlink_queue.h and netfilter.h
_NETLINK_NETFILTER = 12
_PACKET, _VERDICT, _CONFIG = (3 << 8) | 0, (3 << 8) | 1, (3 << 8) | 2
_CFG_CMD, _CFG_PARAMS, _CFG_MAXLEN = 1, 2, 3
_BIND, _COPY_PACKET = 1, 2
_PACKET_HDR, _VERDICT_HDR, _PAYLOAD = 1, 2, 10
_DROP, _ACCEPT = 0, 1
_REQUEST, _AF_UNSPEC = 1, 0
_SO_MARK = 36
MOST_WAITING = 10_000


@dataclass(frozen=True)
class Bad:
    """How bad: milliseconds (half as much again at the most, half as little at the least), and shares from 0 to 1."""

    delay_ms: float = 0
    lost: float = 0
    doubled: float = 0

    def fate(self, chance: random.Random) -> list[float]:
        """After how many seconds each copy of one packet goes on its way; nothing of a packet that is lost."""
        if chance.random() < self.lost:
            return []
        copies = 2 if chance.random() < self.doubled else 1
        return [self.delay_ms / 1000 * chance.uniform(0.5, 1.5) for _ in range(copies)]


class Queue:
    """The kernel's queue of packets, spoken to without a library."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        self.socket.bind((0, 0))
        self._send(_CONFIG, _attribute(_CFG_CMD, struct.pack(">BxH", _BIND, socket.AF_INET)))
        self._send(_CONFIG, _attribute(_CFG_PARAMS, struct.pack(">IB", 0xFFFF, _COPY_PACKET)))
        self._send(_CONFIG, _attribute(_CFG_MAXLEN, struct.pack(">I", MOST_WAITING)))

    def take(self) -> list[tuple[int, bytes]]:
        """The packets that wait for a verdict: each with its number."""
        try:
            data = self.socket.recv(1 << 20)
        except OSError:
            # More came than its buffer holds: the kernel threw them away, as a bad cable would.
            return []
        found = []
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind == _PACKET:
                fields = _attributes(data[20:length])
                (number,) = struct.unpack_from(">I", fields[_PACKET_HDR])
                found.append((number, fields.get(_PAYLOAD, b"")))
            data = data[(length + 3) & ~3 :]
        return found

    def judge(self, number: int, verdict: int) -> None:
        self._send(_VERDICT, _attribute(_VERDICT_HDR, struct.pack(">II", verdict, number)))

    def _send(self, kind: int, body: bytes) -> None:
        head = struct.pack("=BBH", _AF_UNSPEC, 0, socket.htons(QUEUE))
        self.socket.send(
            struct.pack("=IHHII", 16 + len(head) + len(body), kind, _REQUEST, 0, 0) + head + body
        )


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _attributes(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found[kind & 0x3FFF] = data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def main() -> NoReturn:
    """Until it is ended; says `ready` once packets are handed to it, and in the end, as JSON, what became of them."""
    address, delay_ms, lost, doubled, seed = sys.argv[1:6]
    bad, chance = Bad(float(delay_ms), float(lost) / 100, float(doubled) / 100), random.Random(int(seed))
    counted = {"packets": 0, "lost": 0, "doubled": 0, "delayed": 0}

    def end(*_: object) -> NoReturn:
        print(json.dumps(counted), flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    queue = Queue()
    again = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    again.setsockopt(socket.SOL_SOCKET, _SO_MARK, MARK)
    # When, a running number, and either the number of a packet to let go, or the bytes of its copy.
    waiting: list[tuple[float, int, int | bytes]] = []
    running = 0
    print("ready", flush=True)
    while True:
        pause_s = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        if select.select([queue.socket], [], [], pause_s)[0]:
            for number, packet in queue.take():
                after = bad.fate(chance)
                counted["packets"] += 1
                counted["lost"] += not after
                counted["doubled"] += len(after) > 1
                counted["delayed"] += any(after)
                if not after:
                    queue.judge(number, _DROP)
                for copy, after_s in enumerate(after):
                    running += 1
                    what = number if copy == 0 else packet
                    heapq.heappush(waiting, (time.monotonic() + after_s, running, what))
        while waiting and waiting[0][0] <= time.monotonic():
            _at_s, _running, what = heapq.heappop(waiting)
            if isinstance(what, int):
                queue.judge(what, _ACCEPT)
            else:
                with contextlib.suppress(OSError):
                    again.sendto(what, (address, 0))


if __name__ == "__main__":
    main()
