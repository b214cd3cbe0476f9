"""Somebody has the files of the running installation, or a copy: cookies, barred names, numbers and joins in them."""

import re
from http.cookiejar import Cookie

from egide.events.register import FileOpened
from tests.support.caller import Caller
from tests.support.clear_text import find_clear_text
from tests.support.house import MONS, House

KEEPER, OFFICER, CLERK = "mons-quevy-ref", "mons-quevy-21", "parquet-mons-greffe"
REVIEWER, COUSIN = "dpo-01", "hainaut-07"


def cookie(caller: Caller) -> Cookie:
    return next(one for one in caller.session.cookies if one.name.endswith("egide_session"))


def test_he_takes_what_stands_there_as_a_cookie(house: House) -> None:
    person = Caller(house.stack).sign_in(CLERK)
    assert person.get("/files/").status_code == 200
    stored = [key for (key,) in house.rows("SELECT session_key FROM django_session")]
    assert stored
    for key in stored:
        thief = Caller(house.stack)
        thief.session.cookies.set(cookie(person).name, key, domain=cookie(person).domain)
        assert thief.get("/files/").headers["Location"].startswith("/sign-in"), key
    assert find_clear_text(house.stack.config.data_dir, [], [str(cookie(person).value)]) == []


def test_he_looks_up_who_is_barred_whose_alarm_it_was_and_which_telephone_is_lent(house: House) -> None:
    case = house.person(MONS)["case"]
    house.bar(case, COUSIN)
    alarm = house.pressed(house.phone(MONS))
    assert house.caller(OFFICER).get(f"/zone/alarms/{alarm}/file/").status_code == 200
    house.settle()
    assert [one.user for one in house.events(FileOpened) if one.alarm == alarm] == [OFFICER]
    # The table of readings follows the journal when somebody reviews them.
    house.caller(REVIEWER).look("/readings")

    page = house.caller(KEEPER).get(f"/files/{case}/").text
    number = re.search(r"\b20\d\d-\d{4,}\b", page)
    stock = house.caller(KEEPER).get("/stock/items/").text
    imei, button = re.search(r"\b0010170\d{8}\b", stock), re.search(r"\bDEMO-B\d{5}\b", stock)
    assert number and imei and button
    planted = [f"user:{COUSIN}", number[0], imei[0], button[0], "8932000000000000"]
    assert find_clear_text(house.stack.config.data_dir, [], planted) == []
    # The names of accounts stand there, but beside no file and no alarm.
    readings = str(house.rows("SELECT * FROM access_reading"))
    assert OFFICER in readings and case not in readings and alarm not in readings
