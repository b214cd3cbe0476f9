"""A running ladder explained step by step, and a centre's deadlines as its supervisor sets them (safety rule 1)."""

import re

import pytest

from egide.alarm.events import AlarmAcknowledged, Ladder, Rung
from egide.alarm.ladder import RUNGS, ladder_for
from egide.alarm.table import STEPS
from egide.boards.desk.ladders import LONGEST_S, as_typed, form_of, read_form, seconds_of
from egide.routing.service import ladder_of
from tests.support.pages import MONS, Pages, near, text_of

CENTRES = frozenset({"BRW", "NAM"})


def typed(ladder: Ladder | None = None) -> dict[str, str]:
    form = form_of(ladder or ladder_for("HAI", None))
    return {field.name: field.text for step in form.steps for field in step.fields}


def alarm_of(pages: Pages) -> str:
    return pages.alarm(pages.phone(MONS), near(pages.files[MONS]))


def test_rule_01_the_ladder_of_a_running_alarm_says_what_began_what_is_due_and_what_was_missed(
    pages: Pages,
) -> None:
    alarm = alarm_of(pages)
    client = pages.client(pages.user())
    pages.clock.advance_s(20)
    pages.climb(alarm)
    text = text_of(client.get(f"/desk/alarms/{alarm}/ladder"))
    assert "Has to act now: CIC Hainaut" in text
    taken = text[text.index("Taken runs since") : text.index("Zone informed not begun")]
    assert re.search(r"15 s .* missed .* rings louder, at every board", taken)
    assert re.search(r"30 s due at .* the supervisor is notified, and the zone directly", taken)
    assert "60 s due at" in taken and "After that, the supervisor again every 5 min." in taken
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    text = text_of(client.get(f"/desk/alarms/{alarm}/ladder"))
    assert "Taken done at" in text and "Zone informed runs since" in text
    assert "CIC Hainaut · Op-1" in text


def test_the_ladder_comes_as_a_page_or_as_a_fragment_and_only_to_who_sees_the_alarm(pages: Pages) -> None:
    alarm = alarm_of(pages)
    client = pages.client(pages.user())
    address = f"/desk/alarms/{alarm}/ladder"
    assert "<html" in client.get(address).content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and 'id="ladder-steps"' in fragment
    assert pages.client(pages.user("far", centre="OVL")).get(address).status_code == 404


def test_everybody_of_the_centre_sees_its_deadlines_and_only_its_supervisor_changes_them(
    pages: Pages,
) -> None:
    operator, chief = pages.client(pages.user()), pages.client(pages.user("chief", role="supervisor"))
    page = operator.get("/desk/ladder")
    assert "Nobody changed it: these are the defaults." in text_of(page)
    assert "<input class" not in page.content.decode() and "ladder-save" not in page.content.decode()
    form = typed() | {"acknowledged.louder": "0:10", "neighbour": "NAM"}
    assert operator.post("/desk/ladder", form).status_code == 404
    assert chief.post("/desk/ladder", form).status_code == 302
    assert Rung("acknowledged", 10, "louder") in ladder_of(pages.journal, "HAI").rungs
    assert ladder_of(pages.journal, "HAI").neighbour == "NAM"
    assert "Set by Chief" in text_of(operator.get("/desk/ladder"))
    assert pages.client(pages.user("far", centre="OVL")).get("/desk/ladder?centre=HAI").status_code == 404


def test_the_defaults_come_back_by_one_button(pages: Pages) -> None:
    chief = pages.client(pages.user("chief", role="supervisor"))
    chief.post("/desk/ladder", typed() | {"acknowledged.louder": "0:09", "neighbour": "NAM"})
    chief.post("/desk/ladder", {"reset": "yes"})
    assert ladder_of(pages.journal, "HAI") == ladder_for("HAI", None)


def test_a_wrong_deadline_is_said_beside_its_step_and_nothing_typed_is_lost(pages: Pages) -> None:
    chief = pages.client(pages.user("chief", role="supervisor"))
    wrong = typed() | {"acknowledged.louder": "soon", "on-site.louder": "10:01", "neighbour": "BRW"}
    reply = chief.post("/desk/ladder", wrong)
    page = reply.content.decode()
    assert reply.status_code == 422 and "Nothing was changed yet" in page
    assert 'id="form-error"' in page and 'href="#at-acknowledged-louder"' in page
    step = page[page.index('id="step-acknowledged"') : page.index('id="step-zone-confirmed"')]
    assert "“soon” is no time up to 120 min" in step
    assert 'value="soon"' in step and 'value="10:01"' in page
    assert 'aria-invalid="true" aria-describedby="wrong-acknowledged"' in " ".join(step.split())
    assert ladder_of(pages.journal, "HAI") == ladder_for("HAI", None)


@pytest.mark.parametrize(
    "text", ["0", "0:00", "-1", "1.5", "1:60", "1:5", "1e2", "٣", "120:01", "9" * 40, "<b>"]
)
def test_only_times_within_reason_are_deadlines(text: str) -> None:
    form = read_form(typed() | {"shown.louder": text}, "BRW", CENTRES)
    errors = {step.step: step.error for step in form.steps if step.error}
    assert form.ladder is None and list(errors) == ["shown"]


def test_rule_01_a_step_without_any_deadline_is_refused() -> None:
    without = typed() | {"on-site.louder": "", "on-site.supervisor": " "}
    form = read_form(without, "BRW", CENTRES)
    assert form.ladder is None
    assert [step.step for step in form.steps if step.error] == ["on-site"]


def test_two_deadlines_at_once_and_a_copy_to_nobody_are_refused() -> None:
    at_once = read_form(typed() | {"on-site.supervisor": "10"}, "BRW", CENTRES)
    assert [step.step for step in at_once.steps if step.error] == ["on-site"]
    nobody = read_form(typed(), "XYZ", CENTRES)
    assert nobody.ladder is None and nobody.neighbour_error and nobody.neighbour == ""


@pytest.mark.parametrize(("text", "seconds"), [("2", 120), ("0:45", 45), ("1:30", 90), ("120", LONGEST_S)])
def test_deadlines_are_typed_in_minutes_and_shown_as_they_are_typed(text: str, seconds: int) -> None:
    assert (seconds_of(text), as_typed(seconds)) == (seconds, text)


def test_the_default_goes_through_the_form_unchanged() -> None:
    form = read_form(typed(), "BRW", CENTRES)
    assert form.ladder is not None
    assert sorted(form.ladder.rungs, key=repr) == sorted(RUNGS, key=repr)
    assert {rung.step for rung in form.ladder.rungs} == set(STEPS)


@pytest.mark.files("a quota of the file")
def test_with_the_journal_down_what_was_typed_stays_on_the_page(pages: Pages) -> None:
    chief = pages.client(pages.user("chief", role="supervisor"))
    pages.fill_disk()
    form = typed() | {"acknowledged.louder": "0:11", "neighbour": "NAM"}
    replies = [chief.post("/desk/ladder", form) for _ in range(12)]
    assert replies[-1].status_code == 503
    assert "takes nothing at the moment" in text_of(replies[-1])
    assert 'value="0:11"' in replies[-1].content.decode()
