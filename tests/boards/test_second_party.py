"""A dispatch system of the client that was written from the reference alone, at the real pages."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.boards.test_cad_answers import line_of
from tests.boards.test_examples_of_dispatch import House, house
from tests.second_party import client
from tests.second_party.client import Unbelievable
from tests.support.pages import MONS, near

__all__ = ["house"]


def test_its_dispatch_system_is_told_and_says_that_a_person_has_it(house: House) -> None:
    secret = house.secret_file.read_text("ascii").strip()
    heard: list[tuple[dict[str, str], bytes]] = []

    class Called(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(({name.lower(): one for name, one in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test tells what went wrong."""

    pages = house.pages
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with HTTPServer(("127.0.0.1", 0), Called) as server:
        threading.Thread(target=server.handle_request).start()
        told = house.know(url=f"http://127.0.0.1:{server.server_port}/")
        told.turn()
    headers, body = heard[0]
    now_s = int(headers["webhook-timestamp"])
    message = client.taken(secret, headers, body, now_s)
    assert message["type"] == "alarm.raised" and told.noted(alarm) == [("raised", "", 1)]
    for wrong in ((body + b" ", now_s), (body, now_s + 301)):
        with pytest.raises(Unbelievable):
            client.taken(secret, headers, *wrong)
    for name, text in (("webhook-signature", "v1,é"), ("webhook-timestamp", "now")):
        with pytest.raises(Unbelievable):
            client.taken(secret, headers | {name: text}, body, now_s)
    statuses: list[int] = []
    answering = threading.Thread(
        target=lambda: statuses.append(
            client.answered(house.url, "ccic", secret, message["alarm"], "Op. 22", now_s)
        )
    )
    answering.start()
    house.serve_until(lambda: not answering.is_alive())
    assert statuses == [204]
    assert "answered by a person there" in line_of(pages, alarm) and "Op. 22" in line_of(pages, alarm)
