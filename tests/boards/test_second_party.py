"""A dispatch system of the client that was written from the reference alone, at the real pages."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, TypeVar

import pytest

from egide.common.clock import SystemClock
from tests.boards.test_cad import move
from tests.boards.test_cad_answers import line_of
from tests.boards.test_examples_of_dispatch import House, house
from tests.second_party import client
from tests.second_party.client import Unbelievable
from tests.support.pages import MONS, near
from tests.support.telling import close

pytestmark = pytest.mark.usefixtures("with_files")

__all__ = ["house"]


T = TypeVar("T")


def at_the_pages(house: House, call: Callable[[], T]) -> T:
    """What a call gives while the pages answer."""
    found: list[T] = []
    calling = threading.Thread(target=lambda: found.append(call()))
    calling.start()
    house.serve_until(lambda: not calling.is_alive())
    return found[0]


def answer(house: House, now_s: int, **said: str) -> int:
    return client.answered(house.url, "ccic", house.secret_file.read_text("ascii").strip(), now_s, **said)


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
    alarm_there = message["alarm"]
    for said in ({"type": "alarm.shown"}, {"type": "alarm.answered", "by": "Op. 22"}):
        assert at_the_pages(house, lambda said=said: answer(house, now_s, alarm=alarm_there, **said)) == 204  # type: ignore[misc]
    assert "answered by a person there" in line_of(pages, alarm) and "Op. 22" in line_of(pages, alarm)
    under_way = {"type": "unit.under_way", "unit": "M 12", "alarm": alarm_there}
    assert at_the_pages(house, lambda: answer(house, now_s, **under_way)) == 204
    assert "M 12" in line_of(pages, alarm)


def test_it_is_told_where_the_alarm_moves_and_that_it_is_over(house: House) -> None:
    pages, secret = house.pages, house.secret_file.read_text("ascii").strip()
    heard: list[dict[str, Any]] = []

    class Called(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): one for name, one in self.headers.items()}
            heard.append(client.taken(secret, headers, body, int(headers["webhook-timestamp"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test tells what went wrong."""

    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    with HTTPServer(("127.0.0.1", 0), Called) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        told = house.know(url=f"http://127.0.0.1:{server.server_port}/")
        told.turn()
        pages.clock.advance_s(5)
        move(pages, alarm, north_m=300)
        told.turn(after_s=1)
        close(pages, alarm)
        told.turn(after_s=1)
        server.shutdown()
        serving.join()
    assert [one["type"] for one in heard] == ["alarm.raised", "alarm.moved", "alarm.closed"]
    assert len({one["alarm"] for one in heard}) == 1 and len({one["id"] for one in heard}) == 3
    raised, moved, closed = (one["circle"] for one in heard)
    assert moved["lat"] > raised["lat"] and moved["taken_at"] > raised["taken_at"] and closed is None


def test_one_that_nobody_can_call_fetches_what_is_due_and_says_what_it_took(house: House) -> None:
    pages = house.pages
    secret = house.secret_file.read_text("ascii").strip()
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told, now_s = house.know(kind="feed"), SystemClock().now_us() // 1_000_000

    def take() -> list[str]:
        """The types of what was due, each taken as it comes."""
        found = at_the_pages(house, lambda: client.fetched(house.url, "ccic", secret, now_s))
        for one in found:
            taken = {"type": "message.taken", "alarm": one["alarm"], "message": one["id"]}
            assert at_the_pages(house, lambda taken=taken: answer(house, now_s, **taken)) == 204  # type: ignore[misc]
        told.turn(after_s=1)
        return [one["type"] for one in found]

    assert take() == ["alarm.raised"]
    move(pages, alarm, north_m=300)
    assert take() == ["alarm.moved"]
    close(pages, alarm)
    assert take() == ["alarm.closed"] and take() == []
    assert told.noted(alarm) == [("raised", "", 1), ("closed", "", 1)]
