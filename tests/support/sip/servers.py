"""kamailio as control room (PSAP) and as routing proxy (ESRP), on ports of its own; sipp beside it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.support.certificates import Authority
from tests.support.ports import reserved
from tests.support.waiting import until

HERE = Path(__file__).parent
UNPACKED = Path(sys.prefix, "kamailio")
_TLS = """loadmodule "tls.so"
modparam("tls", "config", "{folder}/tls.cfg")"""
_TLS_CFG = """[server:default]
method = TLSv1.2+
verify_certificate = {asks}
require_certificate = {asks}
private_key = {pem}
certificate = {pem}
ca_list = {authority}
"""


class Came(msgspec.Struct, frozen=True):
    """What the control room says that it read of one message, in the order of its line."""

    proto: str
    uri: str
    to: str
    by: str
    call: str
    kind: str
    status: str
    identifier: str
    incidents: str
    event: str
    pos: str
    radius: str
    entity: str
    routing: str
    priority: str
    route: str
    number: str


class Server:
    """One that runs. `said` is all that it said so far."""

    def __init__(self, folder: Path, tcp_port: int, tls_port: int) -> None:
        self._folder, self.tcp_port, self.tls_port = folder, tcp_port, tls_port
        self.authority = folder / "authority.pem"

    @property
    def tcp(self) -> str:
        return f"sip:127.0.0.1:{self.tcp_port};transport=tcp"

    @property
    def tls(self) -> str:
        return f"sips:127.0.0.1:{self.tls_port}"

    @property
    def said(self) -> str:
        return (self._folder / "said.txt").read_text(encoding="utf-8", errors="replace")

    def lines(self, word: str) -> list[list[str]]:
        """The fields of each line of this kind."""
        found = (line.partition(f"{word}|") for line in self.said.splitlines())
        return [rest.split("|")[:-1] for _before, bar, rest in found if bar]

    @property
    def came(self) -> list[Came]:
        return [Came(*("" if field == "<null>" else field for field in one)) for one in self.lines("CAME")]


def program(name: str) -> tuple[str, dict[str, str], Path]:
    """The program, its environment, and where it was found; the test is left out where it is not there."""
    for root in (UNPACKED, Path("/")):
        for place in ("usr/sbin", "usr/bin"):
            if (root / place / name).exists():
                libraries = [*root.glob("usr/lib/*-linux-gnu"), *root.glob("usr/lib/*-linux-gnu/kamailio")]
                path = ":".join(map(str, libraries)) if root == UNPACKED else ""
                return str(root / place / name), {**os.environ, "LD_LIBRARY_PATH": path}, root
    pytest.skip(f"needs {name}: `make kamailio`, or Debian's packages kamailio and sip-tester")


@contextmanager
def kamailio(
    folder: Path,
    kind: str,
    *,
    authority: Authority | None = None,
    asks: bool = False,
    lost: str = "",
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """It runs until the end of the block, with TLS where there is an authority; `asks` wants a certificate of the same
    authority from whoever comes; `kind` is "psap", "esrp" or "chat", and `more` fills what the last wants beside."""
    path, environment, root = program("kamailio")
    modules = next(root.glob("usr/lib/*-linux-gnu/kamailio/modules"))
    folder.mkdir(parents=True)
    server = Server(folder, reserved(), reserved())
    filled = {
        "callers": (HERE / "callers.cfg").read_text("utf-8"),
        "tls": "yes" if authority else "no",
        "listen_tls": f"listen=tls:127.0.0.1:{server.tls_port}" if authority else "",
        "load_tls": _TLS.replace("{folder}", str(folder)) if authority else "",
        "tcp_port": str(server.tcp_port),
        "modules": f"{modules}/",
        "lost": lost,
        "people": "",
        **(more or {}),
    }
    if authority:
        shutil.copy(authority.pem, server.authority)
        shutil.copy(authority.shown, folder / "server.pem")
        text = _TLS_CFG.format(
            asks="yes" if asks else "no", pem=folder / "server.pem", authority=server.authority
        )
        (folder / "tls.cfg").write_text(text, encoding="utf-8")
    config = (HERE / "common.cfg").read_text("utf-8") + (HERE / f"{kind}.cfg").read_text("utf-8")
    for name, value in filled.items():
        config = config.replace(f"{{{name}}}", value)
    (folder / "kamailio.cfg").write_text(config, encoding="utf-8")
    # -DD: in the foreground, with its processes; little memory for each.
    command = [
        path,
        "-DD",
        "-E",
        "-m",
        "16",
        "-M",
        "4",
        "-f",
        str(folder / "kamailio.cfg"),
        "-Y",
        str(folder),
    ]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
    try:
        until(lambda: _listens(server.tcp_port) or process.poll() is not None, lambda: server.said)
        assert process.poll() is None, server.said
        yield server
    finally:
        # All of its processes: told to end in order, they may wait a minute for one another.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def sipp(
    folder: Path, scenario: str = "receiver", calls: int = 1
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A peer by sipp over TCP that does what its scenario says, for so many calls; it ends with 0 once all went so. By
    itself it expects one message of the kind of RFC 8876."""
    path, environment, _root = program("sipp")
    folder.mkdir(parents=True)
    port = reserved()
    command = [
        path,
        "-sf",
        str(HERE / f"{scenario}.xml"),
        "-t",
        "t1",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-m",
        str(calls),
    ]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [*command, "-nostdin"], env=environment, cwd=folder, stdout=said, stderr=said
        )
    try:
        until(lambda: _listens(port) or process.poll() is not None, lambda: (folder / "said.txt").read_text())
        assert process.poll() is None, (folder / "said.txt").read_text()
        yield f"sip:127.0.0.1:{port};transport=tcp", process
    finally:
        process.kill()
        process.wait()
