"""Making a kit ready writes the record and tells the lifeline, together; every later step too."""

import re

import pytest

from egide.casework.models import Place
from egide.events.register import EnrolmentOffered, KitIssued
from egide.fleet.kits import kits, rules
from egide.fleet.kits.kits import KitRefused, offer_enrolment
from egide.fleet.models import Item, Kit, KitState
from egide.fleet.service import NoSuchKit, check_kit, hand_over, prepare_kit
from egide.fleet.stock.stock import MoveRefused, do_move
from egide.journal.queries import intake as queries_intake
from egide.outbox import service as outbox
from egide.outbox.models import OutboxRow
from egide.protocol.enrolment import CODE_LIFETIME_S, code_hash
from tests.fleet.files import AS_FRAGMENT, ZONE, House, build_house, scope
from tests.fleet.test_pages import browser
from tests.support.pages import Pages, text_of


def kit_events(house: House, kit: Kit) -> list[object]:
    house.copy()
    journal = house.pages.journal
    return [journal.open_event(row) for row in journal.stream(f"kit:{kit.id}")]


def test_a_kit_is_made_ready_with_a_key_for_its_button_and_a_code_for_its_phone(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    code = offer_enrolment(kit)
    issued, enrolment = kit_events(house, kit)
    assert isinstance(issued, KitIssued) and isinstance(enrolment, EnrolmentOffered)
    expected = (kit.id, house.case.id, "5324", "HAI")
    assert (issued.kit, issued.case, issued.managing_zone, issued.home_centre) == expected
    assert issued.button_id == kit.button_id and len(issued.button_key) == 16
    assert enrolment.code_hash == code_hash(code)
    assert enrolment.expires_at_s == pages.clock.now_us() // 1_000_000 + CODE_LIFETIME_S
    assert {item.state for item in kits.items_of(kit)} == {"prepared"}


def test_neither_key_nor_code_can_be_read_in_the_database(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    code = offer_enrolment(kit)
    issued = kit_events(house, kit)[0]
    assert isinstance(issued, KitIssued)
    stored = pages.stored()
    assert issued.button_key not in stored and code.encode() not in stored
    assert kit.button_id.encode() in stored


def test_rule_22_keys_are_made_at_issue_and_anew_each_time_the_same_button_goes_out(pages: Pages) -> None:
    house = build_house(pages)
    button, phone = house.button(), house.phone()
    issued = []
    for _round in range(2):
        kit = prepare_kit(house.officer, house.case.id, button.id, phone.id)
        issued.append(kit_events(house, kit)[0])
        kits.do_undo(kit, house.officer.user)
    first, second = issued
    assert isinstance(first, KitIssued) and isinstance(second, KitIssued)
    assert first.button_key != second.button_key and first.button_id != second.button_id
    assert not any(field.name.endswith("key") for field in Item._meta.get_fields())


def test_a_code_is_shown_once_a_phone_can_use_it(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    (code,) = re.findall(r'id="code">([^<]+)<', house.code_page(browser(house), kit, **AS_FRAGMENT))
    with pages.journal.reading() as reader:
        assert queries_intake.code(reader, code_hash(code)) is not None


def test_a_code_that_the_worker_does_not_copy_is_not_shown(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "COPIED_WITHIN_S", 0.0)
    house = build_house(pages)
    kit = house.prepare()
    for headers, status in ((AS_FRAGMENT, 200), ({}, 422)):
        reply = browser(house).post(f"/kits/{kit.id}/code", headers=headers)
        assert reply.status_code == status
        assert 'id="code"' not in reply.content.decode() and "no phone could use it" in text_of(reply)


def test_codes_have_sixty_bits_and_no_letters_that_are_mistaken_for_digits(pages: Pages) -> None:
    kit = build_house(pages).prepare()
    codes = {offer_enrolment(kit) for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert len(code.replace("-", "")) == 12
        assert not set(code) & set("OIL")


def test_no_kit_is_made_ready_without_a_home_in_the_file_and_nothing_is_told(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    Place.objects.filter(case=house.case).delete()
    before = OutboxRow.objects.count()
    with pytest.raises(KitRefused, match="minimal-file"):
        house.prepare()
    assert not Kit.objects.exists() and OutboxRow.objects.count() == before


def test_what_does_not_lie_in_the_zone_is_not_taken_and_nothing_is_kept(pages: Pages) -> None:
    house = build_house(pages)
    button, elsewhere = house.button(), house.button()
    do_move(elsewhere.id, "zone", "coordinator-1", zone="5415")
    phone = house.phone()
    with pytest.raises(KitRefused, match="no-item"):
        prepare_kit(house.officer, house.case.id, button.id, phone.id)
    with pytest.raises(KitRefused, match="no-item"):
        prepare_kit(house.officer, house.case.id, house.button().id, house.button().id)
    assert not Kit.objects.exists()


def test_one_kit_at_a_time_is_made_ready_for_a_file(pages: Pages) -> None:
    house = build_house(pages)
    house.prepare()
    with pytest.raises(KitRefused, match="prepared-already"):
        house.prepare()
    assert Kit.objects.count() == 1


def test_a_kit_that_is_out_can_come_back_or_be_lost_but_not_twice(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    hand_over(house.officer, kit.id)
    kit.refresh_from_db()
    kits.do_return(kit, house.officer.user, faulty=True, why="Battery does not charge")
    assert Kit.objects.get().state == KitState.RETURNED
    assert {item.state for item in kits.items_of(Kit.objects.get())} == {"repair"}
    with pytest.raises(KitRefused):
        kits.do_lose(kit, house.officer.user, "gone")
    house.copy()
    assert pages.installation.kinds(f"kit:{kit.id}")[-1] == "KitReturned"


def test_a_lost_kit_is_told_without_a_flag_on_its_presses(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    hand_over(house.officer, kit.id)
    kit.refresh_from_db()
    kits.do_lose(kit, house.officer.user, "Left on a bus")
    house.copy()
    assert pages.installation.kinds(f"kit:{kit.id}")[-1] == "KitLost"
    row = pages.journal.connection.execute("SELECT returned FROM kit WHERE kit = ?", (kit.id,)).fetchone()
    assert row == (0,)


def test_a_kit_moves_only_as_a_whole(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    for item in kits.items_of(kit):
        with pytest.raises(MoveRefused, match="with-kit"):
            do_move(item.id, "repair", "coordinator-1", why="broken")


def test_a_kit_of_another_zone_does_not_exist_and_a_barred_officer_sees_none(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    for reader in (
        scope(pages, "gent", "zone-officer", "5415"),
        house.magistrate,
        scope(pages, "c", "coordinator", ""),
    ):
        with pytest.raises(NoSuchKit):
            check_kit(reader, kit.id)
    house.case.barredreader_set.create(mark=f"user:{house.officer.user}")
    with pytest.raises(NoSuchKit):
        check_kit(house.officer, kit.id)
    assert check_kit(house.colleague, kit.id).id == kit.id


def test_a_file_that_moves_takes_its_kits_along(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    type(house.case).objects.update(managing_zone="5415")
    assert check_kit(scope(pages, "gent", "zone-officer", "5415"), kit.id).id == kit.id
    with pytest.raises(NoSuchKit):
        check_kit(house.officer, kit.id)


def test_a_phone_can_be_lent_later_and_everything_is_proven_anew(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    phone = house.enrol(kit)
    house.test(phone)
    kits.do_note_press(kit, rules.POCKET, house.officer.user)
    kits.do_lend(kit, house.phone(), house.officer.user)
    kit.refresh_from_db()
    assert kit.means == rules.LENT and not kit.presses.exists()
    assert Item.objects.get(id=kit.phone_item_id).zone == ZONE
