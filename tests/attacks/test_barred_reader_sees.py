"""A relative in the police looks for traces of a file that bars him: in lanes, live, stock and numbers (rule 27).

What he is looking for is a kit: that it exists, that it was tested, that its phone spoke.
"""

import re

import pytest
from django.test import Client

from egide.access.models import User
from egide.access.scope import live_ticket, scope_of
from egide.alarm.events import HalfReceived, TestReceived, VerificationFailed
from egide.casework.models import BarredReader
from egide.common import ticket as tickets
from egide.common.files import secret_file
from egide.entrypoints.processes.live import may_see
from egide.fleet.models import Item, ItemMove, Kit, KitState
from egide.rollout.service import do_load_reference
from tests.support.installation import Phone
from tests.support.pages import MONS, Pages, text_of

COUSIN, COLLEAGUE = "cousin", "colleague"


def leave_traces(pages: Pages, phone: Phone) -> None:
    """The kit is tested, its phone sends what does not verify, and half of a press comes by SMS."""
    event = pages.installation.phone_event(TestReceived, phone)
    row = {"case": phone.case, "centres": ("HAI",), "zones": ("5324",)}
    pages.installation.append(f"test:{phone.device}-{event.counter}", event, **row)
    failed = VerificationFailed(
        device=phone.device, reason="bad-signature", envelope_hash="", home_centre="HAI"
    )
    half = HalfReceived(device=phone.device, digest="", home_centre="HAI")
    for one in (failed, half):
        pages.installation.append(f"device:{phone.device}", one, **row)


def two(pages: Pages, role: str, phone: Phone, **place: str) -> tuple[User, User]:
    """Two people of one role, of whom the file bars the first."""
    cousin = pages.user(COUSIN, role=role, **place)
    BarredReader.objects.create(case_id=phone.case, mark=f"user:{COUSIN}")
    return cousin, pages.user(COLLEAGUE, role=role, **place)


@pytest.mark.parametrize("role", ["operator", "supervisor"])
def test_he_looks_into_the_lanes_of_his_board(pages: Pages, role: str) -> None:
    phone = pages.phone(MONS)
    cousin, colleague = two(pages, role, phone)
    leave_traces(pages, phone)
    for address in ("/desk/", "/desk/board"):
        seen = text_of(pages.client(colleague).get(address))
        assert "of the last day" in seen and phone.device[:8] in seen and "half of a press" in seen
        his = text_of(pages.client(cousin).get(address))
        assert phone.device[:8] not in his and "Could not be verified" not in his
        assert "half of a press" not in his and "of the last day" not in his


