"""Publishing: the evaluator sees what will leave the service, lets it out, and it never changes again."""

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import polars as pl
import pytest
from django.test import Client

from egide.common.config import Config
from egide.evaluation import service
from egide.evaluation.models import PublishedEdition
from egide.evaluation.published import editions
from egide.evaluation.published.tables import TABLES
from egide.outbox.copy import copy_waiting
from egide.rollout.service import do_load_reference
from tests.evaluation.test_dashboard import member, text_of
from tests.support.commands import run
from tests.support.pages import Pages

YEAR = "/figures/published/2022/"


@pytest.fixture
def house(pages: Pages, data: Path) -> Pages:
    """An installation whose records are those of the invented history."""
    pages.begin("reference", lambda _: do_load_reference())
    shutil.copytree(data / "evaluation", pages.config.data_dir / "evaluation")
    return pages


def seen(client: Client, address: str = YEAR) -> str:
    """The mark of what the page shows, as its form sends it back."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', client.get(address).content.decode())
    assert found
    return found[1]


def publish(client: Client, why: str = "") -> None:
    reply = client.post(YEAR, {"seen": seen(client), "why": why})
    assert reply.status_code == 302, text_of(reply.content)


def test_the_evaluator_sees_every_table_before_anything_leaves(house: Pages) -> None:
    page = text_of(member(house, "evaluator").get(YEAR).content)
    for table in TABLES:
        assert f"{table.title_en}, 2022" in page
    assert "What would be published" in page and "Look at every table below first" in page
    assert "not shown" in page and "people newly" not in page
    assert not PublishedEdition.objects.exists()


def test_what_was_published_is_kept_and_told_to_the_journal(house: Pages) -> None:
    client = member(house, "evaluator")
    mark = seen(client)
    publish(client)
    out = editions.editions(2022)
    assert [one.edition.number for one in out] == [1] and out[0].digest == mark
    copy_waiting(house.config, house.journal)
    told = [house.journal.open_event(row) for row in house.journal.every() if row.kind == "FiguresPublished"]
    assert [(event.year, event.edition, event.digest, event.by) for event in told] == [  # type: ignore[attr-defined]
        (2022, 1, mark, "evaluator-x")
    ]
    page = text_of(client.get(YEAR).content)
    assert "What is out" in page and "Nothing in the records differs from it." in page
    assert "What would be published" not in page


def test_an_edition_that_is_out_stays_when_the_records_change(house: Pages) -> None:
    client = member(house, "evaluator")
    publish(client)
    before = client.get("/figures/published/2022/1.csv").content
    add_alarms(40)
    assert client.get("/figures/published/2022/1.csv").content == before
    mark = seen(client)
    refused = client.post(YEAR, {"seen": mark, "why": " "})
    assert refused.status_code == 422 and "Say in a few words what is corrected" in refused.content.decode()
    publish(client, "Forty presses of one centre came late.")
    assert client.get("/figures/published/2022/1.csv").content == before
    assert [one.edition.number for one in editions.editions(2022)] == [2, 1]
    assert "Forty presses of one centre came late." in text_of(client.get(YEAR).content)


def test_a_correction_by_a_few_is_not_told_cell_by_cell(house: Pages) -> None:
    before = editions.draft(2022)
    publish(member(house, "evaluator"))
    add_alarms(2)
    first, after = editions.editions(2022)[0].edition, editions.draft(2022)
    second = after.edition
    by_two = [key for key in after.truth if after.truth[key] == before.truth[key] + 2]
    told = ["/".join(key) for key in by_two if first.cells["/".join(key)] is not None]
    assert told and all(second.cells[name] is None for name in told)
    both = [(first.cells[name], second.cells.get(name)) for name in first.cells]
    assert not [1 for was, now in both if was is not None and now is not None and 0 < abs(was - now) < 5]


def test_what_changed_since_it_was_looked_at_is_not_published(house: Pages) -> None:
    client = member(house, "evaluator")
    mark = seen(client)
    add_alarms(40)
    reply = client.post(YEAR, {"seen": mark})
    assert reply.status_code == 422 and "The records were built anew since you looked" in text_of(
        reply.content
    )
    assert not PublishedEdition.objects.exists()


def test_a_year_that_is_not_over_can_be_looked_at_and_not_published(house: Pages) -> None:
    client = member(house, "evaluator")
    page = client.get("/figures/published/2023/").content.decode()
    assert "This year is not over in the records" in page and "publish-now" not in page
    assert client.post("/figures/published/2023/", {"seen": editions.draft(2023).digest}).status_code == 422
    assert not PublishedEdition.objects.exists()


@pytest.mark.parametrize("year", [1999, 2018, 2024, 99999])
def test_a_year_of_which_nothing_is_recorded_does_not_exist(house: Pages, year: int) -> None:
    assert member(house, "evaluator").get(f"/figures/published/{year}/").status_code == 404


def test_only_the_evaluator_publishes(house: Pages) -> None:
    for role in ("steering", "coordinator"):
        client = member(house, role)
        assert client.get(YEAR).status_code == 200 and "publish-now" not in client.get(YEAR).content.decode()
        assert client.post(YEAR, {"seen": editions.draft(2022).digest}).status_code == 404
    assert member(house, "zone-officer", "5324").get(YEAR).status_code == 404
    assert not PublishedEdition.objects.exists()


def test_a_copy_of_the_database_tells_no_more_than_what_is_out(house: Pages) -> None:
    publish(member(house, "evaluator"))
    row = PublishedEdition.objects.get()
    draft_cells = msgspec.json.decode(row.content)["cells"]
    assert None in draft_cells.values()
    assert not [value for value in draft_cells.values() if value is not None and value < 5]
    assert b"people/country" not in bytes(row.truth_sealed)


def test_the_csv_says_what_is_hidden_and_gives_no_small_number(house: Pages) -> None:
    client = member(house, "evaluator")
    publish(client)
    reply = client.get("/figures/published/2022/1.csv")
    assert reply["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert {line["invented"] for line in lines} == {"yes"}
    counts = [line for line in lines if line["unit"] == "count"]
    assert {line["note"] for line in counts} == {"", "hidden"}
    assert all((line["value"] == "") == (line["note"] != "") for line in lines)
    assert all(int(line["value"]) >= 5 for line in counts if line["value"])
    for line in lines:
        # A share stands only where both of its numbers do.
        if line["column"] == "share-nuisance" and line["value"]:
            row = {
                one["column"]: one["value"]
                for one in counts
                if one["table"] == "alarms" and one["row"] == line["row"]
            }
            assert round(int(row["nuisance"]) / int(row["all"]), 4) == float(line["value"])


def test_the_command_prints_what_would_be_published_and_what_is_out(history: Config) -> None:
    done = run(history, "evaluate", "--published", "2022", "--keep", "--json")
    content = json.loads(done.stdout)
    assert content["state"] == "draft" and content["is_invented"] is True
    assert content["cells"]["people/country/ever"] == 56
    assert not [value for value in content["cells"].values() if value is not None and value < 5]
    text = run(history, "evaluate", "--published", "2023", "--keep").stdout
    assert "2023: not over in the records" in text and "Invented data" in text
    for arguments, said in (
        (("--published", "2011", "--keep"), "tell nothing of 2011"),
        ((), "Name a period"),
        (("--published", "2022", "--period", "2022"), "Name a period"),
    ):
        done = run(history, "evaluate", *arguments)
        assert done.returncode == 2 and said in done.stderr


def add_alarms(more: int) -> None:
    """As if so many alarms of 2022 that needed nobody had come in late."""
    records = service.records()
    alarms = records["alarms"]
    one = alarms.filter((pl.col("outcome") == "test") & (pl.col("day").dt.year() == 2022)).head(1)
    assert one.height == 1
    tables = records.tables | {"alarms": pl.concat([alarms, *[one] * more])}
    service.store().save(service.Records(records.about, tables))


def test_a_year_that_lacks_events_of_a_newer_version_is_looked_at_and_not_published(house: Pages) -> None:
    client = member(house, "evaluator")
    mark = seen(client)
    records = service.records()
    service.store().save(replace(records, about=replace(records.about, unread=2)))
    page = text_of(client.get(YEAR).content)
    assert "What would be published" in page and "Update this installation first" in page
    assert client.post(YEAR, {"seen": mark}).status_code == 422
    assert editions.editions(2022) == []
