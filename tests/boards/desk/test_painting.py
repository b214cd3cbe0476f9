"""Rows are painted once for all boards that show the same, and never shown to a board that sees something else."""

import re
from typing import Any

import pytest

from egide.alarm.events import AlarmAcknowledged, PressedAgain, ShownOnBoard, VerificationFailed
from egide.boards.desk.painting import painter
from egide.outbox.service import journal
from tests.support.pages import MONS, Pages, near


def row_of(reply: Any) -> dict[str, str]:
    (row,) = re.findall(r"<li id=\"row-[^>]*>", reply.content.decode())
    return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', row))


def test_what_one_reader_was_shown_is_not_what_another_sees(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.installation.act(alarm, ShownOnBoard(user="op-1", centre="HAI"))
    pages.installation.act(alarm, AlarmAcknowledged(user="op-1"))
    first, second = pages.client(pages.user("op-1")), pages.client(pages.user("op-2"))
    in_dutch = pages.client(pages.user("op-3"), language="nl")
    for _ in range(2):
        assert [row_of(first.get("/desk/board"))[name] for name in ("mine", "shown")] == ["yes", "yes"]
        assert [row_of(second.get("/desk/board"))[name] for name in ("mine", "shown")] == ["no", "no"]
        assert "Zone verwittigen" in in_dutch.get("/desk/board").content.decode()


def test_a_row_is_never_older_than_its_alarm(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone, near(pages.files[MONS]))
    client = pages.client(pages.user())
    assert row_of(client.get("/desk/board"))["presses"] == "1"
    pages.send(alarm, PressedAgain, phone)
    assert row_of(client.get("/desk/board"))["presses"] == "2"


def test_nothing_of_an_erased_case_stays_painted(pages: Pages) -> None:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.client(pages.user()).get("/desk/board")
    state = pages.journal.alarm(alarm)
    assert state is not None
    known = painter(pages.journal.keys)
    assert known._painted
    known._forget(state.case)
    assert not known._painted


def test_nothing_of_an_erased_case_stays_painted_under_the_list(pages: Pages) -> None:
    phone = pages.phone(MONS)
    failed = VerificationFailed(device=phone.device, reason="bad-signature", envelope_hash="00")
    pages.installation.append(f"device:{phone.device}", failed, case=phone.case, centres=("HAI",))
    assert phone.device[:8] in pages.client(pages.user()).get("/desk/board").content.decode()
    known = painter(pages.journal.keys)
    known._forget(phone.case)
    assert not any(phone.device[:8] in painted for _cases, painted in known._painted.values())


@pytest.mark.files("SQLite says what it is asked")
def test_a_board_asks_the_journal_as_often_for_many_alarms_as_for_one(pages: Pages) -> None:
    client = pages.client(pages.user())
    asked: list[str] = []

    def asked_by_a_board_that_saw_all() -> int:
        client.get("/desk/board")
        journal().connection.set_trace_callback(asked.append)
        client.get("/desk/board")
        journal().connection.set_trace_callback(None)
        count = len(asked)
        asked.clear()
        return count

    pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    for_one = asked_by_a_board_that_saw_all()
    for _ in range(5):
        pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    assert 0 < asked_by_a_board_that_saw_all() == for_one
