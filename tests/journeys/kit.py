"""A kit in a person's hands: the telephone with the app, and the button beside it."""

from dataclasses import dataclass

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
