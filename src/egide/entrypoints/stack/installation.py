"""A whole installation of child processes on this machine: for the demo, the journeys and the benchmarks."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from egide.common.clock import SystemClock
from egide.common.config import Config
from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child, open_listener, stop_all, surroundings
from egide.entrypoints.stack.fork_server import ForkServer
from egide.events.register import EnrolmentOffered, KitIssued
from egide.journal.queries import general as queries
from egide.journal.service import Entry, Journal, KeyStore
from egide.protocol.enrolment import CODE_LIFETIME_S, code_hash, fresh_code

MARKER = "this-is-an-egide-demo"
BUTTONS_DIR = "buttons"
PHONES_DIR = "phones"
KEY_FILE = "buttons.json"
CODE_FILE = "codes"
SERVERS = ("web", "worker", "intake", "live", "watch")
_COPY_S = 180.0


class Stack:
    """Intake, live, worker, watch and web in `data_dir`; then, when asked, air, buttons and phones.

    `ports` are those of web, live, intake and air; 0 takes any free one. With `is_forked` they are forks of one process
    that has loaded what they share: ready sooner, in less memory, and not as apart as an installation's. Figures are
    built at night only where `by_night` is set: what is tested or measured does the same at every hour.
    """

    def __init__(
        self,
        data_dir: Path,
        ports: tuple[int, int, int, int] = (0, 0, 0, 0),
        *,
        is_forked: bool = False,
        by_night: bool = False,
    ) -> None:
        self._listeners = dict(zip(("web", "live", "intake", "air"), map(open_listener, ports), strict=True))
        self.ports = {name: listener.getsockname()[1] for name, listener in self._listeners.items()}
        self.config = Config(
            data_dir=data_dir.absolute(),
            web_origins=(f"http://localhost:{self.ports['web']}", f"http://127.0.0.1:{self.ports['web']}"),
            live_url=f"http://localhost:{self.ports['live']}",
            intake_urls=(f"http://127.0.0.1:{self.ports['intake']}",),
            demo=True,
            figures_by_night=by_night,
        )
        # What its processes find in their environment beside their settings.
        self.surroundings: dict[str, str] = {}
        self.children: dict[str, Child] = {}
        self._is_forked = is_forked
        self._fork_server: ForkServer | None = None
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
        self._begin()
        for name in SERVERS:
            self._start(name, [], "stack.demo_web" if name == "web" else name)
        self.demo = self.children["web"].wait_for("demo")["demo"]
        # A restarted web process must not write the invented people again.
        self.children["web"].module = "egide.entrypoints.web"
        self._wait_for_servers()

    def resume(self) -> None:
        """Start the servers on what the data directory holds; returns when all are ready."""
        self._begin()
        for name in SERVERS:
            self._start(name, [])
        self._wait_for_servers()

    def _begin(self) -> None:
        if self._is_forked and self._fork_server is None:
            environment = surroundings(self._environment(""))
            self._fork_server = ForkServer.start("egide.entrypoints.stack.demo_forks", environment)

    def _wait_for_servers(self) -> None:
        for name in SERVERS:
            self.children[name].ready()

    def start_figures(self) -> None:
        """Begin to build the figures of the dashboard, as each night, but at once."""
        self._start("rebuild", ["--at-once"])

    def wait_for_figures(self) -> None:
        """Return when the figures are there."""
        self.children.pop("rebuild").process.wait()

    def start_air(self) -> None:
        """Start the air that buttons and phones share, unless it is there."""
        if "air" not in self.children:
            self._start("air", [])
            self.children["air"].ready()

    def start_radio(self, kits: list[dict[str, Any]] | None = None, folder: str = "") -> None:
        """Start buttons and phones of these kits (the demo's when none are given), enrol and pair them.

        They keep what they know in `folder` of the data directory. Returns when every phone hears its button.
        """
        carried = self.demo["kits"] if kits is None else kits
        # Without a way back in it: the name of a socket has 108 bytes at most (unix(7)).
        place = (self.config.data_dir / folder).resolve()
        place.mkdir(mode=0o700, exist_ok=True)
        issued = self.issued(carried)
        keys = {kit.button_id: to_base64url(kit.button_key) for kit in issued}
        _write_private(place / KEY_FILE, json.dumps(keys))
        # Everybody on the machine can read the arguments of a process: codes go by a file.
        codes = [self.offer_code(kit["kit"], kit["case"]) for kit in carried]
        self._carry(carried, place, ["--code-file", str(_write_private(place / CODE_FILE, "\n".join(codes)))])
        # Phones pair in the order in which they enrolled.
        phone = self.children["companion"]
        for enrolled in [phone.wait_for("step", "phone.enrolled") for _ in issued]:
            self.children["button"].send({"open_pairing": enrolled["button"], "seconds": 60})
            phone.wait_for("step", "phone.paired")

    def resume_radio(self, kits: list[dict[str, Any]]) -> None:
        """Start buttons and phones of these kits with what they kept; returns when every phone hears its button."""
        self._carry(kits, self.config.data_dir, [])
        for _ in kits:
            self.children["companion"].wait_for("step", "phone.connected")

    def _carry(self, kits: list[dict[str, Any]], place: Path, arguments: list[str]) -> None:
        """Start buttons and phones that keep what they know in `place`."""
        self.start_air()
        air = ["--air", f"127.0.0.1:{self.ports['air']}"]
        buttons, keys, phones = (str(place / name) for name in (BUTTONS_DIR, KEY_FILE, PHONES_DIR))
        self._start("button", [*air, "--state", buttons, "--key-file", keys])
        carried = ["--state", phones, "--pair", "--server", self.config.intake_urls[0], *arguments]
        for kit in kits:
            carried += ["--position", f"{kit['lat']},{kit['lon']}"]
        self._start("companion", [*air, *carried])
        self.children["button"].ready()

    def stop_radio(self) -> None:
        """End buttons and phones; the air stays."""
        stop_all([self.children.pop(name) for name in ("button", "companion")])

    def press(self, kit: dict[str, Any], hold_s: float = 2.0) -> None:
        """Hold the button of a kit."""
        self.children["button"].send({"press": kit["button"], "hold_s": hold_s})

    def journal(self) -> Journal:
        """The installation's journal, with its keys."""
        return Journal.open(self.config, SystemClock(), KeyStore.open(self.config))

    def offer_code(self, kit: str, case: str, valid_s: int = CODE_LIFETIME_S) -> str:
        """A fresh one-time code for `kit`, as an officer's page offers it."""
        code = fresh_code()
        expires_at_s = SystemClock().now_us() // 1_000_000 + valid_s
        offered = EnrolmentOffered(kit=kit, code_hash=code_hash(code), expires_at_s=expires_at_s)
        self.journal().append([Entry(stream=f"kit:{kit}", event=offered, case=case)])
        return code

    def stop(self) -> None:
        """End all processes."""
        stop_all(list(self.children.values()))
        if self._fork_server:
            self._fork_server.stop()
        for listener in self._listeners.values():
            listener.close()

    def _start(self, name: str, arguments: list[str], module: str = "") -> None:
        self.children[name] = Child(
            f"egide.entrypoints.{module or name}",
            arguments,
            self._environment(name),
            self._listeners.get(name),
            self._on_line,
            self._fork_server.begin if self._fork_server else None,
        )

    def _environment(self, _name: str) -> dict[str, str]:
        """Of the process with this name, "" for the one that forks the others."""
        return self.config.environment() | self.surroundings

    def _on_line(self, line: dict[str, Any]) -> None:
        if self.on_line is not None:
            self.on_line(line)

    def issued(self, kits: list[dict[str, Any]]) -> list[KitIssued]:
        """What the journal says of the kits, once the worker has copied it there; each learns its button's name."""
        journal = self.journal()
        deadline = time.monotonic() + _COPY_S
        wanted = {kit["kit"] for kit in kits}
        while True:
            if wanted <= queries.kits(journal):
                break
            if time.monotonic() > deadline:
                raise TimeoutError("the worker did not copy the kits into the journal")
            time.sleep(0.01)
        found = []
        for kit in kits:
            issued = journal.open_event(journal.stream(f"kit:{kit['kit']}")[0])
            assert isinstance(issued, KitIssued)
            found.append(issued)
            kit["button"] = issued.button_id
        return found


def _write_private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
