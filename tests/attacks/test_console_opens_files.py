"""Somebody with a shell on the server reads files by the command line, where no page asks who they are (rule 41)."""

import io
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import override_settings

from egide.access.models import Reading
from egide.access.readings.readings import catch_up
from egide.alarm.events import NoteAdded
from egide.casework.models import BarredReader
from egide.entrypoints.cli.person import ProvenReader
from egide.evaluation.service import rebuild
from egide.events.register import FileOpened
from tests.support.commands import HASHER, Answer, let_prove, run
from tests.support.pages import GENT, MONS, PASSWORD, Pages

HERS, ANOTHERS = "she hides in the cellar", "she hides in the attic"
WHY = "The court asked for the minutes"


@pytest.fixture
def alarms(pages: Pages) -> list[str]:
    """An alarm in Mons and one in Gent, each with a note."""
    found = [pages.alarm(pages.phone(MONS)), pages.alarm(pages.phone(GENT), centre="OVL", zone="5415")]
    for alarm, text in zip(found, (HERS, ANOTHERS), strict=True):
        pages.installation.act(alarm, NoteAdded(user="op", text=text))
    let_prove(
        pages.user("zone-1", role="zone-officer", zone="5324"),
        pages.user("operator-1"),
        pages.user("far-1", role="zone-officer", zone="5330"),
        pages.user("magistrate-1", role="magistrate", office="mons"),
        pages.user("admin-1", role="administrator"),
        pages.user("dpo-1", role="data-protection"),
        pages.user("coordinator-1", role="coordinator"),
    )
    return found


def journal(pages: Pages, *arguments: str, stdin: str = PASSWORD + "\n", demo: bool = True) -> Answer:
    return run(replace(pages.config, demo=demo), "journal", *arguments, stdin=stdin)


def tail(pages: Pages, name: str, why: str = WHY, **more: object) -> Answer:
    return journal(pages, "tail", "-n", "1000", "--open", "--as", name, "--reason", why, **more)  # type: ignore[arg-type]


def readings(pages: Pages) -> list[FileOpened]:
    found = [pages.journal.open_event(row) for row in pages.journal.every() if row.kind == "FileOpened"]
    return [event for event in found if isinstance(event, FileOpened)]


def test_he_gives_no_name_no_reason_or_a_wrong_password(
    pages: Pages, alarms: list[str], tmp_path: Path
) -> None:
    one = ("export", "--alarm", alarms[0], str(tmp_path / "one"))
    for asked in (
        ("tail", "--open"),
        ("tail", "--open", "--reason", WHY),
        ("tail", "--open", "--as", "zone-1"),
        ("tail", "--open", "--as", "zone-1", "--reason", "because"),
        one,
        (*one, "--as", "zone-1"),
        (*one, "--reason", WHY),
    ):
        refused = journal(pages, *asked)
        assert refused.returncode == 2 and HERS not in refused.stdout, asked
    wrong, nobody = tail(pages, "zone-1", stdin="guessed\n"), tail(pages, "nobody-1")
    assert wrong.returncode == nobody.returncode == 1 and wrong.stderr == nobody.stderr
    # Outside the demo a password alone opens nothing.
    assert "is wrong" in tail(pages, "zone-1", demo=False).stderr
    assert readings(pages) == [] and not (tmp_path / "one").exists()


def test_he_opens_what_his_pages_would_not_show(pages: Pages, alarms: list[str], tmp_path: Path) -> None:
    for name in ("far-1", "magistrate-1", "admin-1", "dpo-1", "coordinator-1"):
        told = tail(pages, name)
        assert told.returncode == 0 and HERS not in told.stdout and ANOTHERS not in told.stdout, name
    for name in ("far-1", "admin-1", "dpo-1"):
        file = tmp_path / name
        refused = journal(pages, "export", "--alarm", alarms[0], "--as", name, "--reason", WHY, str(file))
        assert refused.returncode == 1 and not file.exists()
        assert refused.stderr == f"Error: There is no alarm {alarms[0]} that {name} may open.\n"
    assert not [event for event in readings(pages) if event.alarm]


