"""`egide journal erase`, `hold` and `release`, as two people use them on the server (safety rule 29)."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction

from egide.access.models import User
from egide.access.service import check_code
from egide.alarm.events import AlarmClosed, NoteAdded
from egide.casework.models import BarredReader, Beneficiary, Case
from egide.events.register import GrantChanged, KitReturned, RecordsKept
from egide.journal.ending.erasing import KEPT_STREAM
from egide.journal.sealing.keys import KeyErased, KeyStore
from egide.outbox.copy import copy_waiting
from egide.outbox.models import OutboxRow
from egide.outbox.service import offer
from tests.support.commands import Answer, let_prove, run, start
from tests.support.installation import Phone
from tests.support.pages import GENT, MONS, PASSWORD, Pages

SECRET = "she sleeps at her aunt's"
OFFICE = "mons"
Give = Callable[..., Answer]


@pytest.fixture
def staff(pages: Pages) -> Pages:
    """Four people with a password that the command can check, and one file of the office of two of them."""
    made = [
        pages.user("dpo-1", role="data-protection"),
        pages.user("magistrate-1", role="magistrate", office=OFFICE),
        pages.user("magistrate-2", role="magistrate", office="gent"),
        pages.user("chief-1", role="supervisor"),
        pages.user("admin-1", role="administrator"),
    ]
    let_prove(*made)
    Case.objects.filter(id=case_of(pages)).update(office=OFFICE)
    return pages


def case_of(pages: Pages) -> str:
    return str(pages.files[MONS].case.id)


def egide(
    pages: Pages,
    command: str,
    *arguments: str,
    by: str = "dpo-1",
    password: str = PASSWORD,
    demo: bool = True,
    give: Give = run,
) -> Answer:
    """In the demo a password is enough; `password` may carry a code on a second line."""
    line = ("journal", command, *arguments, "--as", by)
    return give(replace(pages.config, demo=demo), *line, stdin=password + "\n")


def ended(pages: Pages, file: int = MONS) -> tuple[Phone, str]:
    """An alarm that is over, and the kit back."""
    phone = pages.phone(file)
    alarm = pages.alarm(phone)
    pages.installation.act(alarm, NoteAdded(user="op", text=SECRET))
    pages.installation.act(alarm, AlarmClosed(user="op", outcome="arrest", reason=SECRET))
    pages.installation.append(f"kit:{phone.kit}", KitReturned(kit=phone.kit), case=phone.case)
    return phone, alarm


def content(directory: Path) -> dict[str, bytes]:
    """Every file of the data directory, also the logs of the databases.

    Read by another process: closing a file drops this process's locks on it (POSIX), and SQLite relies on them.
    """
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path.name: subprocess.run(["cat", path], capture_output=True).stdout for path in files}


def found_in(directory: Path, needles: list[bytes]) -> list[tuple[str, bytes]]:
    return [(name, one) for name, data in content(directory).items() for one in needles if one in data]


@pytest.mark.files("looks for it in the files")
def test_rule_29_two_people_erase_a_file_and_no_file_of_the_system_can_open_it_any_more(staff: Pages) -> None:
    case, (phone, alarm) = case_of(staff), ended(staff)
    with transaction.atomic():
        offer(GrantChanged(kit=phone.kit, grant_ends_at_s=1), f"kit:{phone.kit}", case)
    copy_waiting(staff.config, staff.journal)
    keys = staff.installation.keys
    with closing(sqlite3.connect(staff.config.data_dir / "keys.db")) as database:
        (wrapped,) = database.execute("SELECT wrapped FROM case_key WHERE case_id = ?", (case,)).fetchone()
    sealed = bytes(Beneficiary.objects.get(case_id=case).sealed)
    offered = [bytes(body) for body in OutboxRow.objects.filter(case=case).values_list("body", flat=True)]
    opens = [keys.case_key(case).raw, keys.record_key(case).raw, keys.stream_key(case, f"alarm:{alarm}").raw]
    plain = [SECRET.encode(), staff.files[MONS].name.encode(), staff.files[MONS].name.split()[0].encode()]
    gone = [wrapped, sealed, *offered]
    names = {name for name, _ in found_in(staff.config.data_dir, gone)}
    assert any(name.startswith("keys.db") for name in names) and any(
        name.startswith("app.db") for name in names
    )
    assert staff.journal.last_known_alarm(alarm), "remembered by the pages"

    asked = egide(staff, "erase", case)
    assert asked.returncode == 0 and "Nothing is erased yet" in asked.stdout, asked.stderr
    assert Case.objects.filter(id=case).exists() and keys.case_key(case)
    same = egide(staff, "erase", case)
    assert same.returncode == 1 and "another person" in same.stderr
    erased = egide(staff, "erase", case, by="magistrate-1", give=start)
    assert erased.returncode == 0 and "Erased" in erased.stdout, erased.stderr

    assert found_in(staff.config.data_dir, [*plain, *opens, *gone]) == []
    for store in (keys, KeyStore.open(staff.config)):
        with pytest.raises(KeyErased):
            store.case_key(case)
    assert staff.journal.last_known_alarm(alarm) is None
    assert not Case.objects.filter(id=case).exists() and not Beneficiary.objects.filter(case_id=case).exists()
    assert not OutboxRow.objects.filter(case=case).exists()
    bodies = [row for row in staff.journal.every() if row.key == case]
    assert len(bodies) >= 5, "its events still stand, sealed for ever"
    [kept] = [staff.journal.open_event(row) for row in staff.journal.stream(KEPT_STREAM)]
    assert isinstance(kept, RecordsKept) and '"outcome":"arrest"' in kept.tables["alarms"]
    assert Case.objects.count() == 3 and keys.case_key(staff.files[GENT].case.id)
    assert run(staff.config, "journal", "verify").returncode == 0
    again = egide(staff, "erase", case, by="magistrate-1")
    assert again.returncode == 0 and "already" in again.stdout


def test_rule_29_who_has_no_right_to_it_learns_no_more_than_of_a_file_that_is_not_there(staff: Pages) -> None:
    case, _ended = case_of(staff), ended(staff)
    for name in ("magistrate-2", "chief-1", "admin-1"):
        answer = egide(staff, "erase", case, by=name)
        nothing = egide(staff, "erase", "0" * 16, by=name)
        assert answer.returncode == nothing.returncode == 1
        assert answer.stderr.replace(case, "") == nothing.stderr.replace("0" * 16, "")
        assert answer.stdout == nothing.stdout == ""
    BarredReader.objects.create(case_id=case, mark=f"office:{OFFICE}")
    assert egide(staff, "erase", case, by="magistrate-1").returncode == 1
    assert staff.installation.kinds(f"erasing:{case}") == []


def test_a_wrong_password_and_an_unknown_name_sound_the_same(staff: Pages) -> None:
    case, _ended = case_of(staff), ended(staff)
    wrong = egide(staff, "erase", case, password="wrong")
    unknown = egide(staff, "erase", case, by="nobody")
    assert wrong.returncode == unknown.returncode == 1
    assert wrong.stderr == unknown.stderr and "Traceback" not in wrong.stderr
    assert staff.installation.kinds(f"erasing:{case}") == []


def test_outside_the_demo_a_password_is_not_enough_and_a_code_counts_once(staff: Pages) -> None:
    case, _ended = case_of(staff), ended(staff)
    user = User.objects.get(name="dpo-1")
    codes = RecoveryCodes.activate(user).get_unused_codes()
    for password in (PASSWORD, f"{PASSWORD}\n00000000", f"wrong\n{codes[0]}"):
        answer = egide(staff, "erase", case, password=password, demo=False)
        assert answer.returncode == 1 and "code is wrong" in answer.stderr
    held = egide(staff, "hold", case, "--reason", "-", password=f"{PASSWORD}\n{codes[0]}", demo=False)
    assert held.returncode == 0, held.stderr
    again = egide(staff, "release", case, "--reason", "-", password=f"{PASSWORD}\n{codes[0]}", demo=False)
    assert again.returncode == 1 and "code is wrong" in again.stderr
    assert egide(staff, "release", case, "--reason", "-").returncode == 1, (
        "who has a code needs it in the demo too"
    )
    assert staff.installation.kinds(f"erasing:{case}") == ["HoldPlaced"]


def test_guessing_codes_is_slowed_down(staff: Pages) -> None:
    user = User.objects.get(name="dpo-1")
    (code, *_others) = RecoveryCodes.activate(user).get_unused_codes()
    for _ in range(6):
        assert not check_code(user, "00000000", staff.clock)
    assert not check_code(user, code, staff.clock)
    staff.clock.advance_s(301)
    assert check_code(user, code, staff.clock)


def test_rule_29_a_legal_hold_says_so_and_erases_nothing(staff: Pages) -> None:
    case, _ended = case_of(staff), ended(staff)
    number = Case.objects.get(id=case).number
    assert egide(staff, "erase", case).returncode == 0
    held = egide(staff, "hold", number, "--reason", "inquiry 12/2026", by="magistrate-1", give=start)
    assert held.returncode == 0, held.stderr
    for name in ("dpo-1", "magistrate-1"):
        answer = egide(staff, "erase", case, by=name)
        assert answer.returncode == 1 and "legal hold" in answer.stderr
        assert "magistrate-1: inquiry 12/2026" in answer.stderr
    assert b"inquiry 12/2026" not in b"".join(content(staff.config.data_dir).values())
    released = egide(staff, "release", case, "--reason", "judgment", by="magistrate-1", give=start)
    assert released.returncode == 0, released.stderr
    assert "Nothing is erased yet" in egide(staff, "erase", case).stdout
    assert staff.installation.keys.case_key(case)


def test_rule_29_an_open_alarm_and_a_kit_outside_stop_it(staff: Pages) -> None:
    phone = staff.phone()
    alarm = staff.alarm(phone)
    answer = egide(staff, "erase", phone.case)
    assert answer.returncode == 1 and f"Alarm {alarm}" in answer.stderr
    staff.installation.act(alarm, AlarmClosed(user="op", outcome="arrest", reason="-"))
    answer = egide(staff, "erase", phone.case)
    assert answer.returncode == 1 and f"Kit {phone.kit}" in answer.stderr


def test_rule_29_exports_outside_are_named_with_whom_they_are_for(staff: Pages, tmp_path: Path) -> None:
    case, (_phone, alarm) = case_of(staff), ended(staff)
    officer = staff.user("ref-1", role="reference-officer", zone="5324")
    let_prove(officer)
    export = ("journal", "export", "--alarm", alarm, "--as", "ref-1", "--reason", "The court asked for it")
    config, file = replace(staff.config, demo=True), tmp_path / "elsewhere.jsonl"
    given = run(config, *export, "--to", "court of Mons", str(file), stdin=PASSWORD + "\n")
    assert given.returncode == 0, given.stderr
    assert file.stat().st_mode & 0o077 == 0, "who reads it can open it"
    for name in ("dpo-1", "magistrate-1"):
        answer = egide(staff, "erase", case, by=name)
        assert f"alarm:{alarm}" in answer.stdout and "court of Mons" in answer.stdout
    refused = run(config, *export, str(tmp_path / "late.jsonl"), stdin=PASSWORD + "\n")
    assert refused.returncode == 1 and "There is no alarm" in refused.stderr
    assert not (tmp_path / "late.jsonl").exists()
