"""`egide duties`: a roster goes out and comes in again every night, and a wrong file changes nothing."""

import json
from pathlib import Path

import pytest

from egide.common.config import Config
from egide.events.rollout import DutiesKept
from egide.outbox.models import OutboxRow
from egide.outbox.service import waiting
from egide.rollout.models import Duty
from egide.rollout.service import do_load_reference
from tests.support.commands import run, start
from tests.support.duties import HEAD, keep, line, who
from tests.support.pages import Pages

pytestmark = pytest.mark.files("what a process of its own reads is a file of the records")


def begin(_pages: Pages) -> None:
    do_load_reference()


@pytest.fixture
def file(pages: Pages, tmp_path: Path) -> Path:
    pages.begin("reference", begin)
    return tmp_path / "roster.csv"


def write(file: Path, *lines: str, head: str = HEAD) -> str:
    file.write_text("\n".join((head, *lines)), encoding="utf-8")
    return str(file)


def egide(pages: Pages, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    answer = run(pages.config, "duties", *arguments, stdin=stdin)
    return answer.returncode, answer.stdout, answer.stderr


def names() -> set[str]:
    return set(Duty.objects.values_list("name", flat=True))


def test_what_was_taken_out_comes_in_again_and_nothing_changes(pages: Pages, file: Path) -> None:
    keep(who(pages, "clerk", office="mons"), f"{line(name='Élise')};clerk-mons", head=f"{HEAD};account")
    before, told = list(Duty.objects.values()), OutboxRow.objects.count()
    # As a program starts it at night.
    answer = start(pages.config, "duties", "export", str(file))
    assert answer.returncode == 0, answer.stderr
    assert file.stat().st_mode & 0o777 == 0o600 and "Élise" in file.read_text(encoding="utf-8")
    answer = start(pages.config, "duties", "import", "--replace", "--json", str(file))
    assert json.loads(answer.stdout) == {"new": 0, "changed": 0, "same": 1, "gone": 0}
    assert list(Duty.objects.values()) == before and OutboxRow.objects.count() == told
    assert egide(pages, "export")[1] == file.read_text(encoding="utf-8")


def test_lines_of_all_places_are_kept_and_the_event_names_the_machines_account(
    pages: Pages, file: Path
) -> None:
    text = "\n".join((HEAD, line(name="A"), line(kind="zone", place="5324", name="B")))
    status, said, _err = egide(pages, "import", "-", stdin=text)
    assert (status, said) == (0, "Lines: 2 new, 0 changed, 0 unchanged; 0 taken out.\n")
    assert names() == {"A", "B"}
    told = waiting("rollout:zone:5324", DutiesKept)
    assert told is not None and told[0].by and told[0].number == 1


def test_a_wrong_line_is_named_and_nothing_of_the_file_is_kept(pages: Pages, file: Path) -> None:
    path = write(file, line(name="Right"), "office;mons;X;ring me;tomorrow;2026-11-28 20:00")
    status, said, err = egide(pages, "import", path)
    assert status == 2 and not said and not names()
    assert "line 3, number: This is no telephone number" in err and "line 3, from: “tomorrow”" in err
    assert "Nothing was changed. Faults in the file: 2." in err
    status, said, _err = egide(pages, "import", "--json", path)
    assert status == 2 and {fault["column"] for fault in json.loads(said)["faults"]} == {"number", "from"}


def test_a_whole_file_takes_out_what_it_does_not_say_of_its_places_and_its_time(
    pages: Pages, file: Path
) -> None:
    keep(
        who(pages, "coordinator"),
        line(-3, 1, name="Runs since before"),
        line(5, 15, name="Replaced"),
        line(40, 50, name="Later"),
        line(5, 15, kind="zone", place="5324", name="Of the zone"),
    )
    path = write(file, line(5, 15, name="New"), line(15, 30, name="New"))
    assert egide(pages, "import", path)[1] == "Lines: 2 new, 0 changed, 0 unchanged; 0 taken out.\n"
    assert "Replaced" in names()
    status, said, _err = egide(pages, "import", "--replace", path)
    assert (status, said) == (0, "Lines: 0 new, 0 changed, 2 unchanged; 1 taken out.\n")
    assert names() == {"Runs since before", "New", "Later", "Of the zone"}
    told = waiting("rollout:office:mons", DutiesKept)
    assert told is not None and told[0].number == -1


@pytest.mark.parametrize("wrong", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_a_sentence(pages: Pages, file: Path, wrong: str) -> None:
    status, _said, err = egide(pages, "import", str(file.parent / wrong))
    assert status == 2 and "cannot be read" in err
    status, _said, err = egide(pages, "export", str(file.parent / "nowhere" / "file"))
    assert status == 2 and "cannot be written" in err


def test_without_an_installation_there_is_a_sentence(tmp_path: Path) -> None:
    for arguments in (("export",), ("import", "-")):
        answer = run(Config(tmp_path / "none"), "duties", *arguments)
        assert answer.returncode == 1 and "There is no journal" in answer.stderr
    assert not list(tmp_path.iterdir())
