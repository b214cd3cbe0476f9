"""nginx in front of an installation, with the configuration of docs/operations/nginx.conf."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from egide.entrypoints.stack.children import open_listener
from tests.support.certificates import Authority
from tests.support.waiting import until

CONFIGURATION = Path(__file__).parents[2] / "docs" / "operations" / "nginx.conf"
UNPACKED = Path(sys.prefix) / "nginx" / "usr" / "sbin" / "nginx"
PAGES, PHONES = "pages.example.org", "weather.example.net"
# Where the example has the servers.
_WEB, _LIVE, _INTAKE = 8400, 8401, 8402


def nginx() -> str:
    """The program; the test is left out where it is not there."""
    found = shutil.which("nginx") or (str(UNPACKED) if UNPACKED.exists() else "")
    if not found:
        pytest.skip("needs nginx: `make nginx`, or Debian's package of this name")
    return found


class Proxy:
    """A running nginx. `address` of a call is the caller's own, on this machine: all of 127.0.0.0/8 is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with open_listener() as free:
            self.port = free.getsockname()[1]
        self._authority = Authority(folder)
        self._authority.server("127.0.0.1")
        self._trust = ssl.create_default_context(cafile=str(self._authority.pem))

    def connect(self, address: str) -> http.client.HTTPSConnection:
        """A connection from this address."""
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=self._trust, source_address=(address, 0)
        )

    def ask(
        self,
        host: str,
        method: str,
        path: str,
        address: str,
        body: bytes = b"",
        more: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of an answer to somebody at this address."""
        connection = self.connect(address)
        connection.request(method, path, body, {"Host": host, **(more or {})})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def start_sending(self, address: str, head: bytes) -> socket.socket:
        """A connection from this address that says this and no more."""
        plain = socket.create_connection(("127.0.0.1", self.port), source_address=(address, 0))
        wrapped = self._trust.wrap_socket(plain, server_hostname="127.0.0.1")
        wrapped.sendall(head)
        return wrapped

    def configuration(self, web: int, live: int, intake: int) -> str:
        """The one of the documentation, with the addresses and files of a test."""
        text = CONFIGURATION.read_text(encoding="utf-8")
        changes = {
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            f"127.0.0.1:{_WEB}": f"127.0.0.1:{web}",
            f"127.0.0.1:{_LIVE}": f"127.0.0.1:{live}",
            f"127.0.0.1:{_INTAKE}": f"127.0.0.1:{intake}",
            **{
                f"/etc/ssl/egide/{name}.{kind}": str(self.folder / "server.pem")
                for name in (PAGES, PHONES)
                for kind in ("pem", "key")
            },
            "/var/log/nginx": str(self.folder),
            "worker_rlimit_nofile 40000;": "",
            "worker_processes auto;": "worker_processes 1; daemon off; pid nginx.pid;" + _user(),
            "http {": "http {\n" + "".join(f"    {name}_temp_path {name};\n" for name in _TEMPORARY),
        }
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        return text


_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _user() -> str:
    """Its workers read the folder of the test."""
    return " user root;" if os.geteuid() == 0 else ""


@contextmanager
def proxied(folder: Path, web: int, live: int, intake: int) -> Iterator[Proxy]:
    """nginx in front of servers at these ports."""
    program = nginx()
    proxy = Proxy(folder)
    file = folder / "nginx.conf"
    file.write_text(proxy.configuration(web, live, intake), encoding="utf-8")
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(file), "-e", str(folder / "start.log")])
    try:
        until(lambda: _answers(proxy) or process.poll() is not None, "nginx does not start")
        assert process.poll() is None, (folder / "start.log").read_text()
        yield proxy
    finally:
        process.terminate()
        process.wait()


def _answers(proxy: Proxy) -> bool:
    try:
        return bool(proxy.ask(PHONES, "GET", "/", "127.0.0.1"))
    except ConnectionRefusedError:
        return False
