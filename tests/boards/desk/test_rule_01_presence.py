"""Safety rule 1: an alarm whose operator is idle, cut off or signed out rings again as new, and everybody reads why."""

import pytest

from egide.boards.desk import service
from egide.journal.errors import JournalUnavailable
from egide.journal.now.presence import Presence
from tests.boards.desk.reading import row_of
from tests.support.pages import MONS, Pages, near, text_of

BOARD = "00112233445566aa"


def taken(pages: Pages, user: str = "op-1") -> str:
    alarm = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.client(pages.user(user)).post(f"/desk/alarms/{alarm}/acknowledge")
    return alarm


def presence(pages: Pages) -> Presence:
    return Presence(pages.config)


def test_rule_01_a_board_says_that_it_is_there_without_writing_into_the_journal(pages: Pages) -> None:
    client = pages.client(pages.user("op-1"))
    head = pages.journal.head()
    assert client.post("/desk/here", {"board": BOARD, "idle_ms": "42000"}).status_code == 204
    board = presence(pages).boards()[0]
    assert (board.board, board.user, board.centre) == (BOARD, "op-1", "HAI")
    assert board.seen_at_us == pages.clock.now_us()
    assert board.active_at_us == pages.clock.now_us() - 42_000_000
    assert pages.journal.head() == head


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"board": BOARD},
        {"board": "x", "idle_ms": "1"},
        {"board": BOARD, "idle_ms": "-1"},
        {"board": BOARD, "idle_ms": "1e3"},
        {"board": BOARD, "idle_ms": "9" * 30},
        {"board": "٣" * 16, "idle_ms": "1"},
    ],
)
def test_a_board_that_speaks_nonsense_is_told_so_and_not_noted(pages: Pages, form: dict[str, str]) -> None:
    assert pages.client(pages.user()).post("/desk/here", form).status_code == 400
    assert presence(pages).boards() == []


def test_only_a_desk_has_boards(pages: Pages) -> None:
    officer = pages.client(pages.user("officer", role="zone-officer", zone="5324"))
    assert officer.post("/desk/here", {"board": BOARD, "idle_ms": "0"}).status_code == 404
    assert (
        pages.client().post("/desk/here", {"board": BOARD}, headers={"HX-Request": "true"}).status_code == 401
    )


def test_rule_01_every_action_counts_as_a_movement(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user("op-2"))
    pages.clock.advance_s(50)
    client.post(f"/desk/alarms/{alarm}/note", {"text": "heard"})
    seen = {board.user: board.active_at_us for board in presence(pages).boards()}
    assert seen["op-2"] == pages.clock.now_us()


def test_presence_that_cannot_be_written_stops_no_action(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: object) -> Presence:
        raise JournalUnavailable("disk I/O error")

    monkeypatch.setattr(service, "_presence", broken)
    alarm = taken(pages)
    state = pages.journal.alarm(alarm)
    assert state is not None and state.lead.acknowledged_by == "op-1"


def test_rule_01_an_idle_operator_loses_the_alarm_and_the_board_says_who_and_why(pages: Pages) -> None:
    alarm = taken(pages)
    client = pages.client(pages.user("op-2"))
    pages.clock.advance_s(60)
    client.post(f"/desk/alarms/{alarm}/shown")
    pages.at_board("op-1", idle_s=60)
    pages.climb(alarm)
    reply = client.get("/desk/board")
    row = row_of(reply, alarm)
    assert (row["rings"], row["looks"], row["shown"], row["taken-by"]) == ("yes", "new", "no", "")
    assert "Op-1 is away from the board: it rings again" in text_of(reply)
    panel = text_of(client.get(f"/desk/alarms/{alarm}"))
    assert "Op-1 is away from the board" in panel and "Take the alarm" in panel
    client.post(f"/desk/alarms/{alarm}/acknowledge")
    assert "is away" not in text_of(client.get("/desk/board"))


def test_rule_01_an_operator_who_is_cut_off_loses_the_alarm(pages: Pages) -> None:
    alarm = taken(pages)
    pages.at_board("op-1")
    pages.clock.advance_s(14)
    pages.climb(alarm)
    client = pages.client(pages.user("op-2"))
    assert row_of(client.get("/desk/board"), alarm)["rings"] == "no"
    pages.clock.advance_s(1)
    pages.climb(alarm)
    reply = client.get("/desk/board")
    assert row_of(reply, alarm)["rings"] == "yes" and "board is cut off: it rings again" in text_of(reply)


def test_rule_01_signing_out_hands_back_what_one_has_and_nothing_else(pages: Pages) -> None:
    mine = taken(pages)
    other = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    second = pages.client(pages.user("op-2"))
    second.post(f"/desk/alarms/{other}/acknowledge")
    first = pages.client(service_user(pages, "op-1"))
    first.post("/sign-out")
    reply = second.get("/desk/board")
    assert row_of(reply, mine)["rings"] == "yes" and row_of(reply, other)["rings"] == "no"
    assert "Op-1 has signed out: it rings again" in text_of(reply)
    assert pages.installation.kinds(f"alarm:{other}").count("OperatorLeft") == 0
    assert {board.user for board in presence(pages).boards()} == {"op-2"}


@pytest.mark.files("a quota of the file")
def test_rule_01_signing_out_succeeds_although_the_journal_takes_nothing(pages: Pages) -> None:
    taken(pages)
    client = pages.client(service_user(pages, "op-1"))
    pages.fill_disk()
    assert client.post("/sign-out").status_code == 302
    assert client.get("/desk/board", headers={"HX-Request": "true"}).status_code == 401


def service_user(pages: Pages, name: str):  # type: ignore[no-untyped-def]
    """The account that was made before."""
    from_name = type(pages.user("unused-" + name))
    return from_name.objects.get(name=name)
