"""What a dispatch system answers is shown as its word and changes nothing; its link opens nothing by itself."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse

from egide.access.models import User
from egide.alarm.events.elsewhere import number_for
from egide.common.clock import SystemClock, utc
from egide.entrypoints.worker.turns import AGAIN_AFTER_S
from tests.support.dispatch_system import DispatchSystem
from tests.support.pages import MONS, Pages, near, text_of
from tests.support.telling import Told, close, raised_closed_and_pressed_again

pytestmark = pytest.mark.usefixtures("with_files")


def answers(pages: Pages, system: DispatchSystem, said: dict[str, object], at: datetime | None = None) -> int:
    body, headers = system.signed(said, at)
    where = reverse("dispatch-answer", args=["ccic"])
    reply = pages.client().post(where, body, content_type="application/json", headers=headers)
    return int(reply.status_code)


@pytest.fixture
def listed(
    with_files: None, pages: Pages, system: DispatchSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages know of it, too."""
    config = replace(settings.EGIDE, dispatch_systems=str(system.settings(tmp_path)))
    monkeypatch.setattr(settings, "EGIDE", config)


def line_of(pages: Pages, alarm: str) -> str:
    operator = User.objects.filter(name="op-1").first() or pages.user()
    return text_of(pages.client(operator).get(f"/desk/alarms/{alarm}")).partition("Dispatch systems")[2]


