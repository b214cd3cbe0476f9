"""No kit leaves the house before every gate is open, and a refused gate changes nothing."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from egide.casework.file import steps as s
from egide.casework.service import life_at
from egide.fleet.kits import kits, rules
from egide.fleet.models import Kit, KitState, PressCheck, ProvisionalIssue
from egide.fleet.service import (
    GateClosed,
    KitRefused,
    NoSuchKit,
    ProvisionalRefused,
    hand_over,
    open_provisionally,
    sign_provisionally,
    view_of,
)
from egide.protocol.enrolment import NATIVE, WEB
from egide.protocol.envelope import Trigger
from egide.rollout.models import Attendance
from egide.rollout.service import do_withdraw
from tests.fleet.files import House, build_house, complete, scope, take
from tests.support.pages import Pages

SOURCES = Path(__file__).parents[2] / "src" / "egide"


def everything(pages: Pages) -> dict[str, list[Any]]:
    """All rows of all tables of all registers, and how far the journal is."""
    tables = {
        model._meta.label: sorted(map(str, model._default_manager.values_list()))
        for name in ("access", "casework", "fleet", "outbox", "rollout")
        for model in apps.get_app_config(name).get_models()
    }
    return tables | {"journal": [pages.journal.head()]}


def test_a_kit_that_passed_every_gate_leaves_and_the_file_runs(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    assert hand_over(house.officer, kit.id).state == KitState.ISSUED
    assert {item.state for item in kits.items_of(Kit.objects.get())} == {"issued"}
    assert life_at(house.case.id).stage == "running"
    house.copy()
    assert pages.installation.kinds(f"kit:{kit.id}")[-3:] == ["GrantChanged", "KitHandedOver", "KitWatched"]
    with pytest.raises(KitRefused):
        hand_over(house.officer, kit.id)


def take_contact_out(house: House) -> None:
    complete(house, safe_contact="")


def revoke(house: House) -> None:
    take(house, house.magistrate, s.Withdrawn(reasons="r"))


def untrain(house: House) -> None:
    Attendance.objects.filter(zone_id="5324").delete()


def unsign_zone(house: House) -> None:
    do_withdraw("zone", "5324", "The chief left", "coordinator-1")


def unsign_office(house: House) -> None:
    do_withdraw("office", "mons", "Nobody left", "coordinator-1")


def drop_press(house: House) -> None:
    PressCheck.objects.filter(condition=rules.RESTART).delete()


def enrol_anew(house: House) -> None:
    house.enrol(house.kit)


def use_own_phone(house: House) -> None:
    Kit.objects.update(means=rules.OWN)


def enrol_a_web_page(house: House) -> None:
    house.enrol(house.kit, WEB)


def enrol_one_that_does_not_say_what_it_is(house: House) -> None:
    house.enrol(house.kit, "")


SHUT: list[tuple[Callable[[House], None], set[str]]] = [
    (take_contact_out, {rules.FILE}),
    (revoke, {rules.DECISION}),
    (untrain, {rules.ZONE}),
    (unsign_zone, {rules.ZONE}),
    (unsign_office, {rules.OFFICE}),
    (drop_press, {rules.PRESSES}),
    (enrol_anew, {rules.ENROLLED, rules.TEST, rules.PRESSES}),
    (use_own_phone, {rules.PHONE}),
    (enrol_a_web_page, {rules.ENROLLED, rules.WAY, rules.TEST, rules.PRESSES}),
    (enrol_one_that_does_not_say_what_it_is, {rules.ENROLLED, rules.WAY, rules.TEST, rules.PRESSES}),
]


@pytest.mark.parametrize(("shut", "names"), SHUT, ids=[shut.__name__ for shut, _names in SHUT])
def test_each_gate_alone_keeps_the_kit_in_the_house_and_nothing_is_changed(
    pages: Pages, shut: Callable[[House], None], names: set[str]
) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    shut(house)
    before = everything(pages)
    with pytest.raises(GateClosed) as closed:
        hand_over(house.officer, kit.id)
    assert {gate.name for gate in closed.value.gates} == names
    assert all(gate.missing and gate.mender for gate in closed.value.gates)
    assert everything(pages) == before


def test_without_a_signed_agreement_no_kit_leaves(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    kit = house.ready_kit()
    before = everything(pages)
    with pytest.raises(GateClosed) as closed:
        hand_over(house.officer, kit.id)
    assert {gate.name for gate in closed.value.gates} == {rules.FILE, rules.DECISION, rules.AGREEMENT}
    assert everything(pages) == before


def test_a_test_on_the_screen_or_of_another_kit_opens_no_gate(pages: Pages) -> None:
    house = build_house(pages)
    other = house.enrol(house.prepare())
    kits.do_undo(house.kit, house.officer.user)
    kit = house.prepare()
    phone = house.enrol(kit)
    house.test(other)
    house.test(phone, Trigger.SCREEN)
    shut = {gate.name for gate in view_of(house.officer, kit.id).closed}
    assert {rules.TEST, rules.ENROLLED, rules.PRESSES} == shut


def callers_of(name: str) -> set[str]:
    """The functions of the project that call a function of this name, as "file: function"."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for at in ast.walk(ast.parse(text if name in text else "")):
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = [one.func for one in ast.walk(at) if isinstance(one, ast.Call)]
                if any(name in (getattr(call, "id", ""), getattr(call, "attr", "")) for call in calls):
                    found.add(f"{path.relative_to(SOURCES).as_posix()}: {at.name}")
    return found


