"""Sign-in, ticket, headers, languages, errors: as a browser meets them."""

import re
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.conf import settings
from django.test import Client

from egide.access.models import User
from egide.common import ticket
from egide.common.clock import SystemClock
from egide.common.files import secret_file
from egide.demo.accounts import create_demo_users
from tests.support.clear_text import find_clear_text
from tests.support.pages import MONS, PASSWORD, Pages

FAILURES_ALLOWED, FAILURE_WINDOW_S = 5, 300
DESK_ADDRESSES = ("/desk/", "/desk/board", "/desk/zones.json?at=50.4,3.9", "/desk/alarms/{alarm}")


def ticket_of(client: Client) -> str:
    """The live ticket that this browser holds, sealed."""
    return str(client.cookies[settings.EGIDE.cookie(ticket.COOKIE)].value)


def sign_in(pages: Pages, name: str, password: str):  # type: ignore[no-untyped-def]
    return pages.client().post("/sign-in", {"name": name, "password": password})


def test_signing_in_leads_to_the_desk_and_gives_a_ticket_for_the_own_centre(demo_pages: Pages) -> None:
    demo_pages.user("op-1")
    client = demo_pages.client()
    reply = client.post("/sign-in", {"name": "op-1", "password": PASSWORD}, follow=True)
    assert reply.redirect_chain[-1][0] == "/desk/"
    key = secret_file(demo_pages.config.data_dir / "live.key", 32)
    scope = ticket.check(
        ticket_of(client),
        key,
        demo_pages.clock.now_us() // 1_000_000,
    )
    assert (scope.user, scope.centres, scope.zones, scope.supervisor) == ("op-1", ("HAI",), (), False)


def test_a_door_of_the_demo_opens_in_the_demo_alone(pages: Pages, demo_pages: Pages) -> None:
    door = create_demo_users()[0].door
    assert demo_pages.client().get(door, follow=True).redirect_chain[-1][0] == "/desk/"
    assert demo_pages.client().get(door[:-1]).status_code == 404
    settings.EGIDE = replace(settings.EGIDE, demo=False)
    assert pages.client().get(door).status_code == 404


def test_the_ticket_ends_after_five_minutes_and_is_renewed_only_with_a_session(pages: Pages) -> None:
    client = pages.client(pages.user())
    assert client.post("/live-ticket").status_code == 204
    key = secret_file(pages.config.data_dir / "live.key", 32)
    with pytest.raises(ticket.TicketError, match="out of date"):
        ticket.check(
            ticket_of(client),
            key,
            pages.clock.now_us() // 1_000_000 + 301,
        )
    assert pages.client().post("/live-ticket").status_code == 401


def test_nothing_tells_a_wrong_name_from_a_wrong_password(pages: Pages) -> None:
    pages.user("op-1")
    known, unknown = sign_in(pages, "op-1", "wrong"), sign_in(pages, "nobody", "wrong")
    assert known.status_code == unknown.status_code == 422
    hide = re.compile(r'value="(op-1|nobody|[A-Za-z0-9]{64})"')
    assert hide.sub("", known.content.decode()) == hide.sub("", unknown.content.decode())


def test_guessing_is_slowed_down_even_when_the_next_guess_is_right(
    demo_pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_pages.user("op-1")
    for _ in range(FAILURES_ALLOWED):
        sign_in(demo_pages, "op-1", "wrong")
    assert sign_in(demo_pages, "op-1", PASSWORD).status_code == 422
    later_s = SystemClock().now_us() / 1e6 + FAILURE_WINDOW_S
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: later_s, monotonic=time.monotonic))
    assert sign_in(demo_pages, "op-1", PASSWORD).status_code == 302


def test_failures_against_one_name_do_not_keep_another_out(demo_pages: Pages) -> None:
    demo_pages.user("op-1")
    for _ in range(FAILURES_ALLOWED):
        sign_in(demo_pages, "op-2", "wrong")
    assert sign_in(demo_pages, "op-1", PASSWORD).status_code == 302


