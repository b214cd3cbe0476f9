"""What is handed out: the export for science, who may take it, and what it must never hold."""

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils.translation import override

from egide.access.models import User
from egide.access.rules import Scope
from egide.casework.file.reading import read_file
from egide.casework.models import BarredReader
from egide.evaluation import service
from egide.evaluation.exports import dictionary, outputs
from egide.evaluation.exports.coarsening import EXPORTED
from egide.evaluation.records.schemas import COLUMNS, SCHEMAS
from egide.evaluation.records.shapes import Places
from egide.events.register import RecordsExported, SoundTested
from egide.journal.errors import JournalFull
from egide.journal.service import Entry, Journal
from egide.outbox.service import journal
from tests.evaluation.people import house_with_figures
from tests.evaluation.test_dashboard import member
from tests.fleet.files import House
from tests.support.commands import Answer, let_prove, run
from tests.support.pages import PASSWORD, Pages

YEAR = {"from": "2027-01", "to": "2027-12"}


@pytest.fixture
def house(pages: Pages) -> House:
    """One person with a kit, one alarm; the figures are built."""
    return house_with_figures(pages)


def taken(client: Client, **asked: str) -> zipfile.ZipFile:
    reply = client.post("/figures/export", {**YEAR, "format": "csv", **asked})
    assert isinstance(reply, StreamingHttpResponse) and reply.status_code == 200
    content = b"".join(reply.streaming_content)  # type: ignore[arg-type]
    return zipfile.ZipFile(io.BytesIO(content))


def exports(journal: Journal) -> list[RecordsExported]:
    found = [journal.open_event(row) for row in journal.stream(outputs.STREAM)]
    return [event for event in found if isinstance(event, RecordsExported)]


@pytest.mark.parametrize("form", outputs.FORMATS)
def test_an_export_holds_every_table_every_measure_and_what_they_mean(house: House, form: str) -> None:
    archive = taken(member(house.pages, "evaluator"), format=form)
    assert archive.testzip() is None
    names = set(archive.namelist())
    assert names == {
        "README.md",
        "dictionary.csv",
        f"measures.{form}",
        *(f"records/{name}.{form}" for name in SCHEMAS),
    }

    def read(file: io.BytesIO) -> pl.DataFrame:
        return pl.read_parquet(file) if form == "parquet" else pl.read_csv(file, infer_schema=False)

    for name, schema in EXPORTED.items():
        table = read(io.BytesIO(archive.read(f"records/{name}.{form}")))
        assert table.columns == list(schema), name
    kits = read(io.BytesIO(archive.read(f"records/kits.{form}")))
    assert kits.height == 1 and kits["centre"][0] == "HAI"
    measures = read(io.BytesIO(archive.read(f"measures.{form}")))
    assert set(measures["measure"]) == set(service.measures())
    in_use = measures.filter((pl.col("measure") == "kits-in-use") & pl.col("split_by").fill_null("").eq(""))
    assert in_use["value"].cast(pl.Float64).to_list() == [1.0]
    assert measures.filter(pl.col("value").is_null() & pl.col("unknown").fill_null("").eq("")).is_empty()


def test_rule_27_an_export_holds_no_row_of_a_file_that_bars_its_reader(house: House) -> None:
    evaluator = member(house.pages, "evaluator")

    def rows() -> dict[str, int]:
        archive = taken(evaluator)
        counted = {name: archive.read(f"records/{name}.csv").count(b"\n") - 1 for name in SCHEMAS}
        return {name: counted[name] for name in ("kits", "protections", "requests", "courses", "alarms")}

    before = rows()
    assert before["kits"] == 1 and before["protections"] == 1
    user = User.objects.get(memberships__role="evaluator")
    BarredReader.objects.create(case_id=house.case.id, mark=f"user:{user.name}")
    assert set(rows().values()) == {0}