def test_no_admin_and_no_other_code_hands_a_kit_out() -> None:
    """Two functions do, which the tests of this file hold, and the demo for kits of its own."""
    assert not apps.is_installed("django.contrib.admin")
    assert callers_of("do_put_out") == {
        "fleet/service.py: hand_over",
        "fleet/service.py: sign_provisionally",
        "demo/kits_out.py: _hand_out",
    }
    assert callers_of("_hand_out") == {"demo/kits_out.py: create_demo_out"}


@pytest.mark.parametrize("missing", rules.GATES)
def test_every_gate_says_what_is_missing_and_who_can_mend_it(missing: str) -> None:
    gate = next(gate for gate in rules.gates(NOTHING) if gate.name == missing)
    assert gate.missing and not gate.is_open
    assert gate.mender in (rules.BY_ZONE, rules.BY_OFFICE, rules.BY_COORDINATOR)
    assert rules.closed(ALL) == ()


NOTHING = rules.GateFacts(
    file=("name",),
    decision=("not-decided",),
    zone=("trained",),
    office=("signed-off",),
    means=rules.OWN,
    doubts=("code",),
)
ALL = rules.GateFacts(
    agreement=True,
    is_enrolled=True,
    is_paired=True,
    client=NATIVE,
    has_test=True,
    presses=frozenset(rules.CONDITIONS),
)


# Safety rule 17


def test_rule_17_a_press_counts_only_with_a_fresh_test_of_this_kit_by_its_button(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit)
    with pytest.raises(KitRefused, match="no-fresh-test"):
        kits.do_note_press(kit, rules.SCREEN_OFF, "officer-1")
    house.test(phone, Trigger.SCREEN)
    with pytest.raises(KitRefused, match="no-fresh-test"):
        kits.do_note_press(kit, rules.SCREEN_OFF, "officer-1")
    house.test(phone)
    pages.clock.advance_s(rules.FRESH_S + 1)
    with pytest.raises(KitRefused, match="no-fresh-test"):
        kits.do_note_press(kit, rules.SCREEN_OFF, "officer-1")
    house.test(phone)
    kits.do_note_press(kit, rules.SCREEN_OFF, "officer-1")
    with pytest.raises(KitRefused, match="no-fresh-test"):
        kits.do_note_press(kit, rules.POCKET, "officer-1")
    assert set(view_of(house.officer, kit.id).presses) == {rules.SCREEN_OFF}


def test_rule_17_a_night_at_rest_is_hours_without_any_test(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit)
    pages.clock.advance_s(rules.NIGHT_S - 60)
    house.test(phone)
    with pytest.raises(KitRefused, match="no-night"):
        kits.do_note_press(kit, rules.NIGHT, "officer-1")
    pages.clock.advance_s(rules.NIGHT_S)
    house.test(phone)
    assert kits.do_note_press(kit, rules.NIGHT, "officer-1").test_seq == pages.journal.head()


# Safety rule 19


@pytest.mark.parametrize("question", rules.QUESTIONS)
def test_rule_19_any_doubt_about_the_phone_and_a_phone_must_be_lent(pages: Pages, question: str) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    answers = dict.fromkeys(rules.QUESTIONS, rules.CLEAR) | {question: rules.DOUBT}
    assert kits.do_check_phone(kit, answers, "officer-1") == (question,)
    gate = {gate.name: gate for gate in view_of(house.officer, kit.id).gates}[rules.PHONE]
    assert gate.missing == (question,)
    kits.do_lend(kit, house.phone(), "officer-1")
    assert {gate.name: gate for gate in view_of(house.officer, kit.id).gates}[rules.PHONE].is_open


