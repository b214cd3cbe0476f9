"""Something is damaged: one entry, one file, one key. Whatever can still be shown is shown."""

from egide.alarm.events import VerificationFailed
from egide.casework.models import Beneficiary, Measure, Weapon
from tests.support.pages import GENT, MONS, Pages, near, text_of


def add_garbage(pages: Pages, stream: str, kind: str, case: str, body: bytes = b"garbage" * 5) -> None:
    """An entry that no key opens, written past the journal's own ways."""
    rows = pages.journal.stream(stream)
    version = rows[-1].version if rows else 0
    values = (
        pages.journal.head() + 1,
        stream,
        version + 1,
        kind,
        pages.clock.now_us(),
        "HAI",
        "",
        case,
        None,
        body,
    )
    pages.journal.connection.execute(
        "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (*values, bytes(32), bytes(32))
    )


def forget_key(pages: Pages, case: str) -> None:
    pages.installation.keys._place.execute("DELETE FROM case_key WHERE case_id = ?", (case,))
    pages.installation.keys._cases.clear()


def test_an_entry_that_cannot_be_read_is_flagged_and_the_alarm_can_still_be_taken(pages: Pages) -> None:
    phone = pages.phone(MONS)
    alarm = pages.alarm(phone)
    add_garbage(pages, f"alarm:{alarm}", "PositionReceived", phone.case)
    text = text_of(pages.client(pages.user()).get(f"/desk/alarms/{alarm}"))
    assert "Holds something that this version cannot read (1)" in text and "Take the alarm" in text
    assert "Alix Exemple" in text


def test_a_file_that_cannot_be_read_takes_neither_its_alarm_nor_others_from_the_board(pages: Pages) -> None:
    broken = pages.alarm(pages.phone(MONS), near(pages.files[MONS]))
    pages.alarm(pages.phone(GENT))
    case = pages.files[MONS].case
    for model in (Beneficiary, Measure, Weapon):
        model.objects.filter(case=case).update(sealed=b"garbage" * 5)
    client = pages.client(pages.user())
    board = text_of(client.get("/desk/board"))
    assert "Kit without a file" in board and "Anke Voorbeeld" in board
    assert client.get(f"/desk/alarms/{broken}").status_code == 200
    briefing = client.get(f"/response/alarms/{broken}/briefing")
    assert briefing.status_code == 200 and "No file can be read" in text_of(briefing)


def test_an_erased_person_leaves_the_technical_lane(pages: Pages) -> None:
    erased, stays = pages.phone(MONS), pages.phone(GENT)
    for phone in (erased, stays):
        failed = VerificationFailed(device=phone.device, reason="bad-signature", envelope_hash="00")
        pages.installation.append(f"device:{phone.device}", failed, case=phone.case, centres=("HAI",))
    forget_key(pages, erased.case)
    text = text_of(pages.client(pages.user()).get("/desk/board"))
    assert stays.device[:8] in text and erased.device[:8] not in text


def test_a_board_that_cannot_read_the_journal_says_so_plainly(pages: Pages) -> None:
    client = pages.client(pages.user())
    pages.journal.connection.execute("DROP TABLE alarm")
    reply = client.get("/desk/board")
    assert reply.status_code == 503
    assert reply.content.decode() == "The journal takes nothing at the moment. Act, and try again."
    assert client.get("/desk/").status_code == 503
