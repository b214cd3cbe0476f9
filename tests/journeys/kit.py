"""A kit in a person's hands: the telephone with the app, and the button beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

from egide.common.encoding import to_base64url
from egide.entrypoints.stack.children import Child, stop_all
from egide.events.register import KitIssued
from tests.journeys.conftest import World
from tests.journeys.phone_app import PhoneApp
from tests.journeys.test_phone_button import Hand


@dataclass
class Kit:
    """What the person carries: her telephone with the app, and the button."""

    app: PhoneApp
    button: Hand

    @property
    def device(self) -> str:
        return self.app.device

    def test(self) -> None:
        """Arm a test on the telephone, then hold the button; the telephone says that it was received."""
        self.app.arm_test()
        self.button.hold()
        self.app.until_tested()

    def press(self) -> str:
        """Hold the button while the telephone shows its decoy; returns the alarm."""
        self.app.to_decoy()
        self.button.hold()
        return self.app.alarm()


class CompanionKit:
    """The telephone is the Python companion, which stands for a native app: it works with no screen at all."""

    def __init__(self, world: World, code: str, place: tuple[float, float], folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._world = world
        self._folder = folder
        air = ["--air", f"127.0.0.1:{world.stack.ports['air']}"]
        codes = private(folder / "codes", code)
        server = world.stack.config.intake_urls[0]
        options = ["--state", str(folder / "phones"), "--pair", "--server", server, "--code-file", str(codes)]
        options += ["--position", f"{place[0]},{place[1]}"]
        self.phone = Child("egide.entrypoints.companion", [*air, *options], world.stack.config.environment())
        enrolled = self.phone.wait_for("step", "phone.enrolled")
        self.device = str(enrolled["kid"])
        self.button = self._button(str(enrolled["kit"]), air)

    def _button(self, kit: str, air: list[str]) -> Hand:
        issued = self._world.journal.open_event(self._world.journal.stream(f"kit:{kit}")[0])
        assert isinstance(issued, KitIssued)
        keys = private(
            self._folder / "keys.json", json.dumps({issued.button_id: to_base64url(issued.button_key)})
        )
        state = self._folder / "button"
        state.mkdir()
        options = [*air, "--state", str(state), "--key-file", str(keys)]
        hand = Hand(Child("egide.entrypoints.button", options, {}), issued.button_id)
        hand.child.wait_for("step", "button.on")
        hand.open_pairing()
        self.phone.wait_for("step", "phone.paired")
        return hand

    def test(self) -> None:
        """Arm a test on the telephone, then hold the button; the telephone says that it was received."""
        self.phone.send({"arm_test": True})
        self.phone.wait_for("step", "phone.test_armed")
        self.button.hold()
        self.phone.wait_for("step", "phone.test_received")

    def press(self) -> str:
        """Hold the button; returns the alarm."""
        self.button.hold()
        sql = "SELECT alarm FROM alarm WHERE device = ? ORDER BY opened_seq DESC"
        found: list[str] = []

        def is_there() -> bool:
            found.extend(row[0] for row in self._world.journal.connection.execute(sql, (self.device,)))
            return bool(found)

        self._world.until(is_there, "the press is in the journal")
        return found[0]

    def close(self) -> None:
        stop_all([self.phone, self.button.child])


def private(path: Path, text: str) -> Path:
    """A file with this text that nobody else reads."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path