def test_every_column_of_an_export_stands_in_its_dictionary(house: House) -> None:
    archive = taken(member(house.pages, "evaluator", language="nl"))
    rows = list(csv.DictReader(io.StringIO(archive.read("dictionary.csv").decode())))
    told = {(row["table"], row["name"]) for row in rows if row["kind"] == "column" and row["meaning"]}
    for name in archive.namelist():
        if name.endswith(".csv") and name != "dictionary.csv":
            table = Path(name).stem
            head = archive.read(name).decode().splitlines()[0].split(",")
            assert {(table, column) for column in head} <= told, name
    measures = {row["name"]: row for row in rows if row["kind"] == "measure"}
    assert set(measures) == set(service.measures())
    assert all(row["unit"] and row["population"] and row["source"] for row in measures.values())
    readme = archive.read("README.md").decode()
    assert "Invented data" not in readme and "`on_site_s`" in readme


def test_the_dictionary_tells_of_every_table_and_column_and_of_nothing_else() -> None:
    with override("en"):
        entries = dictionary.tables()
    assert [entry.name for entry in entries] == list(SCHEMAS)
    assert {column.name for entry in entries for column in entry.columns} == set(COLUMNS) - {"managing_zone"}
    for entry in entries:
        assert entry.row and entry.source and entry.rule
        assert [column.name for column in entry.columns] == list(EXPORTED[entry.name])
        seconds = [column for column in entry.columns if column.name.endswith("_s")]
        assert all(column.unit == "seconds" for column in seconds)


@pytest.mark.parametrize("form", outputs.FORMATS)
def test_rule_34_an_export_holds_no_name_address_position_or_text(house: House, form: str) -> None:
    file = read_file(house.case.id)
    planted = {
        file.beneficiary.facts.name,
        file.beneficiary.facts.phone,
        file.case.id,
        file.case.number,
        file.context.context,
        *(row.facts.name for row in file.perpetrators),
        *(row.facts.address for row in file.places),
        *(str(row.facts.area.lat_e7) for row in file.places),
        *(f"{row.facts.area.lat_e7 / 1e7:.3f}" for row in file.places),
        "officer-1",
        "magistrate-1",
    } - {""}
    assert len(planted) > 8
    archive = taken(member(house.pages, "evaluator"), format=form)
    for name in archive.namelist():
        content = archive.read(name)
        if name.endswith(".parquet"):
            # Compressed inside: look at what a reader sees.
            content = pl.read_parquet(io.BytesIO(content)).write_csv().encode()
        assert not [word for word in planted if word.encode() in content], name


def test_that_an_export_leaves_is_in_the_journal_before_its_first_byte(house: House) -> None:
    client = member(house.pages, "evaluator")
    reply = client.post("/figures/export", {**YEAR, "place": "centre:HAI", "format": "parquet"})
    assert isinstance(reply, StreamingHttpResponse)
    (event,) = exports(house.pages.journal)
    assert (event.by, event.period, event.place) == ("evaluator-x", "2027-01..2027-12", "centre:HAI")
    assert event.format == "parquet" and event.rows > 0
    page = client.get("/figures/outputs").content.decode()
    assert "centre:HAI" in page and "Evaluator" in page
    reply.close()


@pytest.mark.files("a quota of the file")
def test_nothing_leaves_when_the_journal_cannot_take_the_note(house: House) -> None:
    client = member(house.pages, "evaluator")
    house.pages.fill_disk()
    with pytest.raises(JournalFull):
        # What is free in the last pages of the file goes first.
        for number in range(10_000):
            journal().append([Entry(stream="board:HAI", event=SoundTested(user=f"op-{number}"))])
    reply = client.post("/figures/export", {**YEAR, "format": "csv"})
    assert reply.status_code == 503 and not reply.streaming
    assert "nothing may leave" in reply.content.decode()