def test_sign_in_never_leads_away_from_this_site(demo_pages: Pages) -> None:
    demo_pages.user("op-1")
    form = {"name": "op-1", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert demo_pages.client().post("/sign-in", form)["Location"] == "/"


def test_signing_out_ends_the_session_and_the_ticket(pages: Pages) -> None:
    client = pages.client(pages.user())
    client.post("/live-ticket")
    reply = client.post("/sign-out")
    assert ticket_of(client) == ""
    assert reply["Clear-Site-Data"] == '"cache"'
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize("role", ["zone-officer", "administrator"])
def test_for_a_wrong_role_the_desk_does_not_exist(pages: Pages, role: str) -> None:
    client = pages.client(pages.user("other", role=role, zone="5324"))
    alarm = pages.alarm(pages.phone(MONS))
    missing = client.get("/no-such-page")
    for address in (*DESK_ADDRESSES, "/response/alarms/{alarm}/briefing"):
        reply = client.get(address.format(alarm=alarm))
        assert (reply.status_code, reply.content) == (404, missing.content), address
    for action in ("acknowledge", "note", "close", "shown"):
        assert client.post(f"/desk/alarms/{alarm}/{action}", {"text": "x"}).status_code == 404


def test_without_a_session_pages_lead_to_sign_in_and_fragments_say_401(pages: Pages) -> None:
    client = pages.client()
    assert client.get("/desk/")["Location"] == "/sign-in?next=/desk/"
    assert client.get("/desk/board", headers={"X-Egide-Fragment": "1"}).status_code == 401
    assert client.get("/desk/board", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize(
    ("role", "page"),
    [("operator", "/desk/"), ("supervisor", "/desk/"), ("administrator", "/start"), ("magistrate", "/start")],
)
def test_the_start_page_leads_to_the_page_of_the_role(pages: Pages, role: str, page: str) -> None:
    assert pages.client(pages.user("x", role=role, office="mons")).get("/")["Location"] == page


def test_every_answer_carries_the_strict_policy_and_no_page_runs_inline_script(pages: Pages) -> None:
    client = pages.client(pages.user())
    for address in ("/sign-in", "/desk/", "/account", "/no-such-page"):
        reply = client.get(address)
        policy = reply["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert reply["Cache-Control"] in (
            "no-store",
            "max-age=0, no-cache, no-store, must-revalidate, private",
        )
        page = reply.content.decode()
        scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page)
        assert not scripts and " style=" not in page and not re.search(r"\son[a-z]+=", page)


def test_the_policy_lets_the_page_listen_on_its_own_host_name(pages: Pages) -> None:
    settings.EGIDE = type(pages.config)(
        data_dir=pages.config.data_dir, live_url="http://localhost:8401", demo=True
    )
    reply = pages.client().get("/sign-in", headers={"host": "operator.localhost:8400"})
    assert "connect-src 'self' http://operator.localhost:8401;" in reply["Content-Security-Policy"]


def test_error_pages_repeat_nothing_of_the_request(pages: Pages) -> None:
    reply = pages.client().get("/no-such-page/Alix-Exemple?name=Alix")
    assert reply.status_code == 404
    assert b"Alix" not in reply.content


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Se connecter"), ("nl", "Aanmelden"), ("de", "Anmelden"), ("en", "Sign in")]
)
def test_the_sign_in_page_speaks_the_browsers_language(pages: Pages, language: str, word: str) -> None:
    page = pages.client(language=language).get("/sign-in").content.decode()
    assert f'<html lang="{language}">' in page and word in page


def test_a_chosen_language_stays(pages: Pages) -> None:
    client = pages.client(language="fr")
    client.post("/language", {"language": "nl", "next": "/sign-in"})
    assert "Aanmelden" in client.get("/sign-in").content.decode()


@pytest.mark.files("looks for them in the files")
def test_demo_accounts_have_passwords_of_their_own_that_are_stored_nowhere(pages: Pages) -> None:
    first, second = create_demo_users(), create_demo_users()
    passwords = {account.password for account in first + second}
    assert len(passwords) == len(first) + len(second)
    assert min(map(len, passwords)) >= 20
    # Their names are found there, in the database or in its log.
    assert find_clear_text(pages.config.data_dir, [], [first[0].name]) != []
    assert find_clear_text(pages.config.data_dir, [], passwords) == []
    assert User.objects.count() == len(second)


def test_healthz_answers_without_a_session(pages: Pages) -> None:
    assert pages.client().get("/healthz").content == b"ok\n"
