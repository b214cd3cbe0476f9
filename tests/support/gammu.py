"""gammu-smsd, Debian's own, with the configuration of docs/connectors/ and a folder for a phone (`model = dummy`)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

DOCUMENTED = Path(__file__).parents[2] / "docs" / "connectors"
_UNPACKED = Path(sys.prefix, "gammu")
# As gammu saves a message; its text in UCS-2, two hundred digits on a line.
_MESSAGE = """[SMSBackup000]
State = UnRead
Number = "{number}"
SMSC = "+3200000000"
DateTime = 20261124T230000
Coding = Default
Folder = 1
Length = {length}
Class = -1
ReplySMSC = False
RejectDuplicates = False
{lines}
"""
_DIGITS = 200


class Modem:
    """The daemon's folders; `settings` is what its script reads."""

    def __init__(self, folder: Path, url: str, login: str) -> None:
        for number in range(1, 6):
            (folder / "phone" / "sms" / str(number)).mkdir(parents=True)
        for name in ("inbox", "outbox", "sent", "error"):
            (folder / name).mkdir()
        self.outbox, self.sent, self.phone = folder / "outbox", folder / "sent", folder / "phone"
        self.settings = folder / "gammu.curl"
        self.settings.touch(mode=0o400)
        self.settings.chmod(0o600)
        self.settings.write_text(f'url = "{url}/v1/sms/kannel"\nuser = "{login}"\n')
        self._came = 0
        text = (DOCUMENTED / "gammu.conf").read_text(encoding="utf-8")
        changes = {
            "device = /dev/ttyUSB0\nconnection = at": f"model = dummy\nconnection = none\nport = {self.phone}\n"
            "gammuloc = /dev/null",
            "/var/spool/gammu/": f"{folder}/",
            "/usr/local/lib/egide/": f"{DOCUMENTED}/",
            "receivefrequency = 1": "receivefrequency = 1\ncommtimeout = 1",
        }
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        self.file = folder / "gammu.conf"
        self.file.write_text(text)

    def come(self, text: str, number: str) -> None:
        """A text comes to the phone."""
        self._came += 1
        digits = text.encode("utf-16-be").hex().upper()
        rows = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
        lines = "\n".join(f"Text{number:02} = {row}" for number, row in enumerate(rows))
        begun = self.phone / f"begun-{self._came}"
        begun.write_text(_MESSAGE.format(number=number, length=len(text), lines=lines))
        begun.rename(self.phone / "sms" / "1" / str(self._came))


@contextmanager
def modem(folder: Path, url: str, login: str) -> Iterator[Modem]:
    """A running daemon whose script calls this address."""
    program = shutil.which("gammu-smsd") or str(_UNPACKED / "usr/bin/gammu-smsd")
    if not Path(program).exists():
        pytest.skip("needs gammu-smsd: `make gammu`, or Debian's package of this name")
    made = Modem(folder, url, login)
    environment = _environment() | {"EGIDE_GAMMU": str(made.settings)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([program, "-c", str(made.file)], env=environment, stdout=said, stderr=said)
    try:
        yield made
    finally:
        process.terminate()
        process.wait()


def _environment() -> Mapping[str, str]:
    libraries = [_UNPACKED / "usr/lib", *(_UNPACKED / "usr/lib").glob("*-linux-gnu")]
    return os.environ | {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}
