"""Our account at an exchange (UCRM) of UCRI2: a token for a password, then messages out, and our own queue in.

An exchange keeps a queue for each address (OID). Ours is nobody else's: what is read from it is taken off it.
"""

import base64
import re
import ssl

import msgspec

from egide.common.encoding import NotJson, from_json
from egide.common.text import LANGUAGES
from egide.connectors.calling import DEADLINE_S, JSON, CallRefused, call
from egide.connectors.dispatch.receivers import Receiver, is_safe
from egide.connectors.dispatch.tls import certificate_faults, context_of

# Of a version its first two numbers, in messages and in the list of participants.
APP, VERSION, INCIDENT = "incident_transfer_police", "1.0", "incident"
# A queue of a few messages, each of a few thousand signs. More is never read.
MOST_BYTES = 1024 * 1024
_OID = re.compile(r"[0-9]+(\.[0-9]+){2,40}")
_UNAUTHORIZED = 401


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `more` says. `account` is our name at the exchange, `own` our address there and `to` that of the control
    room (OIDs); `language` is theirs; `authorities` and `certificate` as in `dispatch.tls`."""

    account: str
    own: str
    to: str
    language: str = "de"
    authorities: str = ""
    certificate: str = ""


class _Token(msgspec.Struct, frozen=True):
    token: str


class _Refusal(msgspec.Struct, frozen=True):
    """Why an exchange takes something not, by its number."""

    code: int = 0


class _App(msgspec.Struct, frozen=True, rename="camel"):
    """What a participant takes part in, and the messages of it that it takes none of."""

    app_id: str = ""
    app_version: str = ""
    unsupported_messages: tuple[str, ...] = ()

    @property
    def takes_incidents(self) -> bool:
        return (self.app_id, self.app_version) == (APP, VERSION) and INCIDENT not in self.unsupported_messages


class _Participant(msgspec.Struct, frozen=True, rename="camel"):
    """One that is connected, as far as it is asked about."""

    id: str = ""
    supported_apps: tuple[_App, ...] = ()


class _Registry(msgspec.Struct, frozen=True, rename="camel"):
    comm_participants: tuple[_Participant, ...] = ()


class Exchange:
    """Calls of one account. Belongs to one thread; a token is kept until it is refused."""

    def __init__(self, receiver: Receiver) -> None:
        """Raises ValueError, OSError."""
        self._receiver = receiver
        self.account = account_of(receiver)
        self._base = receiver.url.rstrip("/")
        is_tls = self._base.startswith("https:")
        account = self.account
        self._tls: ssl.SSLContext | None = (
            context_of(account.authorities, account.certificate) if is_tls else None
        )
        self._token = ""

    def ask(self, path: str, said: bytes | None = None, deadline_s: float = DEADLINE_S) -> bytes:
        """POST, or GET where nothing is said. Raises CallRefused, TimeoutError, OSError, ValueError, NotJson."""
        try:
            return self._call(path, said, deadline_s)
        except CallRefused as refused:
            if refused.status != _UNAUTHORIZED:
                raise
        # A token ends, and an exchange that began anew knows none of before.
        self._token = ""
        return self._call(path, said, deadline_s)

    def knows(self) -> bool:
        """Whether the control room is known there and takes what we send. Raises what `ask` does."""
        known = from_json(self.ask("/registry"), _Registry).comm_participants
        theirs = (one for one in known if one.id == self.account.to)
        return any(app.takes_incidents for one in theirs for app in one.supported_apps)

    def _call(self, path: str, said: bytes | None, deadline_s: float) -> bytes:
        if not self._token:
            self._token = self._new_token(deadline_s)
        headers = JSON | {"Authorization": f"Bearer {self._token}"}
        return call(self._base + path, said, headers, deadline_s, self._tls, MOST_BYTES)

    def _new_token(self, deadline_s: float) -> str:
        (password,) = self._receiver.secrets()
        pair = base64.b64encode(self.account.account.encode() + b":" + password).decode()
        answer = call(f"{self._base}/token", None, {"Authorization": f"Basic {pair}"}, deadline_s, self._tls)
        token = from_json(answer, _Token).token
        if not token.isascii() or not token.isprintable():
            raise NotJson("the token is none")
        return token


def account_of(receiver: Receiver) -> Account:
    """Raises ValueError."""
    try:
        return msgspec.convert(receiver.more, Account)
    except msgspec.ValidationError as error:
        raise ValueError(f"more cannot be used: {error}") from error


def code_in(refused: CallRefused) -> str:
    """A word of why it was refused, with the exchange's own number where it says one."""
    try:
        code = from_json(refused.said, _Refusal).code
    except NotJson:
        code = 0
    return f"refused-{refused.status}" + (f"-{code}" if 0 < code < 1000 else "")


def faults(receiver: Receiver) -> list[str]:
    """What is wrong with its entry, in words that follow its name."""
    found = []
    if not is_safe(receiver.url):
        found.append(f"url is {receiver.url!r}: expected https://… (http:// on this machine alone)")
    if "circle" not in receiver.fields:
        found.append("fields lacks circle: an incident without a place is taken by nobody")
    try:
        account = account_of(receiver)
    except ValueError as error:
        return [*found, str(error)]
    if not account.account or ":" in account.account or not account.account.isprintable():
        found.append("account is empty, or has a colon")
    found += [
        f"{name} is {oid!r}: expected numbers with points between them (an OID)"
        for name, oid in (("own", account.own), ("to", account.to))
        if not _OID.fullmatch(oid)
    ]
    if account.own == account.to:
        found.append("own and to are the same: it would be told by itself")
    if account.language not in LANGUAGES:
        found.append(f"language is {account.language!r}: there are {', '.join(LANGUAGES)}")
    return found + certificate_faults(account.authorities, account.certificate)
