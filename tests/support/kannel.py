"""Kannel, Debian's own, with the configuration of docs/connectors/, and a phone of its fake network: fakesmsc."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.ports import reserved
from tests.support.waiting import until

DOCUMENTED = Path(__file__).parents[2] / "docs" / "connectors" / "kannel.conf"
NAME, PASSWORD = "egide", "a-password-of-the-tests-alone"
LOGIN = f"{NAME}:{PASSWORD}"
# Where the documentation has the servers, and what a test puts in their place.
_PORTS = {"admin": 13000, "smsbox": 13001, "sendsms": 13013, "network": 10000}
_UNPACKED = Path(sys.prefix, "kannel")


def program(name: str) -> str:
    """One of its programs; the test is left out where it is not there."""
    places = [
        Path(root, folder, name)
        for root in ("/", _UNPACKED)
        for folder in ("usr/sbin", "usr/lib/kannel/test")
    ]
    found = next((str(path) for path in places if path.exists()), None)
    if found is None:
        pytest.skip("needs kannel: `make kannel`, or Debian's packages kannel and kannel-extras")
    return found


class Kannel:
    """Both boxes. `inbound` is the address that is called with what came to the number."""

    def __init__(self, folder: Path, inbound: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.ports = {name: reserved() for name in _PORTS}
        self.send_url = f"http://127.0.0.1:{self.ports['sendsms']}/cgi-bin/sendsms"
        self._file = folder / "kannel.conf"
        self._file.write_text(self._configuration(inbound))
        (folder / "spool").mkdir()
        self._boxes: dict[str, subprocess.Popen[bytes]] = {}
        self.phone = NetworkPhone(self)

    def start(self) -> None:
        """Both, in their order; returns once texts are taken."""
        self.start_box("bearerbox")
        self.start_box("smsbox")

    def start_box(self, name: str) -> None:
        """One of the two."""
        listens = self.ports["smsbox" if name == "bearerbox" else "sendsms"]
        with (self.folder / f"{name}.said").open("ab") as said:
            command = [program(name), "-v", "4", str(self._file)]
            box = subprocess.Popen(command, env=_environment(), stdout=said, stderr=said, cwd=self.folder)
        self._boxes[name] = box
        until(lambda: box.poll() is not None or _listens(listens), f"{name} does not start")
        assert box.poll() is None, (self.folder / f"{name}.said").read_text()

    def stop_box(self, name: str) -> None:
        """End one of the two, and what it knows."""
        box = self._boxes.pop(name)
        box.kill()
        box.wait()

    def stop(self) -> None:
        """End what runs of it."""
        for name in list(self._boxes):
            self.stop_box(name)

    def said(self) -> str:
        """All that both have logged."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*box.*"))

    def _configuration(self, inbound: str) -> str:
        text = DOCUMENTED.read_text(encoding="utf-8")
        changes = {
            "http-queue-delay = 10": "http-queue-delay = 1",
            "sms-resend-freq = 5": "sms-resend-freq = 1",
            "/var/spool/kannel": str(self.folder / "spool"),
            "/var/log/kannel": str(self.folder),
            f"{NAME}:PASSWORD-OF-24-SIGNS-OR-MORE@127.0.0.1:8404/v1/sms/kannel?": f"{LOGIN}@{inbound}/v1/sms/kannel?",
            "password = PASSWORD-OF-24-SIGNS-OR-MORE": f"password = {PASSWORD}",
            **{
                f"port = {documented}\n": f"port = {self.ports[name]}\n"
                for name, documented in _PORTS.items()
            },
        }
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        return text


class NetworkPhone:
    """fakesmsc: the network with one phone in it. It sends one message at a time and keeps what it gets."""

    def __init__(self, kannel: Kannel) -> None:
        self._kannel = kannel
        self._process: subprocess.Popen[bytes] | None = None
        self._log = kannel.folder / "fakesmsc.said"
        self._log.touch()

    def text(self, text: str, sender: str, to: str = "+3200000000") -> None:
        """Send a text."""
        self._send(f"{sender} {to} text {text}")

    def binary(self, udh: str, data: str, sender: str, to: str = "+3200000000") -> None:
        """Send bytes behind a header, both in hexadecimal."""
        self._send(f"{sender} {to} udh-data {_escaped(udh)} {_escaped(data)}")

    def received(self) -> list[str]:
        """What came to it, as `number text`, in order."""
        said = self._log.read_text(encoding="utf-8", errors="replace")
        return re.findall(r"Got message \d+: <\S+ (\S+ text .*)>", said)

    def turn_off(self) -> None:
        """It hears nothing any more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def turn_on(self) -> None:
        """It listens, and sends nothing."""
        self._send("1 1 text nothing", most=0)

    def _send(self, message: str, most: int = 1) -> None:
        self.turn_off()
        before = self._log.stat().st_size
        with self._log.open("ab") as said:
            at = ["-H", "127.0.0.1", "-r", str(self._kannel.ports["network"]), "-i", "0.01", "-m", str(most)]
            command = [program("fakesmsc"), *at, message]
            self._process = subprocess.Popen(command, env=_environment(), stdout=said, stderr=said)
        wanted = b"sent message 1" if most else b"fakesmsc starting"
        until(lambda: wanted in self._log.read_bytes()[before:], lambda: self._log.read_text())


@contextmanager
def kannel_to(folder: Path, inbound: str) -> Iterator[Kannel]:
    """Kannel that calls this address (host:port), and its phone."""
    kannel = Kannel(folder, inbound)
    try:
        kannel.start()
        kannel.phone.turn_on()
        yield kannel
    finally:
        kannel.phone.turn_off()
        kannel.stop()


def _escaped(data: str) -> str:
    return "".join(f"%{byte:02x}" for byte in bytes.fromhex(data))


def _environment() -> dict[str, str]:
    libraries = [str(path) for path in (_UNPACKED / "usr/lib").glob("*-linux-gnu")]
    return os.environ | ({"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {})


def _listens(port: int) -> bool:
    """Whether somebody listens there: asked of the system, since a connection is a box to kannel."""
    held = f"0100007F:{port:04X} 00000000:0000 0A"
    return held in Path("/proc/net/tcp").read_text()
