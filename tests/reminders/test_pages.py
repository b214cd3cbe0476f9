"""The page on which somebody says how they are reminded: for themselves alone, at an address that reads."""

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from egide.access.models import User
from egide.reminders.models import Reminding
from tests.support.pages import Pages, text_of
from tests.support.reminders import ADDRESS, DAY, Outside

SAID = {"address": ADDRESS, "list_hour": "7", "at_once": "yes", "quiet_from": "20", "quiet_until": "7"}


def keep(client: Client, **said: str) -> int:
    return client.post("/reminders/", SAID | said).status_code


def clerk(pages: Pages, name: str = "clerk") -> tuple[User, Client]:
    user = pages.user(name, role="clerk", office="mons", language="en")
    return user, pages.client(user)


def code_in(outside: Outside) -> str:
    found = re.search(r"\b\d{6}\b", outside.letters[-1].text)
    assert found
    return found[0]


def test_an_address_counts_once_the_code_that_came_there_is_typed(outside: Outside, pages: Pages) -> None:
    outside.at(DAY)
    _user, client = clerk(pages)
    assert keep(client) == 302
    outside.turn()
    outside.turn()
    assert [letter.to for letter in outside.letters] == [ADDRESS]
    assert re.fullmatch("[a-z0-9-]+", outside.letters[0].id), "part of a Message-ID"
    assert Reminding.objects.get().address == ""
    assert client.post("/reminders/code", {"code": code_in(outside)}).status_code == 302
    row = Reminding.objects.get()
    assert (row.address, row.pending, row.code) == (ADDRESS, "", "")
    assert (row.list_hour, row.at_once, row.quiet_from, row.quiet_until) == (7, True, 20, 7)
    assert "Reminders go to this address now." in text_of(client.get("/reminders/"))


def test_a_guess_is_refused_and_after_five_the_right_code_too(outside: Outside, pages: Pages) -> None:
    _user, client = clerk(pages)
    keep(client)
    outside.turn()
    right = code_in(outside)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    answers = [client.post("/reminders/code", {"code": wrong}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert "not the code" in text_of(answers[0])
    assert client.post("/reminders/code", {"code": right}).status_code == 422
    assert Reminding.objects.get().address == ""
    # A new code is a new beginning.
    keep(client)
    outside.turn()
    assert client.post("/reminders/code", {"code": code_in(outside)}).status_code == 302


def test_a_code_is_good_for_half_an_hour_and_none_is_good_where_none_was_sent(
    outside: Outside, pages: Pages
) -> None:
    user, client = clerk(pages)
    assert client.post("/reminders/code", {"code": ""}).status_code == 422
    keep(client)
    outside.turn()
    code = code_in(outside)
    pages.clock.advance_s(1801)
    assert pages.client(user).post("/reminders/code", {"code": code}).status_code == 422


def test_the_address_before_is_told(outside: Outside, pages: Pages) -> None:
    """Somebody at an unlocked screen cannot lead reminders elsewhere without its owner hearing of it."""
    user, client = clerk(pages)
    Reminding.objects.create(user=user, address="before@house.example")
    keep(client, address="")
    outside.turn()
    outside.turn()
    assert [letter.to for letter in outside.letters] == ["before@house.example"]
    assert "do not come here any more" in outside.letters[0].text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"address": "nobody"}, "no e-mail address"),
        ({"address": "a@b.example, c@d.example"}, "no e-mail address"),
        ({"address": "a@b.example\nBcc: c@d.example"}, "no e-mail address"),
        ({"address": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example"}, "no e-mail address"),
        ({"address": "é@b.example"}, "no e-mail address"),
        ({"list_hour": "3"}, "Choose an hour"),
        ({"list_hour": "noon"}, "Choose an hour"),
        ({"quiet_from": "24"}, "Choose an hour"),
        ({"quiet_until": ""}, "Choose an hour"),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_is_lost(
    outside: Outside, pages: Pages, said: dict[str, str], words: str
) -> None:
    user, client = clerk(pages)
    Reminding.objects.create(user=user, address=ADDRESS, list_hour=9)
    answer = client.post("/reminders/", SAID | said)
    assert answer.status_code == 422 and words in text_of(answer)
    row = Reminding.objects.get()
    assert (row.address, row.list_hour, row.pending) == (ADDRESS, 9, "")


def test_an_authority_may_take_its_own_domains_alone(outside: Outside, pages: Pages) -> None:
    settings.EGIDE = replace(settings.EGIDE, mail_domains=("police.example",))
    _user, client = clerk(pages)
    assert keep(client, address="me@private.example") == 422
    assert keep(client, address="me@Police.example") == 302


def test_each_sees_and_changes_their_own_alone(outside: Outside, pages: Pages) -> None:
    _one, first = clerk(pages)
    _other, second = clerk(pages, "other")
    _administrator = pages.client(pages.user("admin", role="administrator"))
    keep(first)
    for client in (second, _administrator):
        assert ADDRESS not in client.get("/reminders/").content.decode()
        assert client.post("/reminders/code", {"code": "000000"}).status_code == 422
    assert Reminding.objects.filter(pending=ADDRESS).count() == 1


def test_strangers_and_emergency_accounts_have_no_such_page(outside: Outside, pages: Pages) -> None:
    user, client = clerk(pages)
    User.objects.filter(id=user.id).update(is_emergency=True)
    for path in ("", "code", "wake", "wake/off"):
        assert client.post(f"/reminders/{path}", SAID).status_code == 404
        assert pages.client().post(f"/reminders/{path}", SAID).status_code in (302, 401)
    assert not Reminding.objects.exists()


def test_it_is_reached_from_what_waits_from_the_account_and_by_the_palette(
    outside: Outside, pages: Pages
) -> None:
    _user, client = clerk(pages)
    assert 'href="/reminders/"' in client.get("/start").content.decode()
    assert 'href="/reminders/"' in client.get("/account").content.decode()
    assert 'data-url="/reminders/"' in client.post("/palette", {"text": "reminded"}).content.decode()


def test_no_address_and_no_code_stand_in_the_database_in_clear(outside: Outside, pages: Pages) -> None:
    _user, client = clerk(pages)
    keep(client)
    code = Reminding.objects.get().code
    assert ADDRESS.encode() not in pages.stored() and code.encode() not in pages.stored()
