"""The administrators' page of dispatch systems: how each goes and what it may know, and nothing of an alarm."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.boards.test_cad_answers import answers
from tests.boards.test_cad_feed import fetch
from tests.support.dispatch_system import DispatchSystem, settings_file
from tests.support.pages import MONS, Pages, near, text_of


@pytest.fixture
def administrator(pages: Pages) -> Client:
    return pages.client(pages.user("admin-1", role="administrator", centre=""))


def listed(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, dispatch_systems=str(path)))


def words_of(client: Client) -> str:
    return " ".join(text_of(client.get("/systems/")).split())


def test_it_shows_each_without_its_secret_and_how_it_goes(
    pages: Pages,
    administrator: Client,
    system: DispatchSystem,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "No dispatch system is told of alarms" in words_of(administrator)
    listed(monkeypatch, system.settings(tmp_path, fields=["id", "circle"]))
    page = words_of(administrator)
    assert "is called at 127.0.0.1" in page and "where the phone is" in page and "weapon" not in page
    assert "none yet" in page and "nothing yet" in page
    assert system.secret_file.read_text(encoding="ascii") not in page and system.url not in page
    administrator.post("/systems/ccic/test")
    page = words_of(administrator)
    assert system.taken("test") and "Last try by hand a machine there took it" in page
    assert "Last message to it none yet" in page, "a test is no message of an alarm"
    system.behave(status=503)
    page = " ".join(text_of(administrator.post("/systems/ccic/test", follow=True)).split())
    assert "did not take the test: refused-503" in page and "Last try by hand not taken (refused-503)" in page


def test_of_one_that_fetches_it_says_when_it_did_and_a_test_waits_there(
    pages: Pages,
    administrator: Client,
    system: DispatchSystem,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = {key: value for key, value in system.entry().items() if key != "url"} | {"kind": "feed"}
    listed(monkeypatch, settings_file(tmp_path, (entry,)))
    assert "fetches by itself" in words_of(administrator)
    administrator.post("/systems/ccic/test")
    (message,) = fetch(pages, system)
    assert message["test"] and "fetched what is due" in words_of(administrator)
    said = {"type": "message.taken", "alarm": message["alarm"], "message": message["id"]}
    assert answers(pages, system, said) == 204
    page = words_of(administrator)
    assert "took a message" in page and "a machine there took it" in page


def test_a_fault_in_the_file_is_named_and_nothing_is_tried(
    administrator: Client, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, system.settings(tmp_path, centres=[]))
    assert "centres is empty" in words_of(administrator)
    assert administrator.post("/systems/ccic/test").status_code == 404
    assert system.came == []


def test_an_alarm_is_not_on_it_and_nobody_else_sees_it(
    pages: Pages,
    administrator: Client,
    system: DispatchSystem,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed(monkeypatch, system.settings(tmp_path))
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    assert alarm not in words_of(administrator)
    operator = pages.client(pages.user())
    assert operator.get("/systems/").status_code in (403, 404)
    assert operator.post("/systems/ccic/test").status_code in (403, 404)
    assert administrator.post("/systems/nobody/test").status_code == 404
    assert pages.client().get("/systems/").status_code == 302
    assert system.came == []
