"""The road for short messages as processes: the one that is called, and a gateway that calls it."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

from egide.common.config import Config
from egide.entrypoints.stack.children import Child, open_listener
from tests.support.asgi import SMS_SECRET

SECRET = "whsec_" + base64.b64encode(SMS_SECRET).decode()
# The header of a binary message to the port that is set by default (contracts/sms.json).
UDH = "0605043f210000"
PATIENCE_S = 40


def keep_secret(directory: Path, text: str = f"# the gateway of the tests\n{SECRET}\n") -> Path:
    """A file of secrets as an installation has one."""
    path = directory / "sms.secrets"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


class SmsRoad:
    """The process that is called, at an address that outlives it, and the gateway. Close it at the end."""

    def __init__(self, config: Config) -> None:
        self.environment = replace(config, sms_secrets=str(keep_secret(config.data_dir))).environment()
        self.listener = open_listener()
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.child = Child("egide.entrypoints.sms", [], self.environment, self.listener)
        self.child.ready()
        own = config.data_dir / "gateway.secret"
        own.write_text(SECRET)
        arguments = ["--to", f"{self.url}/v1/sms", "--secrets", str(own)]
        self.gateway = Child("tests.support.sms_gateway", arguments, {})
        self.gateway.ready()
        self._number = 0
        self._answers: dict[str, dict[str, Any]] = {}

    def hand(self, **message: Any) -> str:
        """Give the gateway a message; returns the gateway's name for it."""
        self._number += 1
        call = f"msg_{self._number}"
        self.gateway.send({"call": call, **message})
        return call

    def delivered(self, call: str) -> dict[str, Any]:
        """What became of it, once the gateway was done with it; they end in any order."""
        while call not in self._answers:
            told = self.gateway.wait_for("delivered", timeout_s=PATIENCE_S)
            self._answers[told["delivered"]] = told
        return self._answers[call]

    def close(self) -> None:
        """End both."""
        self.gateway.kill()
        # Its end is no trouble: nobody waits for it any more.
        self.child.stop()
        self.listener.close()
