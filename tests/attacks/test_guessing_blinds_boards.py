"""People who guess passwords fill neither the threads that boards need nor the processor (safety rule 42)."""

import http.client
import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from egide.access.pages.middleware import REFUSED_AFTER_S, ProvingAtOnce
from egide.access.signing_in import guessing, hashing
from egide.access.signing_in.guessing import KNOWN_AT_ONCE, STRANGERS_AT_ONCE
from egide.entrypoints.processes.web import STRANGERS, THREADS
from egide.entrypoints.serving.pages import _Dispatcher
from egide.entrypoints.stack.children import Child, open_listener
from egide.entrypoints.stack.migrated import copy_migrated
from tests.support.attacks import Guesser
from tests.support.pages import Pages
from tests.support.waiting import WITHIN_S

GUESSERS, GUESSES, LOOKS = 24, 3, 60


class Held:
    """A page that answers when it is told to; before, it lets in so many and fails for the next."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.entered = threading.Semaphore(0)
        self._numbers = itertools.count()

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        assert next(self._numbers) < STRANGERS_AT_ONCE or self.let_go.is_set(), "one too many"
        self.entered.release()
        self.let_go.wait()
        return HttpResponse("proven")


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/code", "/again", "/invitation/x", "/account/password"]
)
def test_a_newcomer_is_told_at_once_that_all_places_are_taken_and_boards_pass(
    pages: Pages, path: str
) -> None:
    held = Held()
    door = ProvingAtOnce(held)
    ask = RequestFactory()
    with ThreadPoolExecutor(STRANGERS_AT_ONCE) as guessers:
        inside = [
            guessers.submit(door, ask.post(path, REMOTE_ADDR=f"198.51.100.{number}"))
            for number in range(STRANGERS_AT_ONCE)
        ]
        for _ in inside:
            held.entered.acquire()
        began_s = time.monotonic()
        try:
            refused = door(ask.post(path, headers={"accept-language": "fr"}))
        finally:
            held.let_go.set()
        assert (refused.status_code, refused["Retry-After"]) == (503, "1")
        assert time.monotonic() - began_s >= REFUSED_AFTER_S, "whoever asks again and again waits"
        assert [one.result().status_code for one in inside] == [200] * STRANGERS_AT_ONCE
    assert door(ask.post(path)).status_code == 200, "the places are free again"
    assert STRANGERS_AT_ONCE + KNOWN_AT_ONCE <= THREADS / 2


def test_a_page_that_proves_nothing_takes_no_place(pages: Pages) -> None:
    held = Held()
    held.let_go.set()
    door = ProvingAtOnce(held)
    ask = RequestFactory()
    while door._threads.take(guessing.address_of(ask.get("/")), is_known=False):
        pass
    for request in (
        ask.get("/sign-in"),
        ask.post("/desk/here"),
        ask.post("/accounts/x/posts"),
        ask.get("/zone/"),
    ):
        assert door(request).status_code == 200
    assert door(ask.post("/sign-in")).status_code == 503


def test_an_address_beyond_its_limit_does_not_reach_the_page_again_at_once(pages: Pages) -> None:
    reached: list[HttpRequest] = []

    def page(request: HttpRequest) -> HttpResponse:
        reached.append(request)
        return HttpResponse(status=429)

    door = ProvingAtOnce(page)
    ask = RequestFactory()
    assert [door(ask.post("/sign-in")).status_code for _ in range(3)] == [429] * 3
    assert len(reached) == 1


def test_one_password_is_hashed_at_a_time_in_a_thread_that_gives_way() -> None:
    hasher = hashing.ScryptApart()
    with ThreadPoolExecutor(4) as many:
        hashes = list(many.map(lambda number: hasher.encode(f"word {number}", "salt", n=2), range(8)))
    assert (
        len(set(hashes)) == 8
        and hasher.verify("word 3", hashes[3])
        and not hasher.verify("word 4", hashes[3])
    )
    assert len(hashing._hashing._threads) == 1
    [thread] = hashing._hashing._threads
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, thread.native_id or 0) == min(own + 10, 19)


def test_what_django_hashed_before_still_opens() -> None:
    known = ScryptPasswordHasher().encode("eleven green boats", "salt", n=2)
    assert hashing.ScryptApart().verify("eleven green boats", known)
    assert not hashing.ScryptApart().verify("eleven green boots", known)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[int]:
    """The port of a real process of the pages."""
    listener = open_listener()
    copy_migrated(tmp_path / "app.db")
    environment = {"EGIDE_DATA": str(tmp_path), "EGIDE_DEMO": "0"}
    environment["EGIDE_WEB_ORIGINS"] = f"http://localhost:{listener.getsockname()[1]}"
    web = Child("egide.entrypoints.web", [], environment, listener)
    web.ready()
    yield listener.getsockname()[1]
    web.stop()


def test_while_many_guess_every_page_is_answered(address: int) -> None:
    def guess(number: int) -> list[int]:
        guesser, found = Guesser(http.client.HTTPConnection("localhost", address), number), []
        for _ in range(GUESSES):
            guesser.ask()
            found.append(guesser.answer())
        return found

    def look(_number: int) -> int:
        connection = http.client.HTTPConnection("localhost", address)
        connection.request("GET", "/healthz")
        return connection.getresponse().status

    with ThreadPoolExecutor(GUESSERS + 2) as people:
        guessing = [people.submit(guess, number) for number in range(GUESSERS)]
        seen = list(people.map(look, range(LOOKS)))
    told = Counter(status for one in guessing for status in one.result())
    assert seen == [200] * LOOKS
    assert set(told) == {422, 503} and told[503] > told[422], told


class Asked:
    """A request that is served until it is let go; `comes_first` when its sender is known."""

    def __init__(self, *, comes_first: bool) -> None:
        self.comes_first = comes_first
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def service(self) -> None:
        self.entered.set()
        self.let_go.wait()

    def cancel(self) -> None:
        """Never: all are served."""


def test_whatever_strangers_ask_for_takes_half_of_the_threads_and_waits_behind_who_is_known() -> None:
    dispatcher = _Dispatcher(THREADS, STRANGERS)
    strangers = [Asked(comes_first=False) for _ in range(3 * THREADS)]
    for one in strangers:
        dispatcher.add_task(one)
    for one in strangers[:STRANGERS]:
        assert one.entered.wait(WITHIN_S)
    boards = [Asked(comes_first=True) for _ in range(THREADS - STRANGERS)]
    for board in boards:
        dispatcher.add_task(board)
    assert all(board.entered.wait(WITHIN_S) for board in boards)
    assert not any(one.entered.is_set() for one in strangers[STRANGERS:])
    for one in (*boards, *strangers):
        one.let_go.set()
    assert all(one.entered.wait(WITHIN_S) for one in strangers)
    dispatcher.shutdown()
    assert 2 * STRANGERS <= THREADS


def test_a_browser_that_somebody_signed_in_from_is_no_stranger_and_a_forged_one_is(pages: Pages) -> None:
    request = RequestFactory().get("/")
    name, mark = settings.EGIDE.cookie(guessing.COOKIE), guessing.mark_of_browser(request)
    assert guessing.is_known(f"a=b; {name}={mark}; c=d")
    for cookies in ("", f"{name}=", f"{name}={mark}x", f"{name}x={mark}", f"other={mark}"):
        assert not guessing.is_known(cookies)
