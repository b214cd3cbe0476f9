"""nginx or Caddy in front of an installation, each with its configuration of docs/operations/."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.ports import reserved
from tests.support.waiting import WITHIN_S, until

DOCUMENTED = Path(__file__).parents[2] / "docs" / "operations"
PAGES, PHONES = "pages.example.org", "weather.example.net"
# Requests for pages under way from one address, behind nginx; the example has 512.
PAGES_BY_ADDRESS = 24
# Where the examples have the servers.
_WEB, _LIVE, _INTAKE = 8400, 8401, 8402
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Kind:
    """One of the proxies: its program, where `make` unpacks it, its example, and what a test changes in that."""

    name: str
    unpacked: str
    example: str
    arguments: tuple[str, ...]
    changes: Mapping[str, str]

    def program(self) -> str:
        """The test is left out where it is not there."""
        unpacked = Path(sys.prefix, self.name, self.unpacked)
        found = shutil.which(self.name) or (str(unpacked) if unpacked.exists() else "")
        if not found:
            pytest.skip(f"needs {self.name}: `make {self.name}`, or Debian's package of this name")
        return found


# Its workers read the folder of the test.
_USER = " user root;" if os.geteuid() == 0 else ""
NGINX = Kind(
    "nginx",
    "usr/sbin/nginx",
    "nginx.conf",
    ("-p", "{folder}", "-c", "{file}", "-e", "{folder}/start.txt"),
    {
        "listen 443 ssl": "listen 127.0.0.1:{port} ssl",
        "/var/log/nginx": "{folder}",
        "worker_rlimit_nofile 40000;": "",
        "limit_conn egide_caller 512": f"limit_conn egide_caller {PAGES_BY_ADDRESS}",
        "worker_processes auto;": f"worker_processes 1; daemon off; pid nginx.pid;{_USER}",
        "http {": "http {\n" + "".join(f"    {name}_temp_path {name};\n" for name in _TEMPORARY),
    },
)
CADDY = Kind(
    "caddy",
    "usr/bin/caddy",
    "Caddyfile",
    ("run", "--adapter", "caddyfile", "--config", "{file}"),
    {
        "/var/log/caddy": "{folder}",
        "admin off": "admin off\n\tdefault_bind 127.0.0.1\n\thttps_port {port}",
    },
)
KINDS = {kind.name: kind for kind in (NGINX, CADDY)}


class Proxy:
    """A running proxy. `address` of a call is the caller's own, on this machine: all of 127.0.0.0/8 is."""

    process: subprocess.Popen[bytes]

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.port = reserved()
        self._authority = Authority(folder)
        self.authority = self._authority.pem
        self._authority.server("127.0.0.1", PAGES, PHONES)
        self._trust = ssl.create_default_context(cafile=str(self._authority.pem))

    def show(self, name: str, lasts: timedelta, authority: Authority | None = None) -> None:
        """From now on nginx shows a certificate for this name, as after a renewal: a new file and a reload. Its own
        authority signs it, unless it is another's."""
        authority = authority or self._authority
        authority.server("127.0.0.1", name, lasts=lasts)
        pem = authority.shown.read_text()
        wanted = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE") :])
        (self.folder / "server.pem").write_text(pem)
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self._shown() == wanted, "nginx shows another certificate")

    def _shown(self) -> bytes:
        """The certificate that a newcomer sees (DER)."""
        anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain, anyone.wrap_socket(plain) as sealed:
            return sealed.getpeercert(binary_form=True) or b""

    def connect(self, address: str) -> http.client.HTTPSConnection:
        """A connection from this address."""
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=WITHIN_S, context=self._trust, source_address=(address, 0)
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
        text = (DOCUMENTED / self.kind.example).read_text(encoding="utf-8")
        changes = {
            **self.kind.changes,
            f"127.0.0.1:{_WEB}": f"127.0.0.1:{web}",
            f"127.0.0.1:{_LIVE}": f"127.0.0.1:{live}",
            f"127.0.0.1:{_INTAKE}": f"127.0.0.1:{intake}",
            **{
                f"/etc/ssl/egide/{name}.{kind}": str(self.folder / "server.pem")
                for name in (PAGES, PHONES)
                for kind in ("pem", "key")
            },
        }
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, self.filled(new))
        return text

    def filled(self, text: str) -> str:
        """With the places of this one."""
        places = {
            "{folder}": str(self.folder),
            "{file}": str(self.folder / self.kind.example),
            "{port}": str(self.port),
        }
        for name, place in places.items():
            text = text.replace(name, place)
        return text


@contextmanager
def proxied(kind: Kind, folder: Path, web: int, live: int, intake: int) -> Iterator[Proxy]:
    """A proxy in front of servers at these ports."""
    program = kind.program()
    proxy = Proxy(kind, folder)
    (folder / kind.example).write_text(proxy.configuration(web, live, intake), encoding="utf-8")
    # Caddy keeps what it would remember in its account's home.
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}
    with (folder / "said.txt").open("wb") as said:
        proxy.process = process = subprocess.Popen(
            [program, *map(proxy.filled, kind.arguments)], env=environment, stdout=said, stderr=said
        )
    try:
        until(lambda: _answers(proxy) or process.poll() is not None, f"{kind.name} does not start")
        assert process.poll() is None, (folder / "said.txt").read_text()
        yield proxy
    finally:
        process.terminate()
        process.wait()


def _answers(proxy: Proxy) -> bool:
    try:
        return bool(proxy.ask(PHONES, "GET", "/", "127.0.0.1"))
    except ConnectionRefusedError:
        return False
