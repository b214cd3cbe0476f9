"""The pages of kits and stock: from the file to the hand-over, who sees what, what is said when something is wrong."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import segno
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from egide.access.models import User
from egide.common.clock import utc
from egide.fleet.kits import kits, rules
from egide.fleet.models import Item, Kit, KitState
from egide.fleet.service import hand_over
from egide.journal.now.heartbeats import Heartbeats
from egide.journal.now.noting import Word
from egide.protocol.enrolment import WEB
from egide.protocol.envelope import Kind
from egide.protocol.link import LinkFlag
from tests.fleet.files import AS_FRAGMENT, House, build_house, complete
from tests.intake.test_refusals import forged
from tests.support.asgi import IntakeClient, Reply
from tests.support.pages import Pages, text_of


def browser(house: House, name: str = "officer-1", language: str = "en") -> Client:
    return house.pages.client(User.objects.get(name=name), language)


def member(pages: Pages, role: str, place: str = "") -> Client:
    user = User.objects.create(name=f"{role}-x", title=role.title(), password="correct horse battery")
    user.memberships.create(role=role, place=place)
    return pages.client(user)


def local(at_us: int) -> str:
    return timezone.localtime(utc(at_us)).strftime("%Y-%m-%dT%H:%M")


def test_from_the_file_to_the_hand_over_on_the_pages_alone(pages: Pages) -> None:
    house = build_house(pages)
    client = browser(house)
    assert "Files that wait for a kit" in client.get("/kits/").content.decode()
    chosen = {"means": "lent", "button": house.button().id, "phone": house.phone().id}
    page = client.post(f"/kits/for/{house.case.id}", chosen, follow=True).content.decode()
    assert "bound to the file" in page and "4 conditions are not met" in page
    kit = house.kit
    shown = house.code_page(client, kit, **AS_FRAGMENT)
    assert re.search("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", shown) and "<svg" in shown
    phone = house.enrol(kit)
    assert "Phone enrolled" in client.get(f"/kits/{kit.id}/live").content.decode()
    for condition in rules.CONDITIONS:
        pages.clock.advance_s(rules.NIGHT_S + 60 if condition == rules.NIGHT else 120)
        house.test(phone)
        # Sessions are shorter than a night.
        client = browser(house)
        reply = client.post(f"/kits/{kit.id}/press", {"condition": condition})
        assert (reply.status_code, reply["Location"]) == (302, f"/kits/{kit.id}/")
    page = client.get(f"/kits/{kit.id}/").content.decode()
    assert "Every condition is met" in page and 'id="hand-over"' in page
    page = client.post(f"/kits/{kit.id}/hand-over", follow=True).content.decode()
    assert "The kit is handed out." in page and Kit.objects.get().state == KitState.ISSUED
    ended = client.post(f"/kits/{kit.id}/end", {"how": "returned"}, follow=True).content.decode()
    assert "returned" in ended and Item.objects.get(id=kit.button_item_id).state == "zone"


def test_a_shut_gate_is_said_with_what_is_missing_and_who_can_mend_it(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    kit = house.prepare()
    page = text_of(browser(house).get(f"/kits/{kit.id}/"))
    for words in (
        "no decision yet",
        "The prosecutor’s office",
        "not signed yet",
        "no phone is enrolled",
        "after a night at rest",
    ):
        assert words in page
    reply = browser(house).post(f"/kits/{kit.id}/hand-over")
    assert reply.status_code == 422 and "The kit stays here" in reply.content.decode()
    assert Kit.objects.get().state == KitState.PREPARED


def test_the_page_follows_only_what_changed(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    client = browser(house)
    seen = re.search(r"\?seen=(\w+)", client.get(f"/kits/{kit.id}/").content.decode())
    assert seen
    address = f"/kits/{kit.id}/live?seen={seen[1]}"
    assert client.get(address).status_code == 204
    house.test(house.enrol(kit))
    assert "Test received" in client.get(address).content.decode()


def test_the_page_says_what_the_phone_is_not_allowed(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit)
    heartbeats = Heartbeats(pages.config)

    def shown(link: LinkFlag) -> str:
        heartbeats.note([Word(phone.device, 5, phone.message(Kind.HEARTBEAT, link=int(link)))])
        return browser(house).get(f"/kits/{kit.id}/live").content.decode()

    no_position, no_microphone = "gives no position yet", "the microphone is not allowed"
    both = shown(LinkFlag.POSITION_REFUSED | LinkFlag.MICROPHONE_REFUSED)
    assert no_position in both and no_microphone in both
    hears_nothing, saves, no_texts = "hears no button", "battery saver is on", "text messages are not allowed"
    taken = shown(LinkFlag.RADIO_OFF | LinkFlag.SAVER_ON | LinkFlag.TEXTS_REFUSED)
    assert all(each in taken and each not in both for each in (hears_nothing, saves, no_texts))
    # No fix is no refusal: it comes under the open sky.
    neither = shown(LinkFlag.NO_FIX | LinkFlag.BUTTON_PAIRED)
    assert no_position not in neither and no_microphone not in neither


def test_a_code_is_shown_once_and_never_again(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    client = browser(house)
    code = re.search("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", house.code_page(client, kit))
    assert code
    assert code[0] not in client.get(f"/kits/{kit.id}/").content.decode()
    kits.do_undo(kit, "officer-1")
    assert client.post(f"/kits/{kit.id}/code").status_code == 422


def test_rule_19_doubts_are_asked_on_the_page_and_a_phone_can_be_lent_there(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    client = browser(house)
    answers = dict.fromkeys(rules.QUESTIONS, rules.CLEAR) | {"code": rules.DOUBT}
    assert "There is a doubt" in client.post(f"/kits/{kit.id}/ask", answers, follow=True).content.decode()
    assert client.post(f"/kits/{kit.id}/lend", {"phone": "nothing"}).status_code == 422
    page = client.post(f"/kits/{kit.id}/lend", {"phone": house.phone().id}, follow=True).content.decode()
    assert "The phone is lent" in page and Kit.objects.get().means == rules.LENT


CODE = "[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"


def test_rule_19_no_code_before_it_was_asked_whose_phone_it_is_nor_with_a_doubt(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    client = browser(house)

    def ask_for_code() -> str:
        shown = house.code_page(client, kit, **AS_FRAGMENT)
        assert bool(re.search(CODE, shown)) == ("<svg" in shown)
        return shown

    assert "First ask whose phone it is" in ask_for_code()
    assert client.post(f"/kits/{kit.id}/code").status_code == 422
    clear = dict.fromkeys(rules.QUESTIONS, rules.CLEAR)
    client.post(f"/kits/{kit.id}/ask", clear | {"tracking": rules.DOUBT})
    assert "lend her one with the authority’s SIM" in ask_for_code()
    client.post(f"/kits/{kit.id}/ask", clear)
    assert re.search(CODE, ask_for_code())


def test_rule_19_where_no_phone_can_be_lent_the_gate_stays_shut_and_a_magistrate_may_still_say_yes(
    pages: Pages,
) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    client = browser(house)
    client.post(f"/kits/{kit.id}/ask", dict.fromkeys(rules.QUESTIONS, rules.DOUBT))
    Item.objects.filter(kind="phone").update(zone="5415")
    assert re.search(CODE, house.code_page(client, kit))
    house.test(house.enrol(kit))
    reply = client.post(f"/kits/{kit.id}/hand-over")
    assert reply.status_code == 422 and "Not met yet" in reply.content.decode()


def test_the_qr_opens_the_app_and_holds_no_code_that_a_history_would_keep(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    shown = house.code_page(browser(house), kit)
    assert "http://desk.localhost:8400/app/" in shown
    addresses = {"phone_url": "https://meteo.example/app/", "intake_urls": ("https://intake.example",)}
    settings.EGIDE = replace(pages.config, **addresses)
    shown = house.code_page(browser(house), kit)
    page, _, native = shown.partition('id="native"')
    assert len(re.findall(CODE, page)) == 1
    drawn = segno.make("https://meteo.example/app/", error="m", micro=False)
    assert drawn.svg_inline(omitsize=True, border=2, svgclass="qr") in page
    # A line to copy, and no address that a browser would open.
    found = re.search(r'id="native-line">(\S+) (\S+)</p>', native)
    assert found is not None and found[1] == "intake.example" and re.fullmatch(CODE, found[2])
    drawn = segno.make(f"{found[1]} {found[2]}", error="m", micro=False)
    assert drawn.svg_inline(omitsize=True, border=2, svgclass="qr-line") in native


def test_rule_17_a_web_page_is_called_a_second_way_only(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit, WEB)
    client = browser(house)
    page = client.get(f"/kits/{kit.id}/").content.decode()
    assert "It says that it is a web page (1.0)" in page and "second way and never the only one" in page
    assert 'id="hand-over-second"' not in page
    house.test(phone)
    client.post(f"/kits/{kit.id}/press", {"condition": rules.PAGE_OPEN})
    page = client.get(f"/kits/{kit.id}/").content.decode()
    assert 'id="hand-over-second"' in page and 'id="hand-over"' not in page
    for language in ("fr", "nl", "de", "en"):
        assert f'<blockquote lang="{language}">' in page
    reply = client.post(f"/kits/{kit.id}/hand-over")
    assert reply.status_code == 422 and 'id="told-error"' in reply.content.decode()
    client.post(f"/kits/{kit.id}/hand-over", {"told": "yes"})
    house.copy()
    page = client.get(f"/kits/{kit.id}/").content.decode()
    assert "Handed out as a second way" in page and "A second way only" in page
    assert "Lend a phone with the app" in client.get("/start").content.decode()
    assert "A second way only" in client.get("/kits/").content.decode()


def test_rule_25_two_officers_sign_on_their_own_pages_and_what_is_missing_becomes_red_tasks(
    pages: Pages,
) -> None:
    house = build_house(pages, signed=False)
    kit = house.prepare()
    house.test(house.enrol(kit))
    first, second = browser(house), browser(house, "officer-2")
    yes = {
        "magistrate": "Mag. Garde (démo)",
        "said_at": local(pages.clock.now_us() - 600_000_000),
        "why": "Tonight",
    }
    assert "A colleague must sign too" in text_of(first.post(f"/kits/{kit.id}/provisional", yes, follow=True))
    assert 'id="second-signature"' not in first.get(f"/kits/{kit.id}/").content.decode()
    assert first.post(f"/kits/{kit.id}/sign").status_code == 422
    assert "waits for your signature" in second.get("/start").content.decode()
    page = second.post(f"/kits/{kit.id}/sign", follow=True).content.decode()
    assert "Provisional until" in page and "Mag. Garde (démo)" in page
    tasks = second.get("/start").content.decode()
    assert tasks.count("Missing for a provisional kit") == 4 and "due " in tasks
    complete(house)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"magistrate": " ", "said_at": "now"}, "said_at"),
        ({"magistrate": "", "said_at": "2020-01-01T10:00"}, "magistrate"),
        ({"magistrate": "Mag. Garde", "said_at": "2020-01-01T10:00"}, "said_at"),
    ],
)
def test_what_is_wrong_in_a_provisional_issue_stands_beside_its_field_and_nothing_typed_is_lost(
    pages: Pages, answer: dict[str, str], field: str
) -> None:
    house = build_house(pages, signed=False)
    kit = house.prepare()
    house.test(house.enrol(kit))
    reply = browser(house).post(f"/kits/{kit.id}/provisional", answer | {"why": "A <word>"})
    page = reply.content.decode()
    assert reply.status_code == 422 and f'id="{field.replace("_", "-")}-error"' in page
    assert (
        f'href="#{field}"' in page.split('id="form-error"')[1].split("</div>")[0] and f'id="{field}"' in page
    )
    assert "A &lt;word&gt;" in page and f'value="{answer["said_at"]}"' in page


def test_what_is_missing_when_making_ready_is_told_and_keeps_the_choice(pages: Pages) -> None:
    house = build_house(pages)
    reply = browser(house).post(f"/kits/for/{house.case.id}", {"means": "lent", "button": house.button().id})
    page = reply.content.decode()
    assert reply.status_code == 422 and 'id="phone-error"' in page
    assert f'value="{house.button().id}" selected' in page


def test_a_kit_does_not_exist_for_anybody_else(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    readers = [
        member(pages, role, place)
        for role, place in (
            ("zone-officer", "5415"),
            ("operator", "HAI"),
            ("magistrate", "mons"),
            ("coordinator", ""),
            ("administrator", ""),
            ("data-protection", ""),
            ("evaluator", ""),
        )
    ]
    for client in readers:
        for address in (f"/kits/{kit.id}/", f"/kits/{kit.id}/live", f"/kits/for/{house.case.id}"):
            assert client.get(address).status_code == 404
        for act in ("code", "press", "ask", "lend", "hand-over", "provisional", "sign", "end"):
            assert client.post(f"/kits/{kit.id}/{act}").status_code == 404
    assert pages.client().get(f"/kits/{kit.id}/").status_code == 302
    assert Kit.objects.get().state == KitState.PREPARED


def test_the_stock_shows_numbers_against_use_now_and_on_a_past_day_and_no_file(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    coordinator = member(pages, "coordinator")
    assert "0 of 4" in text_of(coordinator.get("/stock/"))
    hand_over(house.officer, kit.id)
    page = text_of(coordinator.get("/stock/"))
    assert "1 of 4" in page and "Exemple" not in page
    yesterday = timezone.localtime(utc(pages.clock.now_us())).date() - timedelta(days=1)
    assert "1 of 4" not in text_of(coordinator.get(f"/stock/?on={yesterday}"))
    for wrong in ("2999-01-01", "monday"):
        reply = coordinator.get(f"/stock/?on={wrong}")
        assert reply.status_code == 422 and 'id="on-error"' in reply.content.decode()


def test_the_coordinator_sends_items_to_a_zone_all_or_none(pages: Pages) -> None:
    build_house(pages)
    coordinator = member(pages, "coordinator")
    sent = {"kind": "phone", "number": "1", "zone": "5415"}
    assert "1 item is allocated" in text_of(coordinator.post("/stock/allocate", sent, follow=True))
    assert "does not hold that many" in text_of(coordinator.post("/stock/allocate", sent, follow=True))
    for wrong in ({"number": "x"}, {"number": "0"}, {"kind": "lamp"}):
        reply = coordinator.post("/stock/allocate", sent | wrong, follow=True)
        assert "Say how many" in text_of(reply)
    assert Item.objects.filter(zone="5415").count() == 1


def test_an_item_is_moved_by_the_coordinator_and_by_its_own_zone_within_limits(pages: Pages) -> None:
    house = build_house(pages)
    button = house.button()
    officer, address = browser(house), f"/stock/items/{button.id}/"
    assert officer.post(address, {"now": "retired", "why": "old"}).status_code == 422
    reply = officer.post(address, {"now": "repair", "why": ""})
    assert reply.status_code == 422 and 'id="why-error"' in reply.content.decode()
    assert officer.post(address, {"now": "repair", "why": "Does not charge"}).status_code == 302
    assert member(pages, "zone-officer", "5415").get(address).status_code == 404
    coordinator = member(pages, "coordinator")
    assert coordinator.post(address, {"now": "zone", "zone": "0000"}).status_code == 422
    assert coordinator.post(address, {"now": "stock"}).status_code == 302
    page = text_of(coordinator.get(address))
    assert "Does not charge" in page and "central stock" in page


def test_the_search_finds_serials_within_the_readers_rights(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    serial = kit.button_item.serial
    found = browser(house).post("/search", {"text": serial.lower()}).content.decode()
    assert f"/kits/{kit.id}/" in found and "Exemple" in found
    found = member(pages, "coordinator").post("/search", {"text": serial}).content.decode()
    assert f"/stock/items/{kit.button_item_id}/" in found and "Exemple" not in found
    found = member(pages, "zone-officer", "5415").post("/search", {"text": serial}).content.decode()
    assert f"/{kit.id}/" not in found


def test_rule_22_a_phone_that_lost_its_key_reaches_the_zone_at_once(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit)
    house.prove_presses(kit, phone)
    hand_over(house.officer, kit.id)
    assert "lost its key" not in browser(house).get("/start").content.decode()

    async def press_with_another_key() -> Reply:
        async with IntakeClient(pages.installation) as intake:
            return await intake.send(forged(phone))

    assert asyncio.run(press_with_another_key()).reason == "bad-signature"
    page = browser(house).get("/start").content.decode()
    assert "lost its key" in page and f"/kits/{kit.id}/" in page


@pytest.mark.parametrize("address", ["/kits/", "/stock/items/", "/start"])
def test_lists_cost_a_constant_number_of_queries(pages: Pages, address: str) -> None:
    house = build_house(pages)
    hand_over(house.officer, house.ready_kit().id)
    kit, client, counted = house.prepare(rules.OWN), browser(house), []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counted.append(len(queries))
        kit.pk, kit.button_id = f"{number:016x}", f"{number:08x}"
        kit.save(force_insert=True)
    assert counted[0] == counted[1], counted


def test_the_kits_life_is_told_in_order(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    hand_over(house.officer, kit.id)
    house.copy()
    page = text_of(browser(house).get(f"/kits/{kit.id}/"))
    life = page[page.index("The kit’s life") :]
    assert life.index("Handed out") < life.index("A test came through") < life.index("Bound to the file")
