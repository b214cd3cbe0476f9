"""What goes in and out: a scan that acts, a photo read alone, a mail in the clear, rows that point at somebody."""

import csv
import html
import io
import re
import zipfile

import pytest
from PIL import Image

from egide.evaluation.exports.coarsening import BODIES
from egide.events.register import FileOpened
from tests.attacks.test_scripts_in_a_scan import HIDDEN, SCRIPT, with_action
from tests.support.browser import account
from tests.support.caller import Caller
from tests.support.house import MONS, House
from tests.support.pdf import compressed_pdf, raw_pdf, scanned
from tests.support.waiting import WITHIN_S, until

KEEPER, EVALUATOR, GUESSED = "mons-quevy-ref", "evaluator-01", "steering-01"


def upload(house: House, content: bytes) -> int:
    """An agreement that comes back signed; what the filter lets through is refused by the life of the file (409)."""
    address = f"/files/{house.person(MONS)['case']}/step/agreement"
    scan = {"scan": ("agreement.pdf", content, "application/pdf")}
    return house.caller(KEEPER).post(address, files=scan, on="2026-01-05", version="0").status_code


@pytest.mark.parametrize("make", [raw_pdf, compressed_pdf])
@pytest.mark.parametrize("action", [SCRIPT, HIDDEN])
def test_a_script_comes_back_with_the_agreement(house: House, make, action: bytes) -> None:  # type: ignore[no-untyped-def]
    assert upload(house, make(*with_action(action))) == 422


def test_a_scan_that_is_nothing_but_pages_passes_the_filter(house: House) -> None:
    assert upload(house, scanned()) == 409


def with_photo(house: House) -> tuple[str, str]:
    """The file of Mons and the address of a photo in it."""
    keeper, file = house.caller(KEEPER), f"/files/{house.person(MONS)['case']}/"
    owner = re.search(rf"{file}photo/(\w+)", keeper.get(file).text)
    assert owner
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    sent = {"photo": ("face.png", picture.getvalue(), "image/png")}
    assert keeper.post(owner[0], files=sent).status_code == 302
    found = re.search(rf"{file}paper/\w+", keeper.get(owner[0]).text)
    assert found
    return file, found[0]


def test_a_photo_is_fetched_by_its_address_alone(house: House) -> None:
    keeper, (file, photo) = house.caller(KEEPER), with_photo(house)

    def readings() -> int:
        house.settle()
        return sum(event.user == KEEPER and event.case in file for event in house.events(FileOpened))

    before = readings()
    assert keeper.get(photo).headers["Content-Type"] == "image/jpeg"
    assert readings() == before + 1
    # As part of a page it belongs to the opening of the page.
    shown = re.search(rf'{photo}\?[^"]+', keeper.get(file).text)
    assert shown
    assert keeper.get(html.unescape(shown[0])).status_code == 200
    assert readings() == before + 2


def test_an_alert_goes_out_under_tls(house: House) -> None:
    """Nobody is at a board: watch tells of the alarm by the second road."""
    house.pressed(house.phone(MONS))
    until(lambda: b"no board" in house.box.mails.get(timeout=WITHIN_S).content, "the alert comes")
    assert {house.box.was_sealed.get() for _mail in range(house.box.was_sealed.qsize())} == {True}


def test_somebody_at_an_open_desk_guesses_its_password(house: House) -> None:
    sessions = [house.caller(GUESSED), Caller(house.stack).enter(GUESSED)]
    password = account(house.stack, GUESSED)["password"]

    def change(caller: Caller, old: str) -> int:
        new = "eleven green boats"
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        return caller.post("/account/password", **form).status_code

    assert [change(sessions[number % 2], "wrong") for number in range(5)] == [422] * 5
    assert [change(one, password) for one in sessions] == [429, 429]
    assert Caller(house.stack).sign_in(GUESSED).get("/account").status_code == 200, (
        "the password is the old one"
    )


def test_the_rows_for_science_tell_no_zone_day_hour_or_second(house: House) -> None:
    house.pressed(house.phone(MONS))
    house.stack.start_figures()
    house.stack.wait_for_figures()
    taken = house.caller(EVALUATOR).post("/figures/export", format="csv")
    assert taken.headers["Content-Type"] == "application/zip"
    told = set()
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        for name in archive.namelist():
            table = name.removeprefix("records/").removesuffix(".csv")
            if not name.startswith("records/") or table in BODIES:
                continue
            for row in csv.DictReader(io.StringIO(archive.read(name).decode())):
                told.add(table)
                assert not {"zone", "office", "managing_zone"}.intersection(row), table
                for column, value in row.items():
                    assert not is_fine(column, value), (table, column, value)
    assert {"alarms", "kits"} <= told


def is_fine(column: str, value: str) -> bool:
    """Whether this points closer than a month, a quarter of a day, a week or ten seconds."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return not value.endswith("-01")
    if not value.isdecimal():
        return False
    if column == "hour":
        return int(value) % 6 != 0
    if column == "days" or column.endswith("_days"):
        return int(value) % 7 != 0
    return column.endswith("_s") and int(value) % (10 if int(value) <= 120 else 60) != 0
