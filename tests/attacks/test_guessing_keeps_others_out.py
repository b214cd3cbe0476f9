"""Somebody who guesses passwords holds up nobody else whose browser or address is another (safety rule 42)."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from egide.access.signing_in import guessing
from egide.access.signing_in.guessing import FROM_ONE_ADDRESS, HELD_UP_S, STRANGERS_AT_ONCE, ProvingThreads
from tests.support.pages import PASSWORD, Pages

FIVE, SIXTY = 5, 60
THEIRS, HERS = "198.51.100.66", "198.51.100.7"


def sign_in(client: Client, name: str, password: str, address: str) -> HttpResponse:
    reply: HttpResponse = client.post("/sign-in", {"name": name, "password": password}, REMOTE_ADDR=address)
    return reply


def flood(pages: Pages, count: int, name: str = "") -> list[int]:
    """So many wrong passwords from one address; each for another name, where none is given."""
    client = pages.client()
    return [sign_in(client, name or f"n{number}", "wrong", THEIRS).status_code for number in range(count)]


@pytest.fixture
def demo_pages(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Where the second factor is waived: a right password is in. Nobody is held up beyond the limits themselves: that
    is by the real clock, and would last into the next test.
    """
    monkeypatch.setattr(guessing, "HELD_UP_S", 0.0)
    settings.EGIDE = replace(pages.config, demo=True)
    return pages


@pytest.fixture
def known(demo_pages: Pages) -> Client:
    """A browser in which op-1 signed in before, and out again."""
    demo_pages.user("op-1")
    client = demo_pages.client()
    assert sign_in(client, "op-1", PASSWORD, HERS).status_code == 302
    client.post("/sign-out")
    return client


def test_wrong_passwords_for_her_name_do_not_keep_her_out(demo_pages: Pages, known: Client) -> None:
    assert set(flood(demo_pages, FIVE + 1, "op-1")) == {422}
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, THEIRS).status_code == 422
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, HERS).status_code == 302, "from another address"
    assert sign_in(known, "op-1", PASSWORD, THEIRS).status_code == 302, "from her browser, wherever it is"


def test_many_counts_make_none_of_them_forgotten(demo_pages: Pages) -> None:
    demo_pages.user("op-1")
    flood(demo_pages, FIVE, "op-1")
    for number in range(400):
        cache.set(f"one-more-{number}", 1)
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, THEIRS).status_code == 422


def test_one_address_tries_sixty_names_and_no_more_while_a_known_browser_there_gets_in(
    demo_pages: Pages, known: Client
) -> None:
    told = flood(demo_pages, SIXTY + 5)
    assert (told[:SIXTY], told[SIXTY:]) == ([422] * SIXTY, [429] * 5)
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, THEIRS).status_code == 429
    assert sign_in(known, "op-1", PASSWORD, THEIRS).status_code == 302
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, HERS).status_code == 302


def test_a_forged_or_stolen_mark_of_a_browser_opens_no_endless_tries(
    demo_pages: Pages, known: Client
) -> None:
    name = settings.EGIDE.cookie(guessing.COOKIE)
    forger, thief = demo_pages.client(), demo_pages.client()
    forger.cookies[name] = known.cookies[name].value.replace(":", "x:", 1)
    thief.cookies[name] = known.cookies[name].value
    told = [sign_in(forger, f"n{number}", "wrong", THEIRS).status_code for number in range(SIXTY + 1)]
    assert told[-1] == 429
    told = [sign_in(thief, f"n{number}", "wrong", THEIRS).status_code for number in range(SIXTY)]
    assert told.count(422) == SIXTY / 2 and told[-1] == 429
    told = [sign_in(known, "op-2", "wrong", HERS).status_code for _ in range(FIVE)]
    assert sign_in(demo_pages.client(), "op-1", PASSWORD, HERS).status_code == 302


def test_the_mark_of_a_browser_names_nobody_and_no_script_reads_it(demo_pages: Pages, known: Client) -> None:
    mark = known.cookies[settings.EGIDE.cookie(guessing.COOKIE)]
    assert "op-1" not in mark.value
    assert (mark["httponly"], mark["samesite"], mark["max-age"]) == (True, "Strict", guessing.KNOWN_S)


def test_one_address_never_takes_all_places_and_strangers_never_that_of_a_known_browser() -> None:
    now_s = [0.0]
    threads = ProvingThreads(lambda: now_s[0])
    taken = [threads.take(THEIRS, is_known=False) for _ in range(10)]
    assert [bool(one) for one in taken] == [True] * FROM_ONE_ADDRESS + [False] * (10 - FROM_ONE_ADDRESS)
    others = [threads.take(f"203.0.113.{number}", is_known=False) for number in range(10)]
    assert sum(map(bool, others)) == STRANGERS_AT_ONCE - FROM_ONE_ADDRESS
    hers = threads.take(HERS, is_known=True)
    assert hers and threads.take(HERS, is_known=True) is None
    for leave in (*taken, *others, hers):
        if leave:
            leave()
    assert threads.take(THEIRS, is_known=False) and threads.take(HERS, is_known=True)
    threads.hold_up(THEIRS)
    assert threads.is_held_up(THEIRS) and not threads.is_held_up(HERS)
    now_s[0] = HELD_UP_S
    assert not threads.is_held_up(THEIRS)