def test_rule_19_a_question_without_an_answer_is_a_doubt_and_answers_are_sealed(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare(rules.OWN)
    answers = dict.fromkeys(rules.QUESTIONS, rules.CLEAR)
    del answers["car"]
    assert kits.do_check_phone(kit, answers, "officer-1") == ("car",)
    assert kits.answers_of(kit)["payer"] == rules.CLEAR
    stored = pages.stored()
    assert b'"payer"' not in stored


# Safety rule 25


def kit_after_test(house: House) -> Kit:
    kit = house.prepare()
    house.test(house.enrol(kit))
    return kit


def test_rule_25_an_oral_yes_a_live_test_and_two_signatures_open_a_kit_for_72_hours(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    kit = kit_after_test(house)
    now_us = pages.clock.now_us()
    open_provisionally(house.officer, kit.id, "Mag. Garde (démo)", now_us - 600_000_000, "Threat tonight")
    assert Kit.objects.get().state == KitState.PREPARED
    sign_provisionally(house.colleague, kit.id)
    assert Kit.objects.get().state == KitState.PROVISIONAL
    assert ProvisionalIssue.objects.get().until_us == now_us + 72 * 3600 * 1_000_000
    house.copy()
    rows = pages.journal.stream(f"kit:{kit.id}")
    assert [row.kind for row in rows][-3:] == ["GrantChanged", "KitOpenedProvisionally", "KitWatched"]
    opened: Any = pages.journal.open_event(rows[-2])
    assert (opened.first, opened.second, opened.magistrate) == ("officer-1", "officer-2", "Mag. Garde (démo)")
    assert set(opened.missing) == {rules.FILE, rules.DECISION, rules.AGREEMENT, rules.PRESSES}
    stored = pages.stored()
    assert b"Mag. Garde" not in stored


def no_test(house: House) -> None:
    house.prepare()


def no_file(house: House) -> None:
    kit_after_test(house)
    house.case.place_set.all().delete()


def web(house: House) -> None:
    house.test(house.enrol(house.prepare(), WEB))


def nothing(house: House) -> None:
    kit_after_test(house)


@pytest.mark.parametrize(
    ("shut", "magistrate", "minutes_ago", "fault"),
    [
        (no_test, "Mag. Garde", 5, "gate-test"),
        (no_file, "Mag. Garde", 5, "minimal-file"),
        (web, "Mag. Garde", 5, "second-way-only"),
        (nothing, "  ", 5, "magistrate"),
        (nothing, "Mag. Garde", 25 * 60, "said-at"),
        (nothing, "Mag. Garde", -5, "said-at"),
    ],
)
def test_rule_25_without_any_of_its_parts_not_even_that_and_nothing_is_changed(
    pages: Pages, shut: Callable[[House], None], magistrate: str, minutes_ago: int, fault: str
) -> None:
    house = build_house(pages, signed=False)
    shut(house)
    before = everything(pages)
    said_at_us = pages.clock.now_us() - minutes_ago * 60_000_000
    with pytest.raises(ProvisionalRefused) as refused:
        open_provisionally(house.officer, house.kit.id, magistrate, said_at_us, "")
    assert fault in refused.value.faults
    assert everything(pages) == before


def test_rule_25_the_second_signature_is_somebody_elses(pages: Pages) -> None:
    house = build_house(pages, signed=False)
    kit = kit_after_test(house)
    with pytest.raises(KitRefused):
        sign_provisionally(house.colleague, kit.id)
    open_provisionally(house.officer, kit.id, "Mag. Garde", pages.clock.now_us(), "")
    before = everything(pages)
    with pytest.raises(ProvisionalRefused, match="second-signature"):
        sign_provisionally(house.officer, kit.id)
    with pytest.raises(NoSuchKit):
        sign_provisionally(scope(pages, "gent", "zone-officer", "5415"), kit.id)
    before.pop("access.User"), before.pop("access.Membership", None)
    after = everything(pages)
    assert {name: after[name] for name in before} == before


def test_rule_25_what_was_missing_is_mended_and_the_kit_becomes_an_ordinary_one(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.prepare()
    phone = house.enrol(kit)
    house.test(phone)
    open_provisionally(house.officer, kit.id, "Mag. Garde", pages.clock.now_us(), "")
    sign_provisionally(house.colleague, kit.id)
    with pytest.raises(GateClosed):
        hand_over(house.officer, kit.id)
    house.prove_presses(kit, phone)
    assert hand_over(house.officer, kit.id).state == KitState.ISSUED
    assert ProvisionalIssue.objects.get().settled_at_us == pages.clock.now_us()
    house.copy()
    row = pages.journal.connection.execute("SELECT grant_ends_at_s FROM kit").fetchone()
    assert row == (None,)


def test_the_lifeline_learns_when_a_grant_ends_after_the_kit_left(pages: Pages) -> None:
    house = build_house(pages)
    kit = house.ready_kit()
    hand_over(house.officer, kit.id)
    take(house, house.magistrate, s.Withdrawn(reasons="r"))
    house.copy()
    ends_at_s = pages.journal.connection.execute("SELECT grant_ends_at_s FROM kit").fetchone()[0]
    assert 0 <= ends_at_s - pages.clock.now_us() // 1_000_000 < 86_400
