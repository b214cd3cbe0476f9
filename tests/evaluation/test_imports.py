"""Numbers beside the journal: three files with a preview, every fault with its line, and the figures that need them."""

import random
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from egide.evaluation import service
from egide.evaluation.records.period import Period
from egide.evaluation.service import Places
from egide.outbox.copy import copy_waiting
from egide.rollout.service import do_load_reference, zone_names, zone_places
from tests.evaluation.test_dashboard import member, text_of
from tests.support.pages import Pages

PILOT = "5415"


@pytest.fixture
def house(pages: Pages, data: Path) -> Pages:
    """An installation whose records are those of the invented history, with nothing imported beside them."""
    pages.begin("reference", lambda _: do_load_reference())
    left = shutil.ignore_patterns("imported")
    shutil.copytree(data / "evaluation", pages.config.data_dir / "evaluation", ignore=left)
    return pages


def look_at(client: Client, kind: str, text: str) -> HttpResponse:
    return client.post(f"/figures/imports/{kind}", {"file": SimpleUploadedFile("a.csv", text.encode())})


def bring_in(client: Client, kind: str, text: str) -> None:
    """Through the preview, as a person does."""
    draft = re.search(r'name="draft" value="([^"]+)"', look_at(client, kind, text).content.decode())
    assert draft
    assert client.post(f"/figures/imports/{kind}", {"draft": draft[1]}).status_code == 302


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("calls", "zone;day;hour;seconds\n0000;2023-05-04;14;845", "2 zone There is no zone “0000”."),
        ("calls", f"zone;day;hour;seconds\n{PILOT};4/5/2023;14;845", "2 day “4/5/2023” is not a date"),
        ("calls", f"zone;day;hour;seconds\n{PILOT};2050-01-01;14;845", "2 day This day is still to come."),
        (
            "calls",
            f"zone;day;hour;seconds\n{PILOT};2023-05-04;24;845",
            "2 hour “24” is no whole number from 0 to 23.",
        ),
        (
            "calls",
            f"zone;day;hour;seconds\n{PILOT};2023-05-04;3;-5",
            "2 seconds “-5” is no whole number from 1 to 14400.",
        ),
        ("calls", f"zone;day;hour;seconds\n{PILOT};2023-05-04;3;0", "2 seconds “0” is no whole number"),
        ("calls", f"zone;day;hour\n{PILOT};2023-05-04;3", "1 seconds This column is missing"),
        (
            "inhabitants",
            f"zone;year;inhabitants\n{PILOT};2023;0",
            "2 inhabitants “0” is no whole number from 1 to 5000000.",
        ),
        (
            "inhabitants",
            f"zone;year;inhabitants\n{PILOT};2023;95 642",
            "2 inhabitants “95 642” is no whole number",
        ),
        (
            "inhabitants",
            f"zone;year;inhabitants\n{PILOT};1830;5",
            "2 year “1830” is no year from 1990 to 2027.",
        ),
        (
            "inhabitants",
            f"zone;year;inhabitants\n{PILOT};2023;5\n{PILOT};2023;6",
            "3 year The same as in line 2.",
        ),
        ("reports", f"zone;year;reports\n{PILOT};2023;", "2 reports This cell is empty."),
        ("reports", f"zone;year;reports;name\n{PILOT};2023;1;Anna", "1 name This column is not known."),
    ],
)
def test_a_fault_is_told_with_its_line_and_nothing_is_imported(
    house: Pages, kind: str, text: str, said: str
) -> None:
    client = member(house, "evaluator")
    reply = look_at(client, kind, text)
    page = text_of(reply.content).replace("&#x27;", "'")
    assert reply.status_code == 422 and "Nothing was imported" in page
    assert said in page
    assert service.store().imported(kind).is_empty()
    assert "nothing imported yet" in text_of(client.get("/figures/imports/").content)


def test_a_zones_month_is_replaced_as_a_whole_and_the_rest_stays(house: Pages) -> None:
    client = member(house, "evaluator")
    first = (
        f"zone;day;hour;seconds\n{PILOT};2023-05-04;14;845\n{PILOT};2023-05-09;2;700\n5324;2023-05-04;9;600"
    )
    bring_in(client, "calls", first)
    again = look_at(client, "calls", first)
    assert "0 new, 0 changed, 3 unchanged" in text_of(again.content)
    other = f"zone;day;hour;seconds\n{PILOT};2023-05-20;4;500\n{PILOT};2023-06-01;4;501"
    assert "1 new, 1 changed, 0 unchanged" in text_of(look_at(client, "calls", other).content)
    bring_in(client, "calls", other)
    kept = service.store().imported("calls")
    assert sorted(zip(kept["zone"], kept["on_site_s"], strict=True)) == [
        ("5324", 600),
        (PILOT, 500),
        (PILOT, 501),
    ]
    page = text_of(client.get("/figures/imports/").content)
    assert "Ordinary urgent calls 3 2 of 176 2023" in page
    copy_waiting(house.config, house.journal)
    told = [house.journal.open_event(row) for row in house.journal.every() if row.kind == "NumbersImported"]
    assert [(event.table, event.lines, event.by) for event in told] == [  # type: ignore[attr-defined]
        ("calls", 3, "evaluator-x"),
        ("calls", 2, "evaluator-x"),
    ]


