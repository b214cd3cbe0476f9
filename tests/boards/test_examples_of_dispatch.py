"""contracts/examples/ work as they stand: a dispatch system in Python, JavaScript and curl that is called, fetches and
answers, and the desk says that a person there answered."""

import base64
import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from egide.connectors.dispatch.receivers import receivers_of
from tests.boards.test_cad_answers import line_of
from tests.support.dispatch_system import settings_file
from tests.support.other_programs import LANGUAGES, command, said
from tests.support.pages import MONS, Pages, near
from tests.support.telling import Told, close

pytestmark = pytest.mark.usefixtures("with_files")

WITHIN_S = 30


class Doors(BaseHTTPRequestHandler):
    """The pages, at a port, answered by the thread of the test."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {
            name: value for name, value in self.headers.items() if name.startswith(("webhook", "Webhook"))
        }
        kind = self.headers.get("Content-Type", "")
        answer = Client().generic(self.command, self.path, body, content_type=kind, headers=headers)
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """The test tells what went wrong."""


class House:
    """The pages with one dispatch system, `ccic`, whose program others wrote."""

    def __init__(
        self, pages: Pages, folder: Path, monkeypatch: pytest.MonkeyPatch, server: HTTPServer
    ) -> None:
        self.pages = pages
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        self._folder, self._monkeypatch = folder, monkeypatch
        self.secret_file = folder / "secret"
        text = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.secret_file.write_text(f"{text}\n", encoding="ascii")
        self.secret_file.chmod(0o640)

    def know(self, **how: str) -> Told:
        """The settings name it; returns the worker's code for it."""
        entry = {"name": "ccic", "secret_file": str(self.secret_file), "centres": ["HAI"], **how}
        config = replace(settings.EGIDE, dispatch_systems=str(settings_file(self._folder, (entry,))))
        self._monkeypatch.setattr(settings, "EGIDE", config)
        (receiver,) = receivers_of(config)
        return Told(self.pages, receiver)

    def serve_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self.server.handle_request()

    def run(self, program: str, *words: object) -> tuple[int, str]:
        """Run a program to its end, while the pages answer; its code, and what it printed."""
        with subprocess.Popen(
            command(program, *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            self.serve_until(lambda: running.poll() is not None)
            assert running.stdout is not None
            return int(running.wait(WITHIN_S)), running.stdout.read()


@pytest.fixture
def house(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with HTTPServer(("127.0.0.1", 0), Doors) as server:
        # Nobody may have called: then it is looked again whether anybody will.
        server.timeout = 0.05
        yield House(pages, tmp_path, monkeypatch, server)


@contextmanager
def listening(house: House, language: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The program that is called: its address, and what it says next."""
    words = command(f"dispatch{language}", "listen", 0, house.url, "ccic", house.secret_file)
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = running.stdout

        def heard() -> Any:
            return json.loads(lines.readline())

        try:
            yield f"http://127.0.0.1:{heard()['port']}/", heard
        finally:
            running.terminate()


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != ".sh"])
def test_a_system_of_others_is_called_and_answers(house: House, language: str) -> None:
    pages = house.pages
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with listening(house, language) as (url, heard):
        told = house.know(url=url)
        told.turn()
        raised = heard()
        assert (raised["type"], told.noted(alarm)) == ("alarm.raised", [("raised", "", 1)])
        house.serve_until(lambda: "shown there" in line_of(pages, alarm))
        assert heard() == {"answered": 204}
        answer = json.dumps({"type": "alarm.answered", "alarm": raised["alarm"], "by": "Op. 7"})
        code, printed = house.run(
            f"dispatch{language}", "answer", house.url, "ccic", house.secret_file, answer
        )
        assert (code, said(printed)) == (0, [{"answered": 204}])
        assert "answered by a person there" in line_of(pages, alarm)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != ".sh"])
def test_a_system_of_others_takes_nothing_that_is_not_signed_by_its_secret(
    house: House, language: str
) -> None:
    pages = house.pages
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with listening(house, language) as (url, _heard):
        other = house.secret_file.with_name("other")
        other.write_text("whsec_" + base64.b64encode(bytes(32)).decode(), encoding="ascii")
        other.chmod(0o640)
        told = house.know(url=url, secret_file=str(other))
        told.turn()
        assert told.noted(alarm) == [("raised", "refused-401", 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_system_of_others_fetches_and_takes(house: House, language: str) -> None:
    pages = house.pages
    told = house.know(kind="feed")
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    where = (house.url, "ccic", house.secret_file)
    code, printed = house.run(f"dispatch{language}", "fetch", *where)
    found = said(printed)
    assert code == 0, printed
    if language == ".sh":
        (raised,) = found[0]["messages"]
        taken = {"type": "message.taken", "alarm": raised["alarm"], "message": raised["id"]}
        assert house.run("dispatch.sh", "answer", *where, json.dumps(taken)) == (0, "204\n")
    else:
        raised, taken = found
        assert taken == {"taken": 204}
    assert raised["type"] == "alarm.raised" and told.noted(alarm) == [("raised", "", 1)]
    nobody = house.run(f"dispatch{language}", "fetch", house.url, "nobody", house.secret_file)
    assert nobody[0] != 0 and "401" in nobody[1]


def test_a_reader_in_curl_writes_down_what_is_due_and_takes_it(house: House, tmp_path: Path) -> None:
    pages = house.pages
    told = house.know(kind="feed")
    first, second = (pages.alarm(pages.phone(MONS), near(pages.files[MONS])) for _ in range(2))
    folder = tmp_path / "read"
    folder.mkdir()
    where = ("read", house.url, "ccic", house.secret_file, folder)
    # The second alarm's position comes each time, and is the same: what is known is not written down anew.
    for taken, kept in ((2, 2), (2, 4), (1, 4)):
        assert house.run("dispatch.sh", *where) == (0, "204\n" * taken)
        assert len([path for path in folder.iterdir() if path.name != "ids"]) == kept
        if taken == kept:
            close(pages, first)
    assert told.noted(first) == [("raised", "", 1), ("closed", "", 1)]
    assert told.noted(second) == [("raised", "", 1)]
