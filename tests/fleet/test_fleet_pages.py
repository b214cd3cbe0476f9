"""The fleet in numbers and the limits of supervision: who sees what, what is unknown, what is refused and why."""

import re

import pytest
from django.test import Client

from egide.access.models import User
from egide.casework.models import BarredReader
from egide.events.register import KitTroubleTold, WatchLimitsSet
from egide.fleet.kits import kits
from egide.fleet.models import Kit
from egide.fleet.pages.limits_form import GROUPS, duration, form_of, read_form
from egide.fleet.service import do_watch_over_all, hand_over
from egide.fleet.supervision import rules as watch
from egide.fleet.supervision.limits import limits_now
from egide.fleet.supervision.rules import HIGHEST, ORDINARY, SILENT, URGENT, Settings
from tests.fleet.files import ZONE, House, build_house
from tests.support.pages import Pages, text_of

SAVED = "The limits are set, for every kit from now on."


def member(pages: Pages, role: str, place: str = "", name: str = "") -> Client:
    user = User.objects.create(name=name or f"{role}-x", title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return pages.client(user)


def numbers_of(page: str) -> dict[str, str]:
    """The numbers at the top of the page."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page))


@pytest.fixture
def house(pages: Pages) -> House:
    return build_house(pages)


def out(house: House) -> Kit:
    """A kit that left through every gate; the journal knows of it."""
    kit = hand_over(house.officer, house.ready_kit().id)
    house.copy()
    return kit


def tell(house: House, kit: Kit, what: str = SILENT, whom: str = watch.ZONE) -> None:
    """Supervision tells somebody."""
    event = KitTroubleTold(kit=kit.id, what=what, whom=whom, since_us=house.pages.clock.now_us())
    house.pages.installation.append(kits.stream_of(kit), event, case=kit.case_id)


def test_the_fleet_is_counted_by_zone_model_and_over_time_each_plot_with_its_table(house: House) -> None:
    kit = out(house)
    tell(house, kit)
    page = member(house.pages, "coordinator").get("/fleet/").content.decode()
    assert numbers_of(page) == {
        "in stock": "3",
        "in use": "1",
        "silent": "1",
        "test due": "0",
        "test too late": "0",
        "something else wrong": "0",
        "in repair": "0",
    }
    assert page.count("<svg") == 9 and page.count("<table") == 3
    assert "Model B" in page and "Over the last 12 months" in page
    # What was before the first move is unknown, and no 0.
    first_row = re.findall(r"<tr>(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    assert any(row.count("unknown") == 4 for row in first_row)


def test_a_kit_that_nobody_watches_over_is_unknown_and_not_well(house: House) -> None:
    kit = out(house)
    house.pages.journal.connection.execute("DELETE FROM watched")
    page = member(house.pages, "steering").get("/fleet/").content.decode()
    assert numbers_of(page)["silent"] == "unknown"
    assert "Nobody watches over one kit that is in use" in page
    assert kit.id not in page


def test_a_kit_that_went_out_before_anybody_watched_is_watched_over_from_the_next_start_on(
    house: House,
) -> None:
    kit = out(house)
    assert do_watch_over_all() == 0
    house.pages.journal.connection.execute("DELETE FROM watched")
    assert do_watch_over_all() == 1
    house.copy()
    found = house.pages.journal.connection.execute("SELECT kit, level FROM watched").fetchall()
    assert found == [(kit.id, HIGHEST)]


def test_an_empty_fleet_says_so(pages: Pages) -> None:
    page = text_of(member(pages, "administrator").get("/fleet/"))
    assert "There is no kit and no button here." in page
    assert "Nothing was recorded yet: what was before is unknown." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [("zone=9999", "There is no such zone."), ("model=Lamp", "There is no such model here.")],
)
def test_a_zone_or_model_that_does_not_exist_is_said_beside_its_field(
    house: House, query: str, said: str
) -> None:
    reply = member(house.pages, "coordinator").get(f"/fleet/?{query}")
    assert reply.status_code == 422 and said in text_of(reply)


def test_a_reference_officer_counts_the_own_zone_alone(house: House) -> None:
    out(house)
    elsewhere = member(house.pages, "reference-officer", "5415")
    assert "There is no kit and no button here." in text_of(elsewhere.get("/fleet/"))
    assert elsewhere.get(f"/fleet/?zone={ZONE}").status_code == 422
    own = member(house.pages, "reference-officer", ZONE, "ref-1")
    assert numbers_of(own.get("/fleet/").content.decode())["in use"] == "1"


def test_rule_27_what_bars_a_reader_is_in_none_of_their_numbers(house: House) -> None:
    tell(house, out(house))
    BarredReader.objects.create(case_id=house.case.id, mark="user:cousin")
    page = member(house.pages, "reference-officer", ZONE, "cousin").get("/fleet/").content.decode()
    assert numbers_of(page)["in use"] == "0" and numbers_of(page)["silent"] == "–"


@pytest.mark.parametrize(
    "role", ["zone-officer", "reference-officer", "evaluator", "steering", "administrator"]
)
def test_only_the_coordinator_sets_limits(pages: Pages, role: str) -> None:
    client = member(pages, role, ZONE if role.endswith("officer") else "")
    assert client.get("/fleet/limits").status_code == 404
    assert client.post("/fleet/limits", {"reset": "yes"}).status_code == 404


def typed(settings: Settings | None = None) -> dict[str, str]:
    """Every field of the form as it stands."""
    form = form_of(settings or Settings())
    fields = [field for part in form.parts for row in part.rows for field in row.fields]
    return {field.name: field.text for field in (*fields, *form.days, *form.percents)}


def test_limits_are_set_by_a_named_person_for_every_kit(pages: Pages) -> None:
    client = member(pages, "coordinator")
    assert "Nobody changed it" in text_of(client.get("/fleet/limits"))
    fields = typed() | {f"{HIGHEST}.{SILENT}.person": "10 min", f"{ORDINARY}.test-days": "21"}
    page = text_of(client.post("/fleet/limits", fields, follow=True))
    assert SAVED in page and "Set by Coordinator on" in page
    found = limits_now()
    assert found.settings.ladders[HIGHEST][SILENT].person == 600 and found.settings.test_days[ORDINARY] == 21
    assert "Nobody changed" not in page
    # As a browser sends it: all fields of the form go with the button.
    page = text_of(
        client.post("/fleet/limits", fields | {"csrfmiddlewaretoken": "x", "reset": "yes"}, follow=True)
    )
    assert SAVED in page and limits_now().settings == Settings()
    rows = [row for row in pages.journal.every() if row.kind == WatchLimitsSet.__name__]
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (
            f"{HIGHEST}.{SILENT}.officer",
            "1 d",
            "everybody hears of silence within an hour, and never after a day",
        ),
        (f"{HIGHEST}.{SILENT}.officer", "61 min", "everybody hears of silence within an hour"),
        (f"{URGENT}.{SILENT}.officer", "24 h", "silence may not last a day"),
        (f"{URGENT}.{SILENT}.person", "2 h", "sooner somebody is notified"),
        (f"{HIGHEST}.{SILENT}.zone", "5 min", "The zone is notified no earlier"),
        (f"{ORDINARY}.away.person", "soon", "Write a number with s, min, h or d"),
        (f"{ORDINARY}.away.officer", "91 d", "At most 90 days."),
        (f"{ORDINARY}.test-days", "0", "a whole number of days"),
        ("battery-low", "100", "a whole number from 1 to 99"),
        ("battery-low", "30", "only at a higher charge"),
    ],
)
def test_rule_35_a_limit_that_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(
    pages: Pages, field: str, text: str, said: str
) -> None:
    client = member(pages, "coordinator")
    reply = client.post("/fleet/limits", typed() | {field: text, f"{ORDINARY}.away.zone": "30 h"})
    page = reply.content.decode()
    assert reply.status_code == 422 and said in text_of(reply)
    assert f'name="{field}" value="{text}"' in page and f'name="{ORDINARY}.away.zone" value="30 h"' in page
    assert 'aria-invalid="true"' in page and limits_now().settings == Settings()


def test_everything_that_is_limited_has_its_fields() -> None:
    assert sorted(what for group in GROUPS for what in group) == sorted(watch.LIMITED)


def test_durations_are_read_as_they_are_written_in_four_languages() -> None:
    base = Settings()
    for text in ("3 d", "3 j", "3 T", "3 dagen", "3 jours", "3 Tage", "72 h", "72 u", "72 uur", "72 Std."):
        form = read_form(typed() | {f"{ORDINARY}.test-failed.officer": text}, base)
        assert form.settings and form.settings.ladders[ORDINARY][watch.APP].officer == 259_200, text
    assert [duration(seconds) for seconds in (0, 45, 1200, 5400, 14_400, 86_400)] == [
        "0", "45 s", "20 min", "90 min", "4 h", "1 d",
    ]  # fmt: skip