def test_time_gained_is_the_difference_in_the_same_zone_and_hour(house: Pages) -> None:
    chance = random.Random(5)
    alarms = service.records()["alarms"]
    alarms = alarms.filter((alarms["zone"] == PILOT) & alarms["went"] & alarms["on_site_s"].is_not_null())
    lines, calls = ["zone;day;hour;seconds"], {}
    for hour in sorted(set(alarms["hour"].to_list()) - {7}):
        calls[hour] = [chance.randint(500, 1500) for _number in range(12)]
        lines += [f"{PILOT};2021-03-{day + 1:02};{hour};{seconds}" for day, seconds in enumerate(calls[hour])]
    bring_in(member(house, "evaluator"), "calls", "\n".join(lines))
    period = Period.parse("2019-01..2023-10")
    cell = service.compute(period, Places("zone", (PILOT,)), ("time-gained",))["time-gained"].whole
    ours = [(hour, s) for hour, s in zip(alarms["hour"], alarms["on_site_s"], strict=True) if hour in calls]
    expected = sum(sum(calls[hour]) / len(calls[hour]) - seconds for hour, seconds in ours) / len(ours)
    assert cell.value == pytest.approx(expected)
    assert cell.n == len(ours) and cell.left_out == len(alarms) - len(ours)
    assert cell.low is not None and cell.high is not None and cell.low < expected < cell.high
    # Seeded: asked again it is the same interval.
    again = service.compute(period, Places("zone", (PILOT,)), ("time-gained",))["time-gained"].whole
    assert again == cell
    elsewhere = service.compute(period, Places("zone", ("5324",)), ("time-gained",))["time-gained"].whole
    assert elsewhere.value is None and elsewhere.unknown == "not-imported"


def test_reach_needs_every_year_and_is_unknown_and_not_zero_without(house: Pages) -> None:
    client = member(house, "evaluator")
    province = [zone for zone, centre, _office in zone_places() if centre == "WVL"]
    bring_in(
        client,
        "inhabitants",
        "zone;year;inhabitants\n" + "\n".join(f"{zone};2022;50000" for zone in province),
    )
    year = Period.of_year(2022)
    whole = service.compute(year, Places("centre", ("WVL",)), ("grants-per-inhabitants",))[
        "grants-per-inhabitants"
    ].whole
    requests = service.records()["requests"]
    granted = sum(
        centre == "WVL" and decision == "granted" and decided is not None and decided.year == 2022
        for centre, decision, decided in zip(
            requests["centre"], requests["decision"], requests["decided"], strict=True
        )
    )
    assert granted > 0 and whole.count == granted and whole.n == 50_000 * len(province)
    assert whole.value == pytest.approx(granted * 100_000 / (50_000 * len(province)))
    for period, places in (
        (Period.of_year(2021), Places("centre", ("WVL",))),
        (year, Places("centre", ("LIE",))),
    ):
        cell = service.compute(period, places, ("grants-per-inhabitants",))["grants-per-inhabitants"].whole
        assert cell.value is None and cell.unknown == "not-imported"
    reports = service.compute(year, ids=("grants-per-reports",))["grants-per-reports"].whole
    assert reports.value is None and reports.unknown == "not-imported"


def test_the_province_follows_the_map_of_the_records(house: Pages) -> None:
    bring_in(member(house, "evaluator"), "reports", f"zone;year;reports\n{PILOT};2023;118")
    kept = service.records()["reports"]
    assert kept.select("zone", "centre", "year", "reports").rows() == [(PILOT, "OVL", 2023, 118)]


def test_who_imports_and_who_only_sees_what_is_there(house: Pages) -> None:
    for role in ("evaluator", "coordinator"):
        client = member(house, role)
        assert client.get("/figures/imports/calls").status_code == 200
        assert client.get("/figures/imports/nothing").status_code == 404
    steering = member(house, "steering")
    assert steering.get("/figures/imports/calls").status_code == 404
    page = steering.get("/figures/imports/")
    assert page.status_code == 200 and "Choose a file" not in page.content.decode()
    assert member(house, "zone-officer", "5324").get("/figures/imports/").status_code == 404


