"""An administrator makes an account for themselves, or takes over somebody's, to read files (safety rule 41)."""

import re
from urllib.parse import urlsplit

import requests

from tests.support.caller import Caller
from tests.support.house import House

ADMIN, OFFICER, MAGISTRATE = "admin-01", "dpo-01", "parquet-mons-01"
KEEPER, ELSEWHERE = "mons-quevy-ref", "gent-ref"
PASSWORD = "eleven green boats"
ASKED = {
    "name": "nobody-1",
    "title": "Nobody 1",
    "language": "fr",
    "role": "reference-officer",
    "place": "5324",
}
HELD = (
    "SELECT membership.role FROM access_membership AS membership"
    " JOIN access_user AS account ON account.id = membership.user_id WHERE account.name = ?"
)


def half(page: requests.Response, mark: str) -> str:
    """One half of a way in, as its page shows it once."""
    found = re.search(rf'id="{mark}">([^<]+)<', page.text)
    assert found, page.text
    return urlsplit(found[1]).path


def asked_last(house: House) -> str:
    (number,) = house.rows("SELECT max(id) FROM access_accountrequest")[0]
    return f"/accounts/requests/{number}"


def accept(caller: Caller, link: str, code: str) -> int:
    form = {"new_password1": PASSWORD, "new_password2": PASSWORD, "code": code}
    return caller.post(link, **form).status_code


def test_they_ask_for_an_account_that_reads_files(house: House) -> None:
    admin, keeper = house.caller(ADMIN), house.caller(KEEPER)
    page = admin.post("/accounts/invite", **ASKED)
    code, request = half(page, "invitation-code"), asked_last(house)
    # No link, no post and no way in: not yet, and for the administrator never.
    assert "/invitation/" not in page.text
    assert house.rows(HELD, ["nobody-1"]) == [] == house.rows("SELECT * FROM access_invitation")
    assert admin.post(f"{request}/agree").status_code == 404
    assert house.caller(ELSEWHERE).post(f"{request}/agree").status_code == 404
    for name in (KEEPER, OFFICER):
        assert "New account: Nobody 1" in house.caller(name).look("/start"), "told at once"
    link = half(keeper.post(f"{request}/agree"), "invitation-link")
    # Each half alone is nothing.
    assert accept(Caller(house.stack), f"/invitation/{code}", code) == 404
    assert accept(Caller(house.stack), link, "0000-0000-0000") == 422
    person = Caller(house.stack)
    assert accept(person, link, code) == 302
    assert person.get("/files/").status_code == 200
    assert "New account: Nobody 1" in house.caller(OFFICER).look("/start"), "told of the yes"


def test_they_take_over_a_magistrate(house: House) -> None:
    admin, magistrate = house.caller(ADMIN), house.caller(MAGISTRATE)
    assert "/invitation/" not in admin.post(f"/accounts/{MAGISTRATE}/new-link").text
    request = asked_last(house)
    for name in (ADMIN, MAGISTRATE):
        assert house.caller(name).post(f"{request}/agree").status_code == 404
    assert f"Asked by {ADMIN}" in magistrate.look("/files/"), "the person is told on every page"
    assert "New start" in house.caller(OFFICER).look("/start")
    assert magistrate.post("/account/refuse-new-start").status_code == 302
    assert house.caller(OFFICER).post(f"{request}/agree").status_code == 404
    assert Caller(house.stack).sign_in(MAGISTRATE).get("/files/").status_code == 200, (
        "the password is the old one"
    )
