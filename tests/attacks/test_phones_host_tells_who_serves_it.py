"""Somebody looks up the address that her phone's history names, and whatever else that host might serve."""

import json
from dataclasses import replace
from typing import cast

import pytest
from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.test import Client

from tests.support.pages import Pages

NAME = "meteo.example"
HARMLESS = {
    "Content-Type",
    "Content-Length",
    "Content-Security-Policy",
    "Permissions-Policy",
    "Cache-Control",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Strict-Transport-Security",
}
NOTHING = [
    "/",
    "/sign-in",
    "/app",
    "/desk/",
    "/static/access/style.css",
    "/account/app/add",
    "/healthz",
    "/favicon.ico",
    "/app/x",
    "/app/../sign-in",
    "/app/sign/fr.webm",
]


@pytest.fixture(autouse=True)
def named(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EGIDE = replace(
        pages.config, phone_url=f"https://{NAME}/app/", web_origins=("https://office.example",)
    )
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", [NAME, "office.example"])


def look(path: str, host: str = NAME, method: str = "get") -> HttpResponse:
    reply: HttpResponse = getattr(Client(), method)(path, HTTP_HOST=host)
    return reply


@pytest.mark.parametrize("host", [f"{NAME}.", f"{NAME.upper()}:443", f"{NAME}.:443"])
def test_another_spelling_of_the_name_is_the_same_host(host: str) -> None:
    assert (look("/sign-in", host=host).status_code, look("/sign-in", host=host).content) == (404, b"")
    assert look("/app/", host=host).status_code == 200


@pytest.mark.parametrize("host", ["[", "[::1", "a b", ""])
def test_what_is_no_name_is_refused_like_any_other_host(host: str) -> None:
    assert look("/app/", host=host).status_code == 400


@pytest.mark.parametrize("path", NOTHING)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_every_address_but_the_apps_is_nothing_at_all(path: str, method: str) -> None:
    reply = look(path, method=method)
    assert (reply.status_code, reply.content, len(reply.cookies)) == (404, b"", 0)
    assert set(reply.headers) <= HARMLESS


def test_the_app_itself_comes_without_cookie_and_without_a_word_of_who_serves_it() -> None:
    reply = look("/app/", host=f"{NAME}:443")
    assert (reply.status_code, len(reply.cookies)) == (200, 0)
    assert set(reply.headers) <= HARMLESS
    told = (reply.content.decode() + str(dict(reply.headers))).lower()
    assert not [word for word in ("egide", "égide", "django", "police", "waitress", "csrf") if word in told]


def test_of_the_authoritys_folder_only_films_with_captions_are_told_and_only_films_are_given() -> None:
    assert json.loads(look("/app/sign/").content) == {"films": []}
    folder = settings.EGIDE.sign_dir
    folder.mkdir()
    for name in ("fr.webm", "fr.vtt", "nl.webm", "fr.exe", "xx.vtt", "notes.txt"):
        (folder / name).write_bytes(name.encode())
    assert json.loads(look("/app/sign/").content) == {"films": ["fr.webm"]}
    reply = cast(FileResponse, look("/app/sign/fr.vtt"))
    assert (reply["Content-Type"], reply.getvalue()) == ("text/vtt; charset=utf-8", b"fr.vtt")
    for name in ("..%2Fapp.db", "fr.exe", "xx.vtt", "notes.txt", "de.webm"):
        assert look(f"/app/sign/{name}").status_code == 404, name


def test_a_session_of_the_office_that_came_along_is_not_answered_by_name() -> None:
    """A cookie that is taken back names who set it."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    reply = client.get("/app/", HTTP_HOST=NAME)
    assert (reply.status_code, len(reply.cookies)) == (200, 0)


def test_the_office_keeps_its_pages_and_an_unknown_file_of_the_app_names_nothing_there_either() -> None:
    assert look("/sign-in", host="office.example").status_code == 200
    reply = look("/app/x", host="office.example")
    assert (reply.status_code, reply.content) == (404, b"")
