"""The installation of a sandbox: a demo whose phones and dispatch systems go through its front."""

from dataclasses import replace
from pathlib import Path

from egide.entrypoints.stack.children import open_listener
from egide.entrypoints.stack.installation import MARKER, Stack
from egide.entrypoints.stack.sandbox import keys
from egide.entrypoints.stack.sandbox.begin import environment
from egide.entrypoints.stack.sandbox.front import SMS

FOLDER = "sandbox"


class House(Stack):
    """`ports`: pages, live, air and the front's, one after the other; intake and the road for text messages take any
    free one, since nobody but the front calls them. The last of the demo's kits has no invented phone: it is the
    integrator's."""

    def __init__(self, data_dir: Path, ports: tuple[int, int, int, int], *, with_feed: bool = False) -> None:
        pages, live, air, front = ports
        super().__init__(data_dir, (pages, live, 0, air), is_forked=True)
        self.folder = self.config.data_dir / FOLDER
        self.front_listener = open_listener(front)
        self.front_url = f"http://127.0.0.1:{self.front_listener.getsockname()[1]}"
        self.intake_url = self.config.intake_urls[0]
        self._listeners[SMS] = open_listener()
        self.sms_url = f"http://127.0.0.1:{self._listeners[SMS].getsockname()[1]}"
        self.pages_url = f"http://127.0.0.1:{self.ports['web']}"
        self._with_feed = with_feed
        self.config = replace(
            self.config,
            intake_urls=(self.front_url,),
            dispatch_systems=str(keys.dispatch_file(self.folder)),
            tracker_services=str(keys.services_file(self.folder)),
            sms_secrets=str(keys.sms_file(self.folder)),
            sms_send_url=f"{self.front_url}/to/{SMS}",
        )
        self.surroundings = environment(self.folder)
        self.keys: keys.Keys

    def start(self) -> None:
        """Start the servers; each of their processes is closed to the outside before it does anything."""
        self.config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whatever becomes of the start, the directory is known for one that may be written over.
        (self.config.data_dir / MARKER).touch(mode=0o600)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.keys = keys.do_make(self.folder, self.front_url, with_feed=self._with_feed)
        super().start()
        self._start(SMS, [])
        self.children[SMS].ready()

    def start_people(self) -> None:
        """Buttons and phones of all kits but the last, which is for the integrator. The front has to serve by now."""
        *carried, free = self.demo["kits"]
        self.start_radio(carried)
        (issued,) = self.issued([free])
        keys.do_enrol(self, self.keys, free, issued)

    def stop(self) -> None:
        """End all processes."""
        super().stop()
        self.front_listener.close()

    def _environment(self, name: str) -> dict[str, str]:
        found = super()._environment(name)
        if name == "watch":
            # Its control presses would be calls of nobody's phone: they go to intake itself.
            found["EGIDE_INTAKE_URLS"] = self.intake_url
        return found
