"""Who comes from outside, over TLS and by the names of the installation: a phone, and an operator at a board."""

import base64
import copy
import hmac
import json
import re
import struct
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter

from egide.common.clock import SystemClock
from egide.protocol.enrolment import NATIVE, Client, EnrolmentReply, make_request
from egide.protocol.envelope import Kind, Message, Position, Source, encode
from egide.protocol.keys import SigningKey, kid_of

ANSWER_S, MORE_S = 60, 180
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class _Named(HTTPAdapter):
    """Calls the machine at its address, as if a directory of names said so, and holds its certificate to the name."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, server_hostname=self._name, assert_hostname=self._name, **kwargs)


def session(address: str, name: str, authority: Path) -> requests.Session:
    """Connections to the host `name` of the machine, trusting its authority and nobody else."""
    made = requests.Session()
    made.mount(f"https://{address}", _Named(name))
    made.headers["Host"] = name
    made.verify = str(authority)
    # Not what this machine's environment trusts besides.
    made.trust_env = False
    return made


class Phone:
    """One enrolled phone; keeps what it was answered."""

    def __init__(
        self, address: str, name: str, authority: Path, code: str, place: tuple[float, float]
    ) -> None:
        self._name, self._authority = name, authority
        self.go_to(address)
        self._key = SigningKey.generate()
        self._position = Position(round(place[0] * 1e7), round(place[1] * 1e7), 20, 0, Source.SATELLITE)
        self._counter = 0
        body = msgspec.json.encode(make_request(code, self._key, Client(NATIVE, "1.0")))
        reply = self._session.post(
            f"{self._url}/v1/enrolments", body, headers={"content-type": "application/json"}, timeout=ANSWER_S
        )
        assert reply.status_code == 201, (reply.status_code, reply.text)
        self.enrolled = msgspec.json.decode(reply.content, type=EnrolmentReply)

    @property
    def device(self) -> str:
        """By which streams of the journal name this phone."""
        return kid_of(bytes(self._key.verify_key)).hex()

    def go_to(self, address: str, name: str = "") -> None:
        """From now on its name leads there, or it calls by another one."""
        self._name = name or self._name
        self._url = f"https://{address}"
        self._session = session(address, self._name, self._authority)

    def send(self, kind: Kind = Kind.PRESS, **fields: Any) -> requests.Response:
        """One message, signed. Raises requests.RequestException where no answer comes."""
        return self.post(self.envelope(kind, **fields))

    def envelope(self, kind: Kind = Kind.PRESS, **fields: Any) -> bytes:
        self._counter += 1
        content = {
            "kind": kind,
            "counter": self._counter,
            "sent_at_s": _now_s(),
            "position": self._position,
        }
        return encode(Message(**{**content, **fields}), self._key)

    def post(self, envelope: bytes) -> requests.Response:
        headers = {"content-type": "application/cose"}
        return self._session.post(f"{self._url}/v1/messages", envelope, headers=headers, timeout=ANSWER_S)


class Operator:
    """Signed in with a password and a code of an app."""

    def __init__(self, address: str, name: str, authority: Path, account: dict[str, str]) -> None:
        self._url, self._name, self._authority = f"https://{address}", name, authority
        self._session = session(address, name, authority)
        self._session.headers["Referer"] = f"https://{name}/"
        page = self.get("/sign-in")
        self._post("/sign-in", page, name=account["name"], password=account["password"])
        reply = self._post("/sign-in/code", self.get("/sign-in/code"), code=_code(account["secret"]))
        assert reply.status_code == 302, (reply.status_code, reply.text[-2000:])
        self._token = self.get("/session").json()["token"]

    @property
    def token(self) -> str:
        """What its pages want with whatever is sent."""
        return self._token

    @property
    def cookies(self) -> dict[str, str]:
        """Of the session, and of what it may listen to."""
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}

    def at(self, address: str) -> "Operator":
        """The same person in the same session, at another machine of the installation."""
        other = copy.copy(self)
        other._url = f"https://{address}"
        other._session = session(address, self._name, self._authority)
        other._session.headers["Referer"] = f"https://{self._name}/"
        for name, value in self.cookies.items():
            other._session.cookies.set(name, value)
        return other

    def get(self, path: str) -> requests.Response:
        reply = self._session.get(self._url + path, timeout=ANSWER_S, allow_redirects=False)
        assert reply.status_code == 200, (path, reply.status_code, reply.headers.get("Location"))
        return reply

    def listen(self, is_open: threading.Event, found: list[str], awaited: str = "AlarmRouted") -> None:
        """Follow the live stream until it tells of such an event of an alarm; `is_open` is set once it is open."""
        with self._session.get(f"{self._url}/v1/live", stream=True, timeout=ANSWER_S) as reply:
            assert reply.status_code == 200, reply.status_code
            is_named = False
            for line in reply.iter_lines(chunk_size=None, decode_unicode=True):
                is_open.set()
                # Pings, painted rows and what watch finds wrong come under names of their own.
                is_named = line.startswith("event:") or (is_named and bool(line))
                if not is_named and line.startswith("data: ["):
                    _seq, kind, stream = json.loads(line[6:])
                    if kind == awaited:
                        found.append(stream.removeprefix("alarm:"))
                        return

    def do(self, alarm: str, action: str, **fields: str) -> None:
        reply = self._session.post(
            f"{self._url}/desk/alarms/{alarm}/{action}",
            data=fields,
            headers={"X-CSRFToken": self._token},
            timeout=ANSWER_S,
            allow_redirects=False,
        )
        assert reply.status_code < 400, (action, reply.status_code, reply.text[-500:])

    def _post(self, path: str, page: requests.Response, **form: str) -> requests.Response:
        token = _TOKEN.search(page.text)
        assert token is not None, f"{path} has no form"
        form["csrfmiddlewaretoken"] = token[1]
        return self._session.post(self._url + path, data=form, timeout=ANSWER_S, allow_redirects=False)


@dataclass(frozen=True)
class House:
    """What outlives a machine: names, who trusts what, an operator with an account, a phone, its open alarm."""

    names: tuple[str, str]
    authority: Path
    account: dict[str, str]
    phone: Phone
    operator: Operator
    alarm: str


def _code(secret: str) -> str:
    """Six digits of this half minute (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", _now_s() // 30), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def _now_s() -> int:
    return SystemClock().now_us() // 1_000_000


class Traffic:
    """Presses of one phone, one after the other until it is stopped; each is sent until a receipt comes."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        # The number in the journal that each receipt named; every other answer; the longest wait for a receipt.
        self.receipts: list[int] = []
        self.refused: list[str] = []
        self.slowest_s = 0.0
        self.at_once = 0
        # Presses that a machine kept while there was no journal (202), until they had a receipt.
        self.kept = 0

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopped.set()
        self._thread.join()

    def wait_for_more(self, count: int = 20) -> None:
        """Until so many more presses have a receipt. Raises TimeoutError."""
        wanted, end_s = len(self.receipts) + count, time.monotonic() + MORE_S
        while len(self.receipts) < wanted:
            if time.monotonic() > end_s:
                raise TimeoutError(f"no press gets through: {self.refused[-3:]}")
            self._stopped.wait(0.1)

    def note(self, line: dict[str, object]) -> None:
        line["receipts"], line["at the first try"] = len(self.receipts), self.at_once
        line["refused"], line["longest wait s"] = len(self.refused), round(self.slowest_s, 1)
        if self.kept:
            line["kept meanwhile"] = self.kept

    def _run(self) -> None:
        while not self._stopped.is_set():
            envelope, begun_s, tries, kept = self._phone.envelope(), time.monotonic(), 0, False
            while not self._stopped.is_set():
                tries += 1
                try:
                    reply = self._phone.post(envelope)
                except requests.RequestException as error:
                    self.refused.append(type(error).__name__)
                else:
                    if reply.status_code == 201:
                        self.receipts.append(reply.json()["seq"])
                        self.at_once += tries == 1
                        break
                    if reply.status_code == HTTPStatus.ACCEPTED:
                        kept = True
                    else:
                        self.refused.append(str(reply.status_code))
                self._stopped.wait(0.2)
            self.kept += kept
            self.slowest_s = max(self.slowest_s, time.monotonic() - begun_s)
            self._stopped.wait(0.05)
