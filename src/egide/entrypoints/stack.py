"""A whole installation of child processes on this machine: for the demo, the journeys and the benchmarks."""

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.entrypoints.processes import Child, open_listener, stop_all
from egide.events.register import EnrolmentOffered, KitIssued
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.enrolment import CODE_LIFETIME_S, code_hash

MARKER = "this-is-an-egide-demo"
BUTTONS_DIR = "buttons"
KEY_FILE = "buttons.json"
CODE_FILE = "codes"
SERVERS = ("web", "worker", "intake", "live", "watch")
_COPY_S = 10.0


class Stack:
    """Intake, live, worker, watch and web in `data_dir`; then, when asked, air, buttons and phones.

    `ports` are those of web, live, intake and air; 0 takes any free one.
    """

    def __init__(self, data_dir: Path, ports: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        self._listeners = dict(zip(("web", "live", "intake", "air"), map(open_listener, ports), strict=True))
        self.ports = {name: listener.getsockname()[1] for name, listener in self._listeners.items()}
        self.config = Config(
            data_dir=data_dir.absolute(),
            web_origins=(f"http://localhost:{self.ports['web']}", f"http://127.0.0.1:{self.ports['web']}"),
            live_url=f"http://localhost:{self.ports['live']}",
            intake_urls=(f"http://127.0.0.1:{self.ports['intake']}",),
            demo=True,
        )
        self.children: dict[str, Child] = {}
        self.demo: dict[str, Any] = {}
        self.on_line: Callable[[dict[str, Any]], None] | None = None

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def host(self, account: str) -> str:
        """The address of the pages under a host name of this account's own: tabs share cookies by host."""
        return f"http://{account}.localhost:{self.ports['web']}"

    def start(self) -> None:
        """Start the servers on a fresh database with invented people; returns when all are ready."""
        self.config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.config.data_dir / MARKER).touch(mode=0o600)
        for name in SERVERS:
            self._start(name, ["--demo-data"] if name == "web" else [])
        self.demo = self.children["web"].wait_for("demo")["demo"]
        # A restarted web process must not write the invented people again.
        self.children["web"].arguments = []
        for name in SERVERS:
            self.children[name].ready()

    def start_radio(self) -> None:
        """Start air, buttons and phones, enrol and pair them; returns when every phone hears its button."""
        self._start("air", [])
        kits = self._issued_kits()
        keys = {kit.button_id: to_base64url(kit.button_key) for kit in kits}
        key_file = self._write_private(KEY_FILE, json.dumps(keys))
        air = f"127.0.0.1:{self.ports['air']}"
        buttons = self.config.data_dir / BUTTONS_DIR
        self._start("button", ["--air", air, "--state", str(buttons), "--key-file", str(key_file)])
        self._start("companion", self._companion_arguments(air))
        self.children["air"].ready()
        self.children["button"].ready()
        # Phones pair in the order in which they enrolled.
        phone = self.children["companion"]
        for enrolled in [phone.wait_for("step", "phone.enrolled") for _ in kits]:
            self.children["button"].send({"open_pairing": enrolled["button"], "seconds": 60})
            phone.wait_for("step", "phone.paired")

    def press(self, kit: dict[str, Any], hold_s: float = 2.0) -> None:
        """Hold the button of a kit."""
        self.children["button"].send({"press": kit["button"], "hold_s": hold_s})

    def journal(self) -> Journal:
        """The installation's journal, with its keys."""
        return Journal.open(self.config, SystemClock(), KeyStore.open(self.config))

    def offer_code(self, kit: str, case: str, valid_s: int = CODE_LIFETIME_S) -> str:
        """A fresh one-time code for `kit`, as an officer's page offers it."""
        code = secrets.token_hex(6)
        expires_at_s = SystemClock().now_us() // 1_000_000 + valid_s
        offered = EnrolmentOffered(kit=kit, code_hash=code_hash(code), expires_at_s=expires_at_s)
        self.journal().append([Entry(stream=f"kit:{kit}", event=offered, case=case)])
        return code

    def stop(self) -> None:
        """End all processes."""
        stop_all(list(self.children.values()))
        for listener in self._listeners.values():
            listener.close()

    def _start(self, name: str, arguments: list[str]) -> None:
        self.children[name] = Child(
            f"egide.entrypoints.{name}",
            arguments,
            self.config.environment(),
            self._listeners.get(name),
            self._on_line,
        )

    def _on_line(self, line: dict[str, Any]) -> None:
        if self.on_line is not None:
            self.on_line(line)

    def _companion_arguments(self, air: str) -> list[str]:
        arguments = ["--air", air, "--state", str(self.config.data_dir / "phones"), "--pair"]
        arguments += ["--server", self.config.intake_urls[0]]
        # Everybody on the machine can read the arguments of a process: codes go by a file.
        fresh = [self.offer_code(kit["kit"], kit["case"]) for kit in self.demo["kits"]]
        codes = self._write_private(CODE_FILE, "\n".join(fresh))
        arguments += ["--code-file", str(codes)]
        for kit in self.demo["kits"]:
            arguments += ["--position", f"{kit['lat']},{kit['lon']}"]
        return arguments

    def _write_private(self, name: str, text: str) -> Path:
        path = self.config.data_dir / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def _issued_kits(self) -> list[KitIssued]:
        """What the journal says of the kits, once the worker has copied it there."""
        journal = self.journal()
        deadline = time.monotonic() + _COPY_S
        wanted = {kit["kit"] for kit in self.demo["kits"]}
        while True:
            copied = {row[0] for row in journal.connection.execute("SELECT kit FROM kit")}
            if wanted <= copied:
                break
            if time.monotonic() > deadline:
                raise TimeoutError("the worker did not copy the kits into the journal")
            time.sleep(0.01)
        kits = []
        for kit in self.demo["kits"]:
            issued = journal.open_event(journal.stream(f"kit:{kit['kit']}")[0])
            assert isinstance(issued, KitIssued)
            kits.append(issued)
            kit["button"] = issued.button_id
        return kits
