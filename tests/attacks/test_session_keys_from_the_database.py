"""Somebody reads `app.db`, or a copy of it, and tries what stands there as the cookie of a session."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session

from egide.access.signing_in.session_store import SessionStore
from tests.support.pages import Pages, browser


def test_a_session_that_ended_is_gone_and_a_made_up_key_begins_none(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    client.post("/sign-out")
    assert not Session.objects.exists()
    thief = browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = "chosen-by-somebody-else-entirely"
    thief.get("/sign-in")
    assert not Session.objects.exists()


def test_sessions_that_are_open_while_the_system_is_upgraded_go_on(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    # As it was written before: under the key itself.
    Session.objects.update(session_key=key)
    import_module("egide.access.migrations.0006_hashed_sessions").hash_keys(apps, None)
    assert client.get("/desk/").status_code == 200
    assert SessionStore(key).load()
    assert apps.get_model("sessions", "Session").objects.get().session_key != key
