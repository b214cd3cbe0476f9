"""mosquitto, a broker that knows nothing of Egide: gateways publish, and one name may read."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from egide.common.config import Config
from tests.support.ports import reserved
from tests.support.waiting import WITHIN_S, until

NAME, PASSWORD = "egide", "reads frames"
GATEWAY, GATEWAY_PASSWORD = "gateway", "publishes frames"
_ACL = f"user {NAME}\ntopic read egide/+\nuser {GATEWAY}\ntopic write egide/+\n"


def _program(name: str) -> tuple[str, dict[str, str]]:
    """Where it is, and the environment that it needs. The test is left out where it is not there."""
    unpacked = Path(sys.prefix, "mosquitto")
    libraries = ":".join(str(path) for path in unpacked.glob("usr/lib/*-linux-gnu"))
    for path in (unpacked / "usr/sbin" / name, unpacked / "usr/bin" / name):
        if path.exists():
            return str(path), os.environ | {"LD_LIBRARY_PATH": libraries}
    found = shutil.which(name)
    if not found:
        pytest.skip("needs mosquitto: `make mosquitto`, or Debian's package of this name")
    return found, dict(os.environ)


@dataclass
class Broker:
    """It runs or not; what it holds outlives that."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    _gateways: list[Client] = field(default_factory=list)

    def start(self) -> None:
        """Begin, and wait until it listens."""
        program, environment = _program("mosquitto")
        command = [program, "-c", str(self.folder / "mosquitto.conf")]
        log = (self.folder / "mosquitto.log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()
        until(self._listens, "the broker listens")

    def stop(self) -> None:
        """End, with all that it holds written."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(WITHIN_S)
            self.process = None

    def publish(self, source: str, payload: bytes) -> None:
        """What a gateway says; returns once the broker has it."""
        client = Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(GATEWAY, GATEWAY_PASSWORD)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            client.publish(f"egide/{source}", payload, qos=1).wait_for_publish(WITHIN_S)
        finally:
            client.disconnect()
            client.loop_stop()

    def settings(self, config: Config, password: str = PASSWORD) -> Config:
        """The same installation, which listens to it."""
        login = self.folder / "login"
        login.write_text(f"{NAME}\n{password}\n", encoding="utf-8")
        login.chmod(0o640)
        return replace(config, mqtt_broker=f"mqtt://127.0.0.1:{self.port}", mqtt_login=str(login))

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """It runs until the end of the block."""
    folder.mkdir(parents=True)
    port = reserved()
    passwords, acl = folder / "passwords", folder / "acl"
    program, environment = _program("mosquitto_passwd")
    passwords.write_text(f"{NAME}:{PASSWORD}\n{GATEWAY}:{GATEWAY_PASSWORD}\n", encoding="utf-8")
    passwords.chmod(0o600)
    subprocess.run([program, "-U", str(passwords)], env=environment, check=True, capture_output=True)
    acl.write_text(_ACL, encoding="utf-8")
    acl.chmod(0o600)
    user = "user root\n" if os.geteuid() == 0 else ""
    (folder / "mosquitto.conf").write_text(
        f"{user}listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nacl_file {acl}\n"
        f"persistence true\npersistence_location {folder}/\n",
        encoding="utf-8",
    )
    made = Broker(folder, port)
    made.start()
    try:
        yield made
    finally:
        made.stop()