def test_only_the_evaluator_takes_an_export(house: House) -> None:
    for role, place in (
        ("steering", ""),
        ("coordinator", ""),
        ("administrator", ""),
        ("zone-officer", "5324"),
    ):
        client = member(house.pages, role, place)
        assert client.post("/figures/export", {**YEAR, "format": "csv"}).status_code == 404
        assert b"take-export" not in client.get("/figures/outputs").content
    assert exports(house.pages.journal) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2027-13"}, "The month “2027-13” does not exist."),
        ({"from": "2027-12", "to": "2027-01"}, "The last month lies before the first one."),
        ({"place": "zone:4711"}, "There is no such place: “zone:4711”"),
        ({"place": "zone:5324"}, "An export is for the country or for dispatch centres."),
        ({"place": "office:mons"}, "An export is for the country or for dispatch centres."),
        ({"format": "xls"}, "Choose CSV or Parquet."),
    ],
)
def test_an_impossible_export_is_refused_in_words_and_noted_nowhere(
    house: House, asked: dict[str, str], said: str
) -> None:
    client = member(house.pages, "evaluator")
    reply = client.post("/figures/export", {**YEAR, "format": "csv", **asked})
    assert reply.status_code == 422 and said in reply.content.decode()
    assert exports(house.pages.journal) == []


def test_the_same_records_give_the_same_bytes(house: House, tmp_path: Path) -> None:
    wanted = outputs.WantedExport(service.Period.parse("2027"), format="parquet")
    reader = Scope("evaluator-x", "Evaluator")
    first, second = (b"".join(outputs.do_export(wanted, reader, "de")) for _ in range(2))
    assert first == second
    files = outputs.do_write_export(wanted, reader, "de", tmp_path, "for the university")
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert len(files) == len(archive.namelist())
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in archive.namelist())
    assert (tmp_path / "measures.parquet").read_bytes() == archive.read("measures.parquet")


def test_a_period_and_place_bound_the_rows(house: House) -> None:
    def rows(period: str, places: Places = service.COUNTRY) -> int:
        wanted = outputs.WantedExport(service.Period.parse(period), places)
        (csv_of_kits,) = [
            b"".join(content)
            for name, content in outputs.exporting.files(service.records(), wanted)
            if name == "records/kits.csv"
        ]
        return len(csv_of_kits.splitlines()) - 1

    assert rows("2027") == 1
    assert rows("2019") == 0
    assert rows("2027", Places("centre", ("HAI",))) == 1
    assert rows("2027", Places("centre", ("OVL",))) == 0


def test_the_dictionary_page_is_for_those_who_read_figures(house: House) -> None:
    page = member(house.pages, "steering", language="fr").get("/figures/dictionary")
    assert page.status_code == 200 and "on_site_s" in page.content.decode()
    assert member(house.pages, "operator", "HAI").get("/figures/dictionary").status_code == 404


def test_the_command_writes_an_export_and_names_what_it_cannot_do(house: House, tmp_path: Path) -> None:
    let_prove(house.pages.user("evaluator-1", role="evaluator"))
    config, folder = replace(house.pages.config, demo=True), tmp_path / "taken"

    def egide(folder: Path, *more: str) -> Answer:
        who = ("--as", "evaluator-1", "--reason", "For the university")
        line = ("--keep", "--period", "2027", "--export", str(folder), "--format", "parquet", "--lang", "fr")
        return run(config, "evaluate", *line, *who, *more, stdin=PASSWORD + "\n")

    done = egide(folder)
    assert done.returncode == 0, done.stderr
    assert pl.read_parquet(folder / "records" / "kits.parquet").height == 1
    assert "Données pour la recherche" in (folder / "README.md").read_text()
    assert exports(house.pages.journal)[0].format == "parquet"
    again = egide(folder)
    assert again.returncode == 2 and "name an empty one" in again.stderr
    fine = egide(tmp_path / "x", "--place", "zone:5324")
    assert fine.returncode == 2 and "for the country or for dispatch centres" in fine.stderr
    nowhere = egide(tmp_path / "x", "--place", "zone:4711")
    assert nowhere.returncode == 2 and "There is no zone '4711'" in nowhere.stderr