@pytest.mark.usefixtures("listed")
def test_the_desk_tells_sent_taken_shown_and_answered_apart(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    assert line_of(pages, alarm) == ""
    system.behave(status=503)
    told.turn()
    assert "does not take the alarm" in line_of(pages, alarm)
    system.behave()
    told.turn(AGAIN_AFTER_S[0])
    assert "a machine there took the alarm" in line_of(pages, alarm)
    number = system.taken()[0]["alarm"]
    assert answers(pages, system, {"type": "alarm.shown", "alarm": number}) == 204
    assert "shown there; nobody there has answered" in line_of(pages, alarm)
    said = {"type": "alarm.answered", "alarm": number, "by": "Op. 7", "reference": "2027-000123", "later": 1}
    assert [answers(pages, system, said) for _ in range(3)] == [204] * 3
    line = line_of(pages, alarm)
    assert all(text in line for text in ("answered by a person there", "Op. 7", "2027-000123"))
    kinds = [row.kind for row in pages.journal.stream(f"alarm:{alarm}")]
    assert kinds.count("SystemAnswered") == 2
    state = pages.journal.alarm(alarm)
    assert state is not None and state.is_open and not state.lead.acknowledged_by


@pytest.mark.usefixtures("listed")
def test_an_answer_that_comes_before_the_taking_is_noted_says_that_it_was_taken(
    pages: Pages, system: DispatchSystem, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that answers at once, while the worker is still writing down that its call was taken."""
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    kind, seen = told.teller._kind, []

    class Quick:
        PATIENCE_S = kind.PATIENCE_S

        def send(self, *call: Any) -> None:
            kind.send(*call)
            shown = {"type": "alarm.shown", "alarm": system.taken()[-1]["alarm"]}
            seen.append(answers(pages, system, shown))

    monkeypatch.setattr(told.teller, "_kind", Quick())
    told.turn()
    assert seen == [204] and told.noted(alarm) == [("raised", "", 1)]
    assert "shown there; nobody there has answered" in line_of(pages, alarm)


@pytest.mark.usefixtures("listed")
def test_an_answer_to_an_alarm_that_was_opened_again_does_not_hold_back_that_it_is(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    raised_closed_and_pressed_again(pages, told)
    free = {"type": "unit.free", "alarm": system.taken()[0]["alarm"], "unit": "M 12"}
    assert answers(pages, system, free) == 204
    told.turn()
    assert [one["type"] for one in system.taken()] == ["alarm.raised", "alarm.closed", "alarm.raised"]


@pytest.mark.usefixtures("listed")
def test_who_answers_has_the_alarm_though_our_call_was_given_up(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    system.behave(status=503)
    told.turn()
    said: dict[str, object] = {"type": "alarm.answered", "alarm": number_for("ccic", alarm), "by": "Op. 7"}
    assert answers(pages, system, said) == 204
    assert "answered by a person there" in line_of(pages, alarm)


@pytest.mark.usefixtures("listed")
def test_who_cannot_sign_learns_nothing(pages: Pages, system: DispatchSystem, told: Told) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    number = system.taken()[0]["alarm"]
    said: dict[str, object] = {"type": "alarm.answered", "alarm": number}
    body, headers = system.signed(said)
    client = pages.client()

    def post(name: str = "ccic", body: bytes = body, **changed: str) -> int:
        where = reverse("dispatch-answer", args=[name])
        return int(
            client.post(where, body, content_type="application/json", headers=headers | changed).status_code
        )

    assert [
        post("nobody"),
        post(body=body + b" "),
        post(**{"webhook-signature": ""}),
        post(**{"webhook-signature": "v1,AAAA"}),
        post(**{"webhook-timestamp": "1"}),
        post(body=b"x" * 100_000),
    ] == [401] * 6
    hour_ago = utc(SystemClock().now_us() - 3_600_000_000)
    assert answers(pages, system, said, hour_ago) == 401
    assert client.get(reverse("dispatch-answer", args=["ccic"])).status_code == 405
    assert told.noted(alarm) == [("raised", "", 1)]


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"type": "alarm.answered", "alarm": "0" * 32}, 404),
        ({"type": "alarm.closed"}, 422),
        ({"type": "alarm.answered", "by": "x" * 61}, 422),
        ({"type": "alarm.answered", "by": "two\nlines"}, 422),
        ({"type": "alarm.answered", "by": 7}, 422),
    ],
)
def test_what_is_no_answer_changes_nothing(
    pages: Pages, system: DispatchSystem, told: Told, said: dict[str, object], status: int
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    assert answers(pages, system, {"alarm": system.taken()[0]["alarm"]} | said) == status
    assert [row.kind for row in pages.journal.stream(f"alarm:{alarm}")].count("SystemAnswered") == 0


def test_its_link_leads_those_who_may_see_the_alarm_to_it_and_nobody_else_anywhere(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    path = urlsplit(system.taken()[0]["link"]).path
    operator = pages.client(pages.user())
    assert operator.get(path)["Location"] == f"/desk/#row-{alarm}"
    assert pages.client(pages.user("op-2", centre="OVL")).get(path).status_code == 404
    stranger = pages.client().get(path)
    assert stranger.status_code == 302 and stranger["Location"].startswith("/sign-in")
    assert operator.get(f"{path[:-1]}{'0' if path[-1] != '0' else '1'}").status_code == 404
    pages.clock.advance_s(60)
    close(pages, alarm)
    assert operator.get(path)["Location"] == f"/desk/alarms/{alarm}/timeline"
    pages.clock.advance_s(13 * 3600)
    assert pages.client(pages.user("op-3")).get(path).status_code == 404


@pytest.mark.usefixtures("listed")
def test_what_it_says_of_its_units_stands_beside_the_alarm_and_changes_nothing_in_it(
    pages: Pages, system: DispatchSystem, told: Told
) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    told.turn()
    number = system.taken()[0]["alarm"]

    def say(unit: object, word: str) -> int:
        return answers(pages, system, {"type": f"unit.{word}", "alarm": number, "unit": unit})

    assert [say("M 12", word) for word in ("assigned", "under_way", "under_way")] == [204] * 3
    assert say("M 14", "assigned") == 204
    line = line_of(pages, alarm)
    assert "M 12: under way there" in line and "M 14: sent there" in line
    assert [say("M 12", "arrived"), say("M 14", "free")] == [204, 204]
    line = line_of(pages, alarm)
    assert "M 12: on the spot" in line and "M 14: free again" in line
    operator = pages.client(User.objects.get(name="op-1"))
    assert "M 12 · on the spot" in " ".join(text_of(operator.get(f"/desk/alarms/{alarm}/timeline")).split())
    kinds = [row.kind for row in pages.journal.stream(f"alarm:{alarm}")]
    assert kinds.count("SystemSaidUnit") == 5
    state = pages.journal.alarm(alarm)
    assert state is not None and not state.team.under_way_at_us and not state.team.on_site_at_us
    # What is no unit or no word is none.
    assert [say("", "free"), say("x" * 61, "free"), say(7, "free"), say("M 12", "home")] == [422] * 4
