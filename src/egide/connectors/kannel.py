"""Kannel's form of short messages, both ways (kannel 1.4.5, user guide, chapter "Using SMS gateway").

Kannel signs nothing: who calls is who has the name and the password (HTTP Basic, RFC 7617), and the same pair is shown
to its `sendsms`. They travel in headers, so that neither they nor a number that is written to stand in an address.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from egide.connectors.calling import CallRefused, call
from egide.connectors.webhooks import Unauthentic

# Signs that need no escape in the address of kannel's own configuration (RFC 3986, section 2.3).
_LOGIN = re.compile(r"(?P<name>[A-Za-z0-9._~-]{1,32}):(?P<password>[A-Za-z0-9._~-]{24,128})")
_TEXT = "text/plain; charset=UTF-8"
# No telephone: a kannel with the right password refuses it with 400, and sends nothing.
_NOBODY = "x"
# What `dlr-mask` asks to hear of: it reached the phone (1), it did not (2), the network refused it (16).
DELIVERED, UNDELIVERED, REJECTED = 1, 2, 16
_REFUSED = (401, 403)


class Login(msgspec.Struct, frozen=True):
    """A name and a password that both sides know."""

    name: str
    password: str

    @property
    def header(self) -> str:
        """What `Authorization` holds."""
        return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()


def logins_in(path: Path) -> list[Login]:
    """The logins of a file, `name:password`, one in a line. Raises ValueError naming the line, OSError."""
    logins = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = _LOGIN.fullmatch(text)
        if found is None:
            raise ValueError(
                f"line {number} of {path.name} is no name:password: 24 to 128 letters, digits, . _ ~ - behind the :"
            )
        logins.append(Login(**found.groupdict()))
    if not logins:
        raise ValueError(f"{path.name} holds no name:password, one in a line")
    return logins


def check_login(logins: Sequence[Login], authorization: str) -> None:
    """Raises Unauthentic "bad-password", also where none is shown."""
    given = authorization.encode("utf-8", "surrogateescape")
    # All of them are compared, each in constant time.
    if not any([hmac.compare_digest(one.header.encode(), given) for one in logins]):
        raise Unauthentic("bad-password")


class KannelSender:
    """Sends by POST to `sendsms`: by GET, kannel's better known form, number and password would stand in an address."""

    def __init__(self, url: str, login: Login) -> None:
        self._url = url
        self._login = login

    def send(self, to: str, text: str, id: str, report: str = "") -> None:
        """Hand over one text; kannel knows no repeat by `id`. `report`: the address that it tells what became of it,
        with `%d` where it puts the number of that. Raises OSError."""
        asking = {}
        if report:
            mask = str(DELIVERED | UNDELIVERED | REJECTED)
            asking = {"X-Kannel-DLR-Mask": mask, "X-Kannel-DLR-Url": report}
        call(self._url, text.encode(), self._headers(to) | {"X-Kannel-Coding": "0"} | asking)

    def check(self) -> None:
        """Raises OSError where nobody answers, or not to this password. Nothing is sent."""
        try:
            call(self._url, b"-", self._headers(_NOBODY))
        except CallRefused as error:
            if error.status in _REFUSED:
                raise OSError(f"the name or the password is not theirs (HTTP {error.status})") from error
            if error.status != 400:
                raise

    def _headers(self, to: str) -> dict[str, str]:
        return {
            "Content-Type": _TEXT,
            "X-Kannel-Username": self._login.name,
            "X-Kannel-Password": self._login.password,
            "X-Kannel-To": to,
        }