def test_a_day_counts_in_the_period_that_is_asked_for(house: Pages) -> None:
    bring_in(member(house, "evaluator"), "calls", f"zone;day;hour;seconds\n{PILOT};2023-05-04;14;845")
    calls = service.records()["calls"]
    assert calls["day"].to_list() == [date(2023, 5, 4)]
    cell = service.compute(Period.of_year(2022), ids=("time-gained",))["time-gained"].whole
    assert cell.unknown == "not-imported"


KINDS = ("calls", "inhabitants", "reports")


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_that_a_page_hands_out_is_imported_as_it_is_and_changes_no_figure(
    house: Pages, kind: str
) -> None:
    client, always = member(house, "evaluator"), Period.parse("2019-01..2023-10")
    before = service.compute(always)
    address = f"/figures/imports/{kind}/example.csv"
    assert f'href="{address}"' in client.get(f"/figures/imports/{kind}").content.decode()
    reply = client.get(address)
    assert reply.status_code == 200 and reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == f'attachment; filename="example-{kind}.csv"'
    text = reply.content.decode()
    rows = len(text.splitlines()) - 1
    assert f"{rows} new, 0 changed, 0 unchanged" in text_of(look_at(client, kind, text).content)
    bring_in(client, kind, text)
    assert service.store().imported(kind).height == rows > 0
    assert service.compute(always) == before


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_import_gets_no_example_either(house: Pages, kind: str) -> None:
    for role, place in (("steering", ""), ("zone-officer", "5324"), ("magistrate", "mons")):
        reply = member(house, role, place).get(f"/figures/imports/{kind}/example.csv")
        assert reply.status_code == 404, role
    assert member(house, "evaluator").get("/figures/imports/nothing/example.csv").status_code == 404


def effect(page: str) -> dict[str, str]:
    """The numbers of what is compared, by their names."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd class=\"num\">([^<]+)</dd>", page))


def test_before_calls_are_imported_the_page_says_what_would_be_compared(house: Pages) -> None:
    client, alarms = member(house, "evaluator"), service.records()["alarms"]
    arrived = alarms.filter(alarms["went"] & alarms["on_site_s"].is_not_null())
    zone, hour, _seconds = arrived.select("zone", "hour", "on_site_s").row(0)
    beside = arrived.filter((arrived["zone"] == zone) & (arrived["hour"] == hour)).height
    elsewhere = next(one for one in sorted(zone_names()) if one not in set(arrived["zone"]))
    lines = f"zone;day;hour;seconds\n{zone};2021-05-04;{hour};845\n{elsewhere};2021-05-04;{hour};700"
    page = look_at(client, "calls", lines).content.decode()
    found = effect(page)
    assert "What would be compared then, over all years" in page
    assert found["Ordinary urgent calls"] == "2" and found["Calls that are compared"] == "1"
    assert found["left out: no alarm in the same zone and hour"] == "1"
    assert found["Alarms that are compared"] == str(beside)
    assert found["left out: no ordinary call in the same zone and hour"] == str(arrived.height - beside)
    # Looking has imported nothing.
    assert service.store().imported("calls").is_empty()
    assert (
        effect(look_at(client, "inhabitants", f"zone;year;inhabitants\n{zone};2022;5").content.decode()) == {}
    )


def test_the_page_of_the_measure_says_what_is_compared_and_what_is_left_out(house: Pages, data: Path) -> None:
    shutil.copytree(data / "evaluation" / "imported", house.config.data_dir / "evaluation" / "imported")
    client = member(house, "steering")
    asked = "from=2019-01&to=2023-10"
    page = client.get(f"/figures/measure/time-gained?{asked}").content.decode()
    found = {name: number.replace(",", "") for name, number in effect(page).items()}
    cell = service.compute(Period.parse("2019-01..2023-10"), ids=("time-gained",))["time-gained"].whole
    assert int(found["Alarms that are compared"]) == cell.n
    assert int(found["left out: no ordinary call in the same zone and hour"]) == cell.left_out > 0
    left = ("no team went", "arrival not known", "no ordinary call in the same zone and hour")
    told = [int(found[f"left out: {why}"]) for why in left] + [int(found["Alarms that are compared"])]
    assert sum(told) == int(found["Alarms"]) == service.records()["alarms"].height
    calls = ("left out: no alarm in the same zone and hour", "Calls that are compared")
    assert sum(int(found[name]) for name in calls) == int(found["Ordinary urgent calls"])
    assert "Mean until people were on the spot, after these calls" in found
    assert "What is compared with what" in client.get(f"/figures/chapter/times?{asked}").content.decode()
    assert "What is compared with what" not in client.get(f"/figures/measure/steps?{asked}").content.decode()
