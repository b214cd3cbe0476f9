"""taky as a process of its own on a free port, in the clear or under TLS with certificates on both sides; and a device
of a team, by pytak, that is on it under its call sign."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.etree import ElementTree as xml

import pytak  # type: ignore[import-untyped]

from tests.support.certificates import Authority
from tests.support.ports import reserved
from tests.support.waiting import until

OLD = Path(__file__).with_name("old")


class TakServer:
    """Where it is; `authority` made its certificate, and those of its clients."""

    def __init__(self, folder: Path, port: int, authority: Authority | None) -> None:
        self.folder = folder
        self.port = port
        self.authority = authority
        self.url = f"{'tls' if authority else 'tcp'}://127.0.0.1:{port}"

    def more(self, *call_signs: str, **other: str) -> dict[str, str]:
        """What the settings say of it."""
        more = {"call_signs": ", ".join(call_signs)} | other
        if self.authority is not None:
            more |= {"authorities": str(self.authority.pem), "certificate": str(self.authority.shown)} | other
        return more


@contextmanager
def tak_server(folder: Path, authority: Authority | None = None) -> Iterator[TakServer]:
    """It runs until the end of the block."""
    folder.mkdir()
    port = reserved()
    settings = ConfigParser()
    settings["taky"] = {"bind_ip": "127.0.0.1", "redis": "false", "root_dir": str(folder)}
    settings["cot_server"] = {"port": str(port)}
    settings["dp_server"] = {"upload_path": str(folder)}
    settings["ssl"] = {"enabled": "false"}
    if authority is not None:
        authority.server("127.0.0.1")
        authority.shown.chmod(0o640)
        shown = str(authority.shown)
        settings["ssl"] = {"enabled": "true", "ca": str(authority.pem), "cert": shown, "key": shown}
    path = folder / "taky.conf"
    with path.open("w", encoding="utf-8") as file:
        settings.write(file)
    environment = os.environ | {"PYTHONPATH": str(OLD)}
    command = [sys.executable, "-m", "taky.cot", "-c", str(path)]
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: _listens(port), lambda: (folder / "log").read_text("utf-8"))
        yield TakServer(folder, port, authority)
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Device:
    """What a test sees of it: the events that came, pings and atoms apart."""

    def __init__(self) -> None:
        self.came: list[xml.Element] = []
        self.is_known = threading.Event()

    @property
    def types(self) -> list[str]:
        return [event.get("type", "") for event in self.came]


@contextmanager
def device(server: TakServer, call_sign: str) -> Iterator[Device]:
    """A device of a team under this call sign, until the end of the block."""
    here, stopped = Device(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_listen(server, call_sign, here, stopped)))
    thread.start()
    try:
        assert here.is_known.wait(30), (server.folder / "log").read_text("utf-8")
        yield here
    finally:
        stopped.set()
        thread.join()


async def _listen(server: TakServer, call_sign: str, here: Device, stopped: threading.Event) -> None:
    settings = {"COT_URL": server.url}
    if server.authority is not None:
        shown = str(server.authority.shown)
        settings |= {"PYTAK_TLS_CLIENT_CERT": shown, "PYTAK_TLS_CLIENT_KEY": shown}
        settings |= {
            "PYTAK_TLS_CLIENT_CAFILE": str(server.authority.pem),
            "PYTAK_TLS_DONT_CHECK_HOSTNAME": "1",
        }
    parser = ConfigParser()
    parser["device"] = settings
    reader, writer = await pytak.protocol_factory(parser["device"])
    # Without `takv` taky does not know whose device it is.
    own = pytak.gen_cot_xml(lat=50.4, lon=3.9, uid=call_sign, cot_type="a-f-G-U-C")
    assert own is not None
    detail = own.find("detail")
    assert detail is not None
    for found in detail.findall("contact"):
        detail.remove(found)
    xml.SubElement(detail, "contact", callsign=call_sign)
    xml.SubElement(detail, "takv", os="29", version="4.5", device="t", platform="ATAK-CIV")
    xml.SubElement(detail, "__group", name="Blue", role="Team Member")
    writer.write(xml.tostring(own) + xml.tostring(_ping()))
    await writer.drain()
    read = b""
    while not stopped.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                read += await reader.read(65_536)
        while b"</event>" in read:
            one, _end, read = read.partition(b"</event>")
            event = xml.fromstring(one[one.index(b"<event") :] + b"</event>")
            if event.get("type") == "t-x-c-t-r":
                here.is_known.set()
            elif not event.get("type", "").startswith("a-"):
                here.came.append(event)
    writer.close()


def _ping() -> xml.Element:
    made: xml.Element | None = pytak.gen_cot_xml(uid="ping", cot_type="t-x-c-t")
    assert made is not None
    return made
