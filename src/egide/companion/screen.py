"""What the phone shows to the person, in their language: never more than a reply has proven (safety rule 16)."""

from egide.common.text import _
from egide.companion.ports import Reporter

UNAUTHORIZED, ACCEPTED = 401, 202


class Screen:
    """The one line that is shown; reported whenever it changes."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._is_quiet = False
        self.line = ""

    def be_quiet(self, as_cancelled: bool) -> None:
        """Say nothing more of the alarm; what is shown says whether she cancelled it."""
        self._is_quiet = False
        self._show(_("The operator knows that you say you are safe.") if as_cancelled else _("Connected."))
        self._is_quiet = True

    def mute(self) -> None:
        """Leave standing what is shown."""
        self._is_quiet = True

    def speak(self) -> None:
        """What comes from now on is shown again."""
        self._is_quiet = False

    def sending(self) -> None:
        self._show(_("Alarm stored. Sending."))

    def not_stored(self) -> None:
        self._show(_("The phone's memory is full: dial 112."))

    def unreachable(self) -> None:
        self._show(_("No connection. The phone goes on trying. Dial 112 if you can."))

    def refused(self, status: int) -> None:
        if status == UNAUTHORIZED:
            self._show(_("Not connected: dial 112."))
        elif status == ACCEPTED:
            self._show(_("Kept by a server, not yet with the police. Dial 112 if you can."))
        else:
            self._show(_("Not accepted yet. The phone goes on trying. Dial 112 if you can."))

    def answered(self, state: str, checks: str = "") -> None:
        """`state` is the alarm's word from the reply, empty at rest; `checks` what is to be looked at then."""
        if state == "closed":
            self._show(_("Alarm closed."))
        elif state == "acknowledged":
            self._show(_("An operator has seen the alarm."))
        elif state:
            self._show(_("The dispatch centre has the alarm."))
        elif checks:
            self._show(_("Connected. Something of phone or button needs a look."))
        else:
            self._show(_("Connected."))

    def _show(self, line: str) -> None:
        if line != self.line and not self._is_quiet:
            self.line = line
            self._report("phone.shows", text=line)