@pytest.mark.parametrize(("name", "mark"), [("operator-1", "user:operator-1"), ("zone-1", "zone:5324")])
def test_a_barred_reader_goes_to_the_console(pages: Pages, alarms: list[str], name: str, mark: str) -> None:
    assert HERS in tail(pages, name).stdout
    phone = alarms[0].partition("-")[0]
    case = str(pages.files[MONS].case.id)
    BarredReader.objects.create(case_id=case, mark=mark)
    told = tail(pages, name)
    assert told.returncode == 0 and "AlarmRouted" in told.stdout
    assert all(word not in told.stdout for word in (HERS, phone, case))


def test_a_reader_who_is_barred_while_following_hears_no_more(
    pages: Pages, alarms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    with override_settings(EGIDE=replace(pages.config, demo=True), PASSWORD_HASHERS=[HASHER]):
        reader = ProvenReader("operator-1", WHY)
    (row, *_more) = pages.journal.stream(f"alarm:{alarms[0]}")
    assert reader.may_know_of(row) and reader.opens(row)
    BarredReader.objects.create(case_id=pages.files[MONS].case.id, mark="user:operator-1")
    reader.look_again()
    assert not reader.may_know_of(row)


def test_who_may_read_it_is_on_record_before_a_word_is_shown(
    pages: Pages, alarms: list[str], tmp_path: Path
) -> None:
    told = tail(pages, "operator-1")
    assert HERS in told.stdout and ANOTHERS not in told.stdout and PASSWORD not in told.stdout
    (reading,) = readings(pages)
    case = str(pages.files[MONS].case.id)
    assert (reading.case, reading.user, reading.alarm, reading.why) == (case, "operator-1", alarms[0], WHY)
    assert reading.managing_zone == "5324"
    file = tmp_path / "one.jsonl"
    taken = journal(
        pages, "export", "--alarm", alarms[0], "--as", "zone-1", "--reason", WHY, "--to", "court", str(file)
    )
    assert taken.returncode == 0, taken.stderr
    assert [event.user for event in readings(pages)] == ["operator-1", "zone-1"]
    # The zone and the data-protection officer have to take note of both.
    catch_up()
    assert Reading.objects.filter(is_exceptional=True, zone="5324").count() == 2
    page = pages.client(pages.user("dpo-2", role="data-protection")).get("/start").content.decode()
    assert "Operator-1" in page and "Zone-1" in page


@pytest.mark.files("a fault of the file")
def test_the_journal_takes_no_record(pages: Pages, alarms: list[str]) -> None:
    with closing(sqlite3.connect(pages.config.journal_db)) as connection:
        connection.execute(
            "CREATE TRIGGER unable BEFORE INSERT ON event WHEN NEW.kind = 'FileOpened'"
            " BEGIN SELECT RAISE(ABORT, 'unable'); END"
        )
    told = tail(pages, "operator-1")
    assert told.returncode == 1 and HERS not in told.stdout and "nothing is opened" in told.stderr


def test_he_takes_the_rows_of_science(pages: Pages, alarms: list[str], tmp_path: Path) -> None:
    let_prove(pages.user("evaluator-1", role="evaluator"))
    # Records of real people: an installation that is no demo.
    config = replace(pages.config, demo=False)
    rebuild()
    asked = ("evaluate", "--keep", "--period", "2027")
    taken = (*asked, "--export", str(tmp_path / "rows"), "--reason", "For the university")
    for line in (asked, taken, (*asked, "--export", str(tmp_path / "rows"), "--as", "evaluator-1")):
        assert run(config, *line).returncode == 2, line
    for name in ("admin-1", "operator-1"):
        for line in (asked, taken):
            refused = run(replace(config, demo=True), *line, "--as", name, stdin=PASSWORD + "\n")
            assert refused.returncode == 2 and "nothing here" in refused.stderr, (name, line)
    assert not (tmp_path / "rows").exists()
    done = run(replace(config, demo=True), *taken, "--as", "evaluator-1", stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    (row,) = pages.journal.stream("evaluation:exports")
    assert "For the university" in str(pages.journal.open_event(row))
    read = run(replace(config, demo=True), *asked, "--as", "coordinator-1", stdin=PASSWORD + "\n")
    assert read.returncode == 0, read.stderr