def test_he_listens(pages: Pages) -> None:
    phone = pages.phone(MONS)
    cousin, colleague = two(pages, "operator", phone)
    key = secret_file(pages.config.data_dir / "live.key", 32)
    now_us = pages.clock.now_us()

    def heard(user: User) -> list[str]:
        ticket = tickets.check(live_ticket(scope_of(user), pages.clock), key, now_us // 1_000_000)
        return [row.kind for row in pages.journal.read_clear(0) if may_see(ticket, row, now_us)]

    # His ticket is older than the phone's enrolment, and lasts: what comes after is hidden all the same.
    his = tickets.check(live_ticket(scope_of(cousin), pages.clock), key, now_us // 1_000_000)
    again = pages.installation.enrol(kit=None, case=phone.case, home_centre="HAI", managing_zone="5324")
    leave_traces(pages, again)
    leave_traces(pages, phone)
    alarm = pages.alarm(again)
    assert sorted({*heard(colleague)}) == [
        "AlarmRouted",
        "HalfReceived",
        "TestReceived",
        "VerificationFailed",
    ]
    assert heard(cousin) == []
    assert [row for row in pages.journal.read_clear(0) if may_see(his, row, now_us)] == []
    assert pages.client(cousin).get(f"/desk/alarms/{alarm}").status_code == 404


def stocked(pages: Pages, phone: Phone) -> tuple[Kit, Item]:
    """The kit as the stock knows it: a button that was used before, and is out with it now."""
    do_load_reference()
    button = Item.objects.create(
        kind="button",
        serial="A0-17-44",
        model="Only one",
        state="issued",
        zone="5324",
        kit=phone.kit,
        since_us=1,
    )
    kit = Kit.objects.create(
        id=phone.kit,
        case_id=phone.case,
        state=KitState.ISSUED,
        button_item=button,
        button_id="b1",
        button_key_sealed=b"",
        issued_at_us=1,
    )
    for at_us, now, of in ((1, "zone", ""), (2, "prepared", kit.id), (3, "issued", kit.id)):
        ItemMove.objects.create(item=button, at_us=at_us, was="", now=now, zone="5324", kit=of, by="ref-1")
    return kit, button


def of_stock(client: Client, item: Item) -> str:
    """What the stock's pages tell."""
    pages = [client.get(address) for address in ("/stock/items", "/stock/", "/fleet/")]
    pages += [client.post("/search", {"text": item.serial[1:]}), client.get(f"/stock/items/{item.id}/")]
    return " ".join(text_of(page) for page in pages if page.status_code == 200)


@pytest.mark.parametrize("role", ["reference-officer", "coordinator"])
def test_he_looks_through_the_stock(pages: Pages, role: str) -> None:
    phone = pages.phone(MONS)
    _kit, button = stocked(pages, phone)
    cousin, colleague = two(pages, role, phone, zone="5324")
    assert "A0-17-44" in of_stock(pages.client(colleague), button)
    his = of_stock(pages.client(cousin), button)
    assert "A0-17-44" not in his and "Only one" not in his
    assert pages.client(cousin).get(f"/stock/items/{button.id}/").status_code == 404
    # The kit came back, and its button lies in the cupboard: where it was meanwhile is not told.
    Item.objects.update(state="zone", kit="")
    ItemMove.objects.create(item=button, at_us=4, was="issued", now="zone", zone="5324", kit="", by="ref-1")
    of_colleague, his = (
        text_of(pages.client(user).get(f"/stock/items/{button.id}/")) for user in (colleague, cousin)
    )
    assert "A0-17-44" in his and "handed out" in of_colleague and "made ready" in of_colleague
    assert "handed out" not in his and "made ready" not in his


@pytest.mark.parametrize("address", ["/stock/", "/stock/?on=2020-01-01"])
def test_he_counts_the_stock(pages: Pages, address: str) -> None:
    """A button more in use than he may know of tells him that there is a kit."""
    phone = pages.phone(MONS)
    stocked(pages, phone)
    readers = two(pages, "coordinator", phone)
    his, of_colleague = (
        re.findall(r"\d+ of \d+", text_of(pages.client(one).get(address))) for one in readers
    )
    assert (his, of_colleague) == ([], ["1 of 1"])


def test_he_is_barred_by_a_name_that_was_misspelt(pages: Pages) -> None:
    do_load_reference()
    phone = pages.phone(MONS)
    officer = pages.client(pages.user("ref-1", role="reference-officer", zone="5324"))
    pages.user(COUSIN, role="operator")
    url = f"/files/{phone.case}/barred"
    for wrong in ("user:cousine", "user:Cousin", "zone:9999", "centre:XX", "office:monz", "cousin", ""):
        reply = officer.post(url, {"do": "bar", "mark": wrong})
        assert reply.status_code == 422 and "Pick somebody from the list" in text_of(reply), wrong
    # The form of before, in which everybody could write anything.
    officer.post(url, {"marks": "user:cousine"})
    assert not BarredReader.objects.exists()
    found = officer.post(url, {"do": "find", "text": "cous"}).content.decode()
    assert "Cousin" in found and f'value="user:{COUSIN}"' in found
    assert officer.post(url, {"do": "bar", "mark": f"user:{COUSIN}"}).status_code == 302
    assert [row.mark for row in BarredReader.objects.all()] == [f"user:{COUSIN}"]


def test_somebody_reads_the_list_of_accounts_by_trying_letters(pages: Pages) -> None:
    do_load_reference()
    phone = pages.phone(MONS)
    for number in range(12):
        pages.user(f"inspector-{number}", role="zone-officer", zone="5324")
    pages.user("admin-1", role="administrator")
    officer = pages.client(pages.user("ref-1", role="reference-officer", zone="5324"))
    url = f"/files/{phone.case}/barred"

    def look(text: str) -> str:
        return text_of(officer.post(url, {"do": "find", "text": text}))

    for short in ("", "i", "in", " i n "):
        assert "three letters" in look(short)
    many = look("inspector")
    assert "More than eight fit" in many and "Inspector-3" not in many
    assert "Inspector-11" in look("inspector-11")
    # Not in the middle of a word, and nobody who can hear of no file.
    assert "No account and no unit fits" in look("spector")
    assert "No account and no unit fits" in look("admin-1")
    for _again in range(30):
        last = look("inspector-11")
    assert "Try again later" in last and "Inspector-11" not in last


@pytest.mark.parametrize("role", ["operator", "magistrate", "coordinator", "administrator", "support"])
def test_somebody_else_asks_the_form_for_accounts(pages: Pages, role: str) -> None:
    do_load_reference()
    phone = pages.phone(MONS)
    pages.user(COUSIN, role="operator")
    client = pages.client(pages.user("somebody", role=role, zone="5324", office="mons"))
    assert client.post(f"/files/{phone.case}/barred", {"do": "find", "text": COUSIN}).status_code == 404
