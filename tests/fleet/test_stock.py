"""Every move of a button or phone is possible or refused, is an event, and counts at any past moment."""

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egide.demo.kits import demo_imei
from egide.events.base import decode
from egide.events.register import ItemMoved
from egide.fleet.models import Item, ItemMove
from egide.fleet.stock import rules
from egide.fleet.stock.deliveries import DELIVERIES
from egide.fleet.stock.stock import Delivered, MoveRefused, counts, counts_at, do_deliver, do_move, do_put
from egide.imports import service as drafts
from egide.journal.sealing.keys import SYSTEM
from egide.outbox.copy import row_label
from egide.outbox.models import OutboxRow
from egide.outbox.service import keys
from egide.rollout.models import Zone
from tests.support.examples import examples
from tests.support.pages import Pages

ZONES = ("5324", "5415")
HEAD = "kind,serial,model,sim\n"


@pytest.fixture(autouse=True)
def zones(pages: Pages) -> None:
    Zone.objects.bulk_create(Zone(id=zone, name=zone) for zone in ZONES)


def replayed() -> list[rules.Move]:
    """The moves as the events tell them."""
    kinds = dict(Item.objects.values_list("id", "kind"))
    moves = []
    for row in OutboxRow.objects.filter(kind="ItemMoved").order_by("number"):
        event = decode(row.kind, keys().record_key(SYSTEM).unseal(bytes(row.body), row_label(row.id)))
        assert isinstance(event, ItemMoved)
        moves.append(rules.Move(event.item, kinds[event.item], row.created_at_us, event.now, event.zone))
    return moves


operations = st.lists(
    st.tuples(
        st.sampled_from(("deliver", "move")),
        st.integers(0, 5),
        st.sampled_from(rules.STATES),
        st.sampled_from(ZONES),
        st.integers(0, 90),
    ),
    max_size=25,
)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, st.integers(-1, 25 * 90))
def test_counts_at_any_past_moment_are_what_replaying_the_events_gives(
    pages: Pages, steps: list[tuple[str, int, str, str, int]], after_s: int
) -> None:
    ItemMove.objects.all().delete()
    Item.objects.all().delete()
    OutboxRow.objects.all().delete()
    start_us = pages.clock.now_us()
    for number, (what, which, now, zone, wait_s) in enumerate(steps):
        if what == "deliver":
            kind = rules.KINDS[which % 2]
            serial = demo_imei(number) if kind == "phone" else f"S-{number:04}"
            do_deliver([Delivered(kind, serial, "M")], "c")
        elif Item.objects.exists():
            items = list(Item.objects.order_by("serial"))
            with suppress(MoveRefused):
                do_move(items[which % len(items)].id, now, "c", zone=zone, why="w")
        pages.clock.advance_s(wait_s)
    moment_us = start_us + after_s * 1_000_000
    assert counts_at(moment_us) == rules.counts_at(replayed(), moment_us)
    assert counts() == rules.counts_at(replayed(), pages.clock.now_us())
    assert sum(counts().values()) == Item.objects.count()


def test_every_move_says_who_when_and_why(pages: Pages) -> None:
    (item,) = do_deliver([Delivered("button", "B-1234", "Model")], "coordinator-1")
    do_move(item.id, "zone", "coordinator-1", zone="5324")
    do_move(item.id, "repair", "officer-1", why="  Does   not charge ")
    told = [(move.was, move.now, move.zone, move.by, move.why) for move in item.moves.all()]
    assert told == [
        ("", "stock", "", "coordinator-1", ""),
        ("stock", "zone", "5324", "coordinator-1", ""),
        ("zone", "repair", "5324", "officer-1", "Does not charge"),
    ]
    assert [move.now for move in replayed()] == ["stock", "zone", "repair"]


@pytest.mark.parametrize("was", rules.STATES)
@pytest.mark.parametrize("now", rules.STATES)
def test_a_move_that_is_not_possible_is_refused_and_changes_nothing(pages: Pages, was: str, now: str) -> None:
    (item,) = do_deliver([Delivered("button", "B-1234", "Model")], "c")
    Item.objects.update(state=was, zone="5324")
    if rules.may_move(was, now):
        assert do_move(item.id, now, "c", zone="5415", why="because").state == now
        return
    with pytest.raises(MoveRefused):
        do_move(item.id, now, "c", zone="5415", why="because")
    assert Item.objects.get().state == was and ItemMove.objects.count() == 1


