"""`egide sandbox` in a process of its own, with the script of its documentation, as whoever integrates meets it."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.ports import reserved
from tests.support.waiting import WITHIN_S

ROOT = Path(__file__).parents[2]
EGIDE = Path(sys.executable).with_name("egide")


def example() -> str:
    """The script that the documentation shows."""
    found = re.search(r"```text\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


class Sandbox:
    """It runs when this is made; `opened` says which addresses it gave to the person's browser."""

    def __init__(self, folder: Path, script: str = "", *options: str) -> None:
        (folder / "script").write_text(script or example(), encoding="utf-8")
        self._tabs = folder / "tabs"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" >> "{self._tabs}"\n', encoding="utf-8")
        browser.chmod(0o700)
        first = reserved(4)
        self.process = subprocess.Popen(
            [
                *(str(EGIDE), "sandbox", "--data", str(folder / "data"), "--port", str(first)),
                *("--script", str(folder / "script"), "--feed", *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "BROWSER": str(browser)},
        )
        self.url = f"http://127.0.0.1:{first + 3}"
        assert self.process.stdout is not None
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(f"the sandbox ended: {printed}")

    def noted(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.get("/sandbox/calls"))
        return found

    def calls(self, road: str) -> list[dict[str, Any]]:
        return [one for one in self.noted() if one.get("road") == road]

    def done(self, what: str) -> list[dict[str, Any]]:
        return [one for one in self.noted() if one.get("what") == what]

    def post(
        self,
        path: str,
        body: bytes,
        kind: str = "application/x-www-form-urlencoded",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """The status and the answer."""
        told = {"Content-Type": kind, **(headers or {})}
        request = urllib.request.Request(self.url + path, body, told)
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def opened(self) -> list[str]:
        return self._tabs.read_text(encoding="utf-8").split() if self._tabs.exists() else []

    def get(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, headers=headers or {})
        with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:
            return bytes(reply.read())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WITHIN_S)

    def page(self) -> str:
        return self.get("/sandbox/?lang=en").decode()
