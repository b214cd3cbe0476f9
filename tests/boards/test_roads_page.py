"""The administrators' page of all roads outside: which are set up, what each may carry, a try, nothing to change."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from egide.common.clock import SetClock, SystemClock
from egide.connectors.looking import went
from egide.entrypoints.cli.installing.went import sentence_of
from egide.journal.now.outcomes import LISTENING, Outcomes
from egide.journal.now.signs import ChainTrouble, Signs
from tests.boards.test_cad_page import words_of
from tests.support.commands import run
from tests.support.pages import Pages, text_of

SECRET = "fleet-a " + "s" * 40 + "\n"


@pytest.fixture
def administrator(pages: Pages) -> Client:
    return pages.client(pages.user("admin-1", role="administrator", centre=""))


@pytest.fixture
def on_call() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where the second road calls, and what it said there."""
    said: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/call", said
        server.shutdown()
        serving.join()


def set_up(monkeypatch: pytest.MonkeyPatch, **given: object) -> None:
    monkeypatch.setattr(settings, "EGIDE", replace(settings.EGIDE, **given))


def test_each_road_says_what_it_may_carry_since_when_and_how_it_goes_without_its_secret(
    administrator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "None is set up." in words_of(administrator)
    services = tmp_path / "services"
    services.write_text(SECRET, encoding="ascii")
    services.chmod(0o600)
    os.utime(services, (1_780_000_000, 1_780_000_000))
    set_up(
        monkeypatch,
        tracker_services=str(services),
        mqtt_broker="mqtts://broker.example",
        traces_url="http://127.0.0.1:1/key-in-the-path",
        alert_url="ftp://wrong.example",
    )
    signs = Signs(settings.EGIDE, SystemClock())
    signs.beat("mqtt")
    signs.do_keep([ChainTrouble("mqtt", "unanswered", SystemClock().now_us())], [])
    page = words_of(administrator)
    assert "that a tracker’s alarm was pressed" in page and "EGIDE_TRACKER_SERVICES" in page
    assert "28 May 2026" in page
    assert "Last sign of life" in page and "mqtt (unanswered)" in page
    assert "Last frame of a button nothing yet" in page
    assert "EGIDE_ALERT_URL is" in page
    assert "Not set up here" in page and "Web Push" in page.partition("Not set up here")[2]
    for hidden in ("s" * 40, "key-in-the-path", "broker.example"):
        assert hidden not in page


def test_each_road_says_how_it_went_last_and_when_it_last_worked(
    administrator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(
        settings.EGIDE, data_dir=tmp_path, traces_url="http://127.0.0.1:1/", mqtt_broker="mqtts://b"
    )
    monkeypatch.setattr(settings, "EGIDE", config)
    clock = SetClock(1_780_000_000_000_000)
    came = Outcomes(Signs(config, clock), clock)
    came.worked("traces", "out")
    came.worked("mqtt", "broker", LISTENING)
    clock.advance_s(86_400)
    came.failed("traces", "out", "refused-503")
    came.do_keep()
    page = words_of(administrator)
    assert "Its broker connected · " in page and "Last frame of a button nothing yet" in page
    assert "Last trace it did not work (refused-503) · " in page
    worked = page.partition("it last worked ")[2]
    assert worked.startswith("28 May 2026")
    (traces,) = (
        one["last"]["out"]
        for one in json.loads(run(config, "connectors", "list", "--json").stdout)["connectors"]
        if one["name"] == "traces"
    )
    assert traces == {
        "at_us": 1_780_086_400_000_000,
        "word": "refused-503",
        "worked_us": 1_780_000_000_000_000,
        "is_well": False,
    }


@pytest.mark.parametrize(
    ("language", "failed", "none"),
    [
        (
            "fr",
            "Dernière trace\u202f: cela n’a pas fonctionné (refused-503), 2026-05-29 20:26:40+00:00\u202f; cela a"
            " fonctionné pour la dernière fois 2026-05-28 20:26:40+00:00",
            "rien encore",
        ),
        ("nl", "dat werkte niet (refused-503)", "nog niets"),
        ("de", "das ging nicht (refused-503)", "noch nichts"),
        ("en", "Last trace: it did not work (refused-503), 2026-05-29 20:26:40+00:00", "nothing yet"),
    ],
)
def test_commands_say_the_same_in_four_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, failed: str, none: str
) -> None:
    monkeypatch.setenv("EGIDE_LANG", language)
    config = replace(
        settings.EGIDE, data_dir=tmp_path, traces_url="http://127.0.0.1:1/", mqtt_broker="mqtts://b"
    )
    clock = SetClock(1_780_000_000_000_000)
    came = Outcomes(Signs(config, clock), clock)
    came.worked("traces", "out")
    clock.advance_s(86_400)
    came.failed("traces", "out", "refused-503")
    came.do_keep()
    lines = [f"{one.road}: {sentence_of(one)}" for one in went(config, Signs(config, clock))]
    (trace,) = (line for line in lines if "refused-503" in line)
    assert trace.startswith("traces: ") and failed in trace
    assert sum(none in line for line in lines) == len(lines) - 1 == 3, lines


def test_a_try_that_nobody_answers_is_said_and_stays_on_the_page(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, traces_url="http://127.0.0.1:1/key-in-the-path")
    page = " ".join(text_of(administrator.post("/systems/roads/traces/test", follow=True)).split())
    assert "did not take the test: unreachable." in page and "it did not answer" in page
    assert "key-in-the-path" not in page and "127.0.0.1" not in page


def test_of_two_second_roads_that_fail_each_is_said_in_words_of_no_language(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://127.0.0.1:1/key-in-the-path"
    set_up(
        monkeypatch, alert_url=url, alert_smtp="smtp://127.0.0.1:1", alert_from="a@b.be", alert_to=("c@d.be",)
    )
    administrator.cookies["egide_language"] = "de"
    page = " ".join(text_of(administrator.post("/systems/roads/alert/test", follow=True)).split())
    assert "e-mail: unreachable; HTTP: unreachable." in page
    assert "127.0.0.1" not in page and "key-in-the-path" not in page


def test_the_second_road_sends_a_test_that_says_so_after_a_question(
    administrator: Client, on_call: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, came = on_call
    set_up(monkeypatch, alert_url=url)
    page = words_of(administrator)
    assert "The test reaches the people on call" in page and "Yes, send the test" in page
    page = " ".join(text_of(administrator.post("/systems/roads/alert/test", follow=True)).split())
    (said,) = came
    assert said["subject"] == "Egide: a test" and said["id"].startswith("test-")
    assert "it answered" in page


def test_nothing_is_tried_that_is_not_set_up_wrong_or_unknown_and_nobody_else_may(
    pages: Pages,
    administrator: Client,
    on_call: tuple[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, came = on_call
    for name in ("alert", "trackers", "nobody"):
        assert administrator.post(f"/systems/roads/{name}/test").status_code == 404
    set_up(monkeypatch, alert_url=url, alert_sms=("none",))
    assert administrator.post("/systems/roads/alert/test").status_code == 404
    set_up(monkeypatch, alert_url=url, alert_sms=())
    for other in (pages.client(pages.user()), pages.client()):
        assert other.post("/systems/roads/alert/test").status_code in (302, 403, 404)
    assert came == []


def test_the_command_says_the_same_for_programs(
    on_call: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    url, came = on_call
    config = replace(settings.EGIDE, data_dir=tmp_path, alert_url=url)
    known = json.loads(run(config, "connectors", "list", "--json").stdout)["connectors"]
    alert = next(one for one in known if one["name"] == "alert")
    assert alert["set_up"] and alert["settings"][0] == "EGIDE_ALERT_URL" and alert["tried"] is None
    assert [one["name"] for one in known if one["set_up"]] == ["alert"]
    taken = run(config, "connectors", "test", "alert")
    assert taken.returncode == 0 and "alert took the test." in taken.stdout and len(came) == 1
    refused = run(config, "connectors", "test", "mqtt")
    assert refused.returncode == 2 and "mqtt cannot be tried" in refused.stderr
    unset = run(config, "connectors", "test", "mail")
    assert unset.returncode == 2 and "EGIDE_MAIL_SMTP" in unset.stderr
    known = json.loads(run(config, "connectors", "list", "--json").stdout)["connectors"]
    assert next(one for one in known if one["name"] == "alert")["tried"]["word"] == "taken"
