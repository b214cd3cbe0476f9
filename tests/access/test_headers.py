"""What every answer tells a browser beside its content."""

from dataclasses import replace

import pytest
from django.conf import settings

from tests.support.pages import Pages

ADDRESSES = ("/sign-in", "/healthz", "/no-such-page", "/static/egide/office.css")


def test_outside_the_demo_browsers_keep_to_tls_for_a_year(pages: Pages) -> None:
    client = pages.client()
    for address in ADDRESSES:
        assert client.get(address)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    settings.EGIDE = replace(pages.config, demo=True)
    assert "Strict-Transport-Security" not in client.get("/sign-in")


def test_every_answer_says_that_its_type_is_meant(pages: Pages) -> None:
    for address in ADDRESSES:
        assert pages.client().get(address)["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", ["/static/", "/static/egide/", "/static/egide", "/static/../"])
def test_no_directory_is_listed_and_trace_is_refused(pages: Pages, address: str) -> None:
    reply = pages.client().get(address)
    assert reply.status_code == 404 and b"office.css" not in b"".join(reply)
    trace = pages.client().generic("TRACE", "/sign-in", headers={"X-Secret": "kept-to-itself"})
    assert trace.status_code == 405 and b"kept-to-itself" not in trace.content
