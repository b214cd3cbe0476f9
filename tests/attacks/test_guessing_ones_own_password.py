"""Somebody at a desk that was left open guesses the password of its account, to change it or to open files."""

from django.http import HttpResponse
from django.test import Client

from egide.access.signing_in.sessions import IDLE_S
from tests.support.pages import PASSWORD, Pages

NEW = "eleven green boats"
ALLOWED = 5


def change(client: Client, old: str) -> HttpResponse:
    form = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    reply: HttpResponse = client.post("/account/password", form)
    return reply


def test_who_guesses_keeps_nobody_else_from_changing_theirs(pages: Pages) -> None:
    guesser, other = pages.client(pages.user("op-1")), pages.client(pages.user("op-2"))
    for _ in range(ALLOWED + 1):
        change(guesser, "wrong")
    assert change(other, PASSWORD)["Location"] == "/account"


def test_the_page_that_asks_again_ends_guessing_as_well(pages: Pages) -> None:
    client = pages.client(pages.user("x", role="magistrate", office="mons"))
    client.get("/start")
    pages.clock.advance_s(IDLE_S)
    for _ in range(ALLOWED):
        client.post("/again", {"password": "wrong"})
    assert client.post("/again", {"password": PASSWORD}).status_code == 429
    assert client.get("/start").status_code == 302
