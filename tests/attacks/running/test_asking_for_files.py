"""Somebody opens files that are not theirs: by counting numbers, by guessing, in a row, alone (safety rule 41)."""

import html
import re

from egide.events.register import FileAsked, FileOpened
from tests.support.house import GENT, House

ASKS, KEEPS, REFERENCE, OFFICER = "mons-quevy-21", "gent-44", "gent-ref", "dpo-01"
WHY = "Her sister called: she has left the house with him"
ASK = "/files/by-reason"


def of_her(house: House) -> dict[str, str]:
    """Name and birth date as they stand in her file, and her file's number."""
    keeper, case = house.caller(KEEPS), house.person(GENT)["case"]
    page = keeper.get(f"/files/{case}/").text
    number, form = re.search(r"\b20\d\d-\d{4,}\b", page), re.search(rf"/files/{case}/beneficiary/\w+", page)
    assert number and form, page
    typed = keeper.get(form[0]).text
    fields = {name: re.search(rf'<input[^>]*name="{name}"[^>]*>', typed) for name in ("name", "born")}
    values = {name: re.search(r'value="([^"]*)"', found[0]) for name, found in fields.items() if found}
    return {name: html.unescape(found[1]) for name, found in values.items() if found} | {"number": number[0]}


def by(house: House, user: str) -> list[FileOpened]:
    return [event for event in house.events(FileOpened) if event.user == user and event.why]


def test_he_counts_guesses_asks_in_a_row_and_reads_alone(house: House) -> None:
    known, stranger = of_her(house), house.caller(ASKS)
    asked = {"name": known["name"], "born": known["born"], "why": WHY}
    # A number opens nothing, whatever the reason, and is no ask.
    for _again in range(3):
        reply = stranger.post(ASK, number=known["number"], why=WHY)
        assert reply.status_code == 422 and known["name"] not in html.unescape(reply.text)
    # Nobody's alarm is open: somebody of her zone says yes first, and nobody else does.
    assert stranger.post(ASK, **asked).status_code == 302
    (asking,) = house.rows("SELECT id FROM casework_asking WHERE \"case\" <> ''")[0]
    assert stranger.post(ASK, do="open", asking=asking).status_code == 422
    assert stranger.post("/files/asked", asking=asking, answer="yes").status_code == 404
    house.settle()
    assert house.events(FileAsked)
    assert WHY in house.caller(KEEPS).look("/files/asked")

    # While an alarm of hers is open it opens at once, but not for a wrong birth date, which is answered like no file.
    alarm = house.pressed(house.phone(GENT))
    assert stranger.post(ASK, **asked | {"born": "1980-01-01"}).status_code == 302
    page = stranger.look(ASK)
    assert page.count("No answer yet. There may be no such file.") == 2 and known["name"] not in page
    assert by(house, ASKS) == []
    shown = stranger.post(ASK, **asked)
    assert shown.status_code == 200 and known["name"] in html.unescape(shown.text)
    (opened,) = by(house, ASKS)
    assert (opened.alarm, opened.why, opened.managing_zone) == (alarm, WHY, house.person(GENT)["zone"])
    # Zone and officer hear of it at once.
    for name in (REFERENCE, OFFICER):
        assert WHY in house.caller(name).look("/readings/exceptional"), name

    # Three in a shift, with an open alarm too.
    last = stranger.post(ASK, **asked)
    assert last.status_code == 429 and known["name"] not in html.unescape(last.text)
    assert len(by(house, ASKS)) == 1
