"""`python -m benchmarks.fetched`: what a newcomer's first `make demo` fetches, and what it leaves on the disk.

A fresh clone in an empty home, and a proxy in front of all registries that counts what comes back: nothing is taken
from a cache or from what this machine has already. What is linked twice, in a cache and where it is used, counts
once.
"""

import contextlib
import os
import select
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.machine import describe
from tools.tree import ROOT

# Settings of this machine that would bring packages from elsewhere, or through another proxy.
OWN = ("PIP_", "UV_", "NPM_", "npm_", "MAKE")
# `make demo` fetched and left so much before anything was taken out; half of it is wanted.
BEFORE_MB = 711
SHOWN = 16


class Counting(socketserver.ThreadingTCPServer):
    """A proxy for TLS (RFC 9110, section 9.3.6) on this machine; `fetched` are bytes that came back."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.fetched = 0
        self._lock = threading.Lock()

    def count(self, size: int) -> None:
        with self._lock:
            self.fetched += size


class _Passing(socketserver.StreamRequestHandler):
    """One tunnel."""

    server: Counting

    def handle(self) -> None:
        method, _space, rest = self.rfile.readline().decode("ascii").partition(" ")
        host, _colon, port = rest.partition(" ")[0].rpartition(":")
        while self.rfile.readline().strip():
            pass
        if method != "CONNECT":
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            return
        with socket.create_connection((host.strip("[]"), int(port))) as there:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            # Who hangs up in the middle has what he wanted.
            with contextlib.suppress(OSError):
                self._pass(there)

    def _pass(self, there: socket.socket) -> None:
        """Until one of both ends hangs up. Raises OSError."""
        ends = {self.connection: there, there: self.connection}
        while True:
            for end in select.select(list(ends), [], [])[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                ends[end].sendall(data)
                if end is there:
                    self.server.count(len(data))


def left_in(*folders: Path) -> Iterator[tuple[Path, int]]:
    """Each file and its bytes on the disk, once whatever its names."""
    seen = set()
    for folder in folders:
        for place, _folders, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                about = path.lstat()
                if (about.st_dev, about.st_ino) not in seen:
                    seen.add((about.st_dev, about.st_ino))
                    yield path, about.st_blocks * 512


def part_of(path: Path, clone: Path, home: Path) -> str:
    """What a file belongs to: a package where it is used, a cache, or the rest."""
    if path.is_relative_to(home):
        return "caches"
    parts = path.relative_to(clone).parts
    for place in ("site-packages", "node_modules"):
        if place in parts:
            inner = parts[parts.index(place) + 1 :]
            scoped = inner[:2] if inner[0].startswith("@") else inner[:1]
            return "/".join(scoped).partition(".libs")[0]
    return "/".join(parts[:2])


@click.command()
@click.option("--target", default="setup-demo", show_default=True, help="of make")
def main(target: str) -> None:
    """Count what a first start fetches and leaves."""
    click.echo(" · ".join(f"{name} {value}" for name, value in describe().items()))
    with tempfile.TemporaryDirectory(prefix="egide-fetched-") as directory, Counting() as proxy:
        clone, home = Path(directory, "clone"), Path(directory, "home")
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(clone)], check=True)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        own = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        through = f"http://127.0.0.1:{proxy.server_address[1]}"
        environment = {
            **own,
            "HOME": str(home),
            "PIP_CONFIG_FILE": os.devnull,
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), through),
        }
        before = {path for path, _size in left_in(clone)}
        begun_s = time.monotonic()
        subprocess.run(["make", "-C", str(clone), target], env=environment, check=True)
        took_s = time.monotonic() - begun_s
        proxy.shutdown()
        sizes = Counter[str]()
        for path, size in left_in(clone, home):
            if path not in before:
                sizes[part_of(path, clone, home)] += size
    click.echo(f"make {target}: {took_s:.0f} s")
    click.echo(f"fetched, MB: {proxy.fetched / 1e6:.0f} (half of {BEFORE_MB} is {BEFORE_MB / 2:.0f})")
    click.echo(f"on the disk, MB: {sum(sizes.values()) / 1e6:.0f}")
    for name, size in sizes.most_common(SHOWN):
        click.echo(f"  {size / 1e6:7.1f} MB  {name}")


if __name__ == "__main__":
    main()