@pytest.mark.parametrize(
    ("now", "zone", "why", "field"),
    [
        ("zone", "0000", "", "zone"),
        ("zone", "", "", "zone"),
        ("lost", "", "  ", "why"),
        ("retired", "", "x" * 300, "why"),
    ],
)
def test_what_is_missing_in_a_move_is_named(pages: Pages, now: str, zone: str, why: str, field: str) -> None:
    (item,) = do_deliver([Delivered("button", "B-1234", "Model")], "c")
    with pytest.raises(MoveRefused) as refused:
        do_move(item.id, now, "c", zone=zone, why=why)
    assert refused.value.field == field and Item.objects.get().state == "stock"


def test_of_two_who_move_the_same_item_the_second_is_told(pages: Pages) -> None:
    (item,) = do_deliver([Delivered("button", "B-1234", "Model")], "c")
    do_move(item.id, "zone", "c", zone="5324")
    with pytest.raises(MoveRefused, match="moved-meanwhile"):
        do_put(item, "zone", "5415", "d")
    assert Item.objects.get().zone == "5324"


# Deliveries


def faults(data: str) -> list[tuple[int, str]]:
    plan = drafts.plan_of(DELIVERIES, data.encode())
    return [(fault.line, fault.column) for fault in plan.faults]


def test_a_delivery_comes_into_the_central_stock(pages: Pages) -> None:
    data = f"{HEAD}button,B-0001,Model B,\nphone,{demo_imei(1)},Model P,8932000000000000001\n".encode()
    assert drafts.do_import(DELIVERIES, drafts.do_keep(DELIVERIES, data, "c"), "c") == 2
    assert counts() == Counter({("", "button", "stock"): 1, ("", "phone", "stock"): 1})
    assert len(replayed()) == 2


@pytest.mark.parametrize(
    "column",
    ["key", "Key", "button_key", "clé", "sleutel", "schlüssel", "secret", "geheim", "PIN", "puk code"],
)
def test_rule_22_a_delivery_file_with_keys_is_refused_and_says_why(pages: Pages, column: str) -> None:
    data = f"kind;serial;model;{column}\nbutton;B-0001;Model B;00112233445566778899aabbccddeeff\n"
    plan = drafts.plan_of(DELIVERIES, data.encode())
    assert [(fault.line, fault.column) for fault in plan.faults] == [(1, column.lower())]
    assert "keys are made here" in plan.faults[0].text
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    "cell",
    [
        "00112233445566778899aabbccddeeff",
        "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
        "q83vEjRWeJq83vEjRWeJqw==",
    ],
)
def test_rule_22_a_key_under_another_heading_is_found_too(pages: Pages, cell: str) -> None:
    assert (2, "model") in faults(f"{HEAD}button,B-0001,{cell},\n")


def test_every_fault_of_a_delivery_is_told_by_line(pages: Pages) -> None:
    do_deliver([Delivered("button", "B-0001", "Model")], "c")
    data = (
        f"{HEAD}button,B-0001,Model,\nphone,123456789012345,Model,\nlamp,B-0002,Model,\nbutton,?,Model,\n"
        f"button,B-0003,{'m' * 70} m,\nbutton,B-0004,Model,8932000000000000001\nphone,{demo_imei(7)},Model,12\n"
    )
    assert faults(data) == [
        (2, "serial"),
        (3, "serial"),
        (4, "kind"),
        (5, "serial"),
        (6, "model"),
        (7, "sim"),
        (8, "sim"),
    ]
    assert faults(f"{HEAD}button,B-0009,Model,\nbutton,b-0009,Model,\n") == [(3, "serial")]


@given(st.integers(0, 10**7 - 1), st.integers(0, 14), st.integers(1, 9))
def test_an_imei_with_one_wrong_digit_is_noticed(number: int, place: int, more: int) -> None:
    imei = demo_imei(number)
    wrong = imei[:place] + str((int(imei[place]) + more) % 10) + imei[place + 1 :]
    assert rules.is_imei(imei) and not rules.is_imei(wrong)
