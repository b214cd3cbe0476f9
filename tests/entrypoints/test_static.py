"""Styles and scripts come compressed, and under a name with their version browsers keep them."""

import gzip
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from egide.entrypoints.serving.static import Named, StaticFiles, version
from tests.support.pages import migrated, pages

__all__ = ["migrated", "pages"]

STYLE = "egide/egide.css"
FONT = "vendor/font/atkinson-hyperlegible-latin-400-normal.woff2"


def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("elsewhere", status=404)


def get(address: str, **headers: str) -> HttpResponse:
    asked: Callable[[HttpRequest], HttpResponse] = StaticFiles(nothing)
    return asked(RequestFactory().get(address, headers=headers))


def content(response: HttpResponse) -> bytes:
    return response.getvalue()


def test_text_is_compressed_for_whoever_takes_it_and_the_same_without() -> None:
    plain, packed = get(f"/static/{STYLE}"), get(f"/static/{STYLE}", **{"Accept-Encoding": "br, gzip"})
    whole = content(plain)
    assert gzip.decompress(content(packed)) == whole and len(content(packed)) < len(whole) / 2
    assert packed["Content-Encoding"] == "gzip" and int(packed["Content-Length"]) == len(content(packed))
    assert "Content-Encoding" not in plain
    assert all("Accept-Encoding" in reply["Vary"] for reply in (plain, packed))
    assert plain["Content-Type"] == packed["Content-Type"] and "text/css" in packed["Content-Type"]


def test_what_is_compressed_already_is_sent_as_it_is() -> None:
    # Its package brings it compressed too.
    script = get("/static/vendor/htmx/htmx.min.js", **{"Accept-Encoding": "gzip"})
    assert script["Content-Encoding"] == "gzip" and b"htmx" in gzip.decompress(content(script))
    font = get(f"/static/{FONT}", **{"Accept-Encoding": "gzip"})
    assert font.status_code == 200 and "Content-Encoding" not in font
    assert content(font)


def test_a_file_is_kept_under_its_version_alone() -> None:
    address = Named().url(STYLE)
    assert address == f"{settings.STATIC_URL}{version()}/{STYLE}"
    assert "immutable" in get(address)["Cache-Control"]
    # An old page that asks after a change: a script comes, and is not kept as if it were the old one.
    for old in (f"/static/{'0' * 16}/{STYLE}", f"/static/{STYLE}"):
        reply = get(old)
        assert reply.status_code == 200 and "immutable" not in reply["Cache-Control"]


def test_what_is_not_there_is_not_there_under_any_version() -> None:
    for address in (
        Named().url("egide/none.css"),
        "/static/egide/none.css",
        f"/static/{version()}",
        "/team/",
    ):
        assert get(address).status_code == 404


def test_only_whole_answers_are_compressed() -> None:
    part = get(f"/static/{STYLE}", **{"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert part.status_code == 206 and len(content(part)) == 10
    known = get(f"/static/{STYLE}")["ETag"]
    unchanged = get(f"/static/{STYLE}", **{"Accept-Encoding": "gzip", "If-None-Match": known})
    assert unchanged.status_code == 304 and content(unchanged) == b""
