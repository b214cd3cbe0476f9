"""Somebody who talks HTTP to the running pages, without a browser: sends what no page of theirs would."""

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import requests

from egide.entrypoints.stack.installation import Stack
from tests.support.boards import Heard, token_in
from tests.support.browser import LANGUAGE_COOKIE, account
from tests.support.waiting import WITHIN_S, until

HOST = "127.0.0.1"
_FIELD = re.compile(r"^(\w+): (.*)$", re.MULTILINE)


class Caller:
    """One session with cookies of its own, in English; a stranger's until somebody enters or signs in."""

    def __init__(self, stack: Stack) -> None:
        self.name = ""
        self._stack = stack
        self._pages, self._live = (f"http://{HOST}:{stack.ports[part]}" for part in ("web", "live"))
        self.session = requests.Session()
        self.session.cookies.set(LANGUAGE_COOKIE, "en", domain=HOST)
        self._token = token_in(self.get("/sign-in").text)

    def enter(self, name: str) -> "Caller":
        """By the door that the demo prints, which costs no hash of a password."""
        reply = self.get(account(self._stack, name)["door"])
        return self._signed_in(name, reply)

    def sign_in(self, name: str) -> "Caller":
        """By the form. The first time the password is hashed anew, which ends sessions that began before."""
        reply = self.post("/sign-in", name=name, password=account(self._stack, name)["password"])
        return self._signed_in(name, reply)

    def _signed_in(self, name: str, reply: requests.Response) -> "Caller":
        assert reply.status_code == HTTPStatus.FOUND, (name, reply.status_code)
        self.name, self._token = name, self.get("/session").json()["token"]
        return self

    def is_signed_in(self) -> bool:
        """Whether the session lives."""
        return self.get("/session").status_code == HTTPStatus.OK

    def get(self, path: str) -> requests.Response:
        """What stands at this address; nothing is followed."""
        return self.session.get(self._pages + path, allow_redirects=False, timeout=WITHIN_S)

    def post(self, path: str, files: dict[str, Any] | None = None, **form: Any) -> requests.Response:
        """Send a form with the token of this session; nothing is followed."""
        data = {"csrfmiddlewaretoken": self._token, **form}
        return self.session.post(
            self._pages + path, data=data, files=files, allow_redirects=False, timeout=WITHIN_S
        )

    def look(self, path: str) -> str:
        """The words of a page that is there for this person."""
        reply = self.get(path)
        assert reply.status_code == HTTPStatus.OK, (self.name, path, reply.status_code)
        return words_of(reply)

    @contextmanager
    def listening(self) -> Iterator[Callable[[str], list[Heard]]]:
        """The live stream from now on: gives what was told until the first event of the stream that it is asked for."""
        until(self._is_let_in, f"{self.name} may listen")
        with self._stream as reply:
            # An event ends with an empty line (HTML living standard, section 9.2.6).
            events = reply.iter_lines(chunk_size=None, decode_unicode=True, delimiter="\n\n")

            def told_until(stream: str) -> list[Heard]:
                told = []
                for fields in (dict(_FIELD.findall(event)) for event in events):
                    # Pings and troubles have a name.
                    if "data" in fields and "event" not in fields:
                        told.append(Heard(*json.loads(fields["data"]), 0.0))
                        if told[-1].stream == stream:
                            return told
                raise AssertionError(f"{self.name}: the stream ended before {stream}: {told}")

            yield told_until

    def _is_let_in(self) -> bool:
        """Ask for the stream, and for a new ticket where the old one ended, as the script of the pages does."""
        self._stream = self.session.get(f"{self._live}/v1/live", stream=True, timeout=WITHIN_S)
        if self._stream.status_code == HTTPStatus.UNAUTHORIZED:
            self._stream.close()
            self.post("/live-ticket")
        return self._stream.status_code == HTTPStatus.OK


def words_of(reply: requests.Response) -> str:
    """A page as it is read: without its marks, on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", reply.text)))
