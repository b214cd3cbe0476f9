"""Handing out a kit writes the record and tells the lifeline, together."""

import pytest

from egide.casework.models import Place
from egide.events.register import EnrolmentOffered, KitIssued
from egide.fleet.models import Kit, KitState
from egide.fleet.service import CODE_LIFETIME_S, CannotIssue, issue_kit, offer_enrolment, return_kit
from egide.outbox.copy import copy_waiting
from egide.outbox.models import OutboxRow
from egide.protocol.enrolment import code_hash
from tests.support.pages import MONS, Pages


def events(pages: Pages) -> list[object]:
    copy_waiting(pages.config, pages.journal)
    return [pages.journal.open_event(row) for row in pages.journal.read()]


def test_a_kit_is_issued_with_a_key_for_its_button_and_a_code_for_its_phone(pages: Pages) -> None:
    case = pages.files[MONS].case
    kit, code = issue_kit(case)
    issued, enrolment = events(pages)
    assert isinstance(issued, KitIssued) and isinstance(enrolment, EnrolmentOffered)
    assert (issued.kit, issued.case, issued.managing_zone, issued.home_centre) == (
        kit.id,
        case.id,
        "5324",
        "HAI",
    )
    assert issued.button_id == kit.button_id and len(issued.button_key) == 16
    assert enrolment.code_hash == code_hash(code)
    assert enrolment.expires_at_s == pages.clock.now_us() // 1_000_000 + CODE_LIFETIME_S


def test_neither_key_nor_code_can_be_read_in_the_database(pages: Pages) -> None:
    kit, code = issue_kit(pages.files[MONS].case)
    issued = events(pages)[0]
    assert isinstance(issued, KitIssued)
    stored = b"".join(path.read_bytes() for path in pages.config.data_dir.glob("app.db*"))
    assert issued.button_key not in stored and code.encode() not in stored
    assert kit.button_id.encode() in stored


def test_codes_have_sixty_bits_and_no_letters_that_are_mistaken_for_digits(pages: Pages) -> None:
    kit, first = issue_kit(pages.files[MONS].case)
    codes = {first, *(offer_enrolment(kit) for _ in range(20))}
    assert len(codes) == 21
    for code in codes:
        assert len(code.replace("-", "")) == 12
        assert not set(code) & set("OIL")


def test_no_kit_leaves_without_a_home_in_the_file_and_nothing_is_told(pages: Pages) -> None:
    case = pages.files[MONS].case
    Place.objects.filter(case=case).delete()
    with pytest.raises(CannotIssue, match="no home address"):
        issue_kit(case)
    assert not Kit.objects.exists() and not OutboxRow.objects.exists()


def test_a_returned_kit_is_reported(pages: Pages) -> None:
    kit, _code = issue_kit(pages.files[MONS].case)
    return_kit(kit)
    assert Kit.objects.get().state == KitState.RETURNED
    events(pages)
    assert pages.installation.kinds(f"kit:{kit.id}") == ["KitIssued", "EnrolmentOffered", "KitReturned"]
