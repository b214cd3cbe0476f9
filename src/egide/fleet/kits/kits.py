"""Kits from the first key to the return: rows, events and seals. Whether a kit may leave is decided in `service`."""

import secrets

import msgspec
from django.db import transaction

from egide.access.answering import AnswerRefused
from egide.events.register import (
    EnrolmentOffered,
    GrantChanged,
    KitIssued,
    KitLost,
    KitMoved,
    KitPressTested,
    KitReturned,
    KitWatched,
    PhoneChecked,
)
from egide.fleet.kits import rules
from egide.fleet.kits.lifeline import heard_of
from egide.fleet.models import OUT, Item, Kit, KitState, PhoneCheck, PressCheck
from egide.fleet.stock import rules as stock_rules
from egide.fleet.stock.stock import do_put
from egide.outbox.service import clock, keys, offer
from egide.protocol.enrolment import CODE_LIFETIME_S, code_hash, fresh_code

BUTTON_KEY_BYTES = 16
BUTTON_ID_BYTES = 4


class KitRefused(AnswerRefused):
    """Something that cannot be done with this kit now; `field` and a word of `words.REFUSALS`."""


@transaction.atomic
def do_prepare(
    *,
    case: str,
    zone: str,
    centre: str,
    button: Item | None,
    phone: Item | None,
    means: str,
    by: str,
    grant_ends_at_s: int | None = None,
) -> Kit:
    """Bind a button (and a lent phone) to a case and make the button's key, here and now (safety rule 22).

    The kit stays in the house: its phone can enrol and be tested. Raises KitRefused, stock.MoveRefused.
    """
    if means == rules.LENT and phone is None:
        raise KitRefused("phone", "no-phone")
    if Kit.objects.filter(case_id=case, state=KitState.PREPARED).exists():
        raise KitRefused("button", "prepared-already")
    kit = Kit(case_id=case, button_item=button, phone_item=phone, means=means, by=by)
    kit.button_id, kit.issued_at_us = secrets.token_hex(BUTTON_ID_BYTES), clock().now_us()
    button_key = secrets.token_bytes(BUTTON_KEY_BYTES)
    kit.button_key_sealed = keys().record_key(case).seal(button_key, _label(kit))
    kit.save(force_insert=True)
    for item in items_of(kit):
        if (item.state, item.zone) != (stock_rules.ZONE, zone):
            raise KitRefused(item.kind, "not-in-zone")
        do_put(item, stock_rules.PREPARED, zone, by, kit=kit.id)
    issued = KitIssued(
        kit=kit.id,
        case=case,
        managing_zone=zone,
        home_zone=zone,
        home_centre=centre,
        button_id=kit.button_id,
        button_key=button_key,
        grant_ends_at_s=grant_ends_at_s,
    )
    offer(issued, stream_of(kit), case)
    return kit


@transaction.atomic
def offer_enrolment(kit: Kit) -> str:
    """A new one-time code for `kit`; only its hash is kept. Any kit that has not come back may enrol a phone anew."""
    code = fresh_code()
    expires_at_s = clock().now_us() // 1_000_000 + CODE_LIFETIME_S
    event = EnrolmentOffered(kit=kit.id, code_hash=code_hash(code), expires_at_s=expires_at_s)
    offer(event, stream_of(kit), kit.case_id)
    return code


@transaction.atomic
def do_note_press(kit: Kit, condition: str, by: str) -> PressCheck:
    """A press got through under `condition` just now: bound to a fresh test by the button that proves nothing else yet.

    Raises KitRefused when no such test came in.
    """
    heard = heard_of(kit.id)
    if condition not in rules.conditions_of(heard.way):
        raise KitRefused("condition", "not-possible")
    used = set(
        PressCheck.objects.filter(kit=kit).exclude(condition=condition).values_list("test_seq", flat=True)
    )
    now_us = clock().now_us()
    test = rules.test_for(condition, heard.tests, used, heard.enrolled_at_us, now_us)
    if test is None:
        raise KitRefused("condition", "no-night" if condition == rules.NIGHT else "no-fresh-test")
    check, _made = PressCheck.objects.update_or_create(
        kit=kit, condition=condition, defaults={"test_seq": test.seq, "at_us": now_us, "by": by}
    )
    offer(
        KitPressTested(kit=kit.id, condition=condition, test_seq=test.seq, by=by), stream_of(kit), kit.case_id
    )
    return check


@transaction.atomic
def do_check_phone(kit: Kit, answers: dict[str, str], by: str) -> tuple[str, ...]:
    """Keep the answers to whose phone it is; returns the questions in doubt (safety rule 19)."""
    kept = {question: answers.get(question, "") for question in rules.QUESTIONS}
    doubts = rules.doubts_in(kept)
    sealed = keys().record_key(kit.case_id).seal(msgspec.json.encode(kept), _label(kit))
    PhoneCheck.objects.update_or_create(
        kit=kit, defaults={"answers_sealed": sealed, "at_us": clock().now_us(), "by": by}
    )
    offer(PhoneChecked(kit=kit.id, doubts=doubts, by=by), stream_of(kit), kit.case_id)
    return doubts


def answers_of(kit: Kit) -> dict[str, str]:
    """What was answered about the phone; empty before anybody asked."""
    check = PhoneCheck.objects.filter(kit=kit).first()
    if check is None:
        return {}
    plain = keys().record_key(kit.case_id).unseal(bytes(check.answers_sealed), _label(kit))
    return msgspec.json.decode(plain, type=dict[str, str])


@transaction.atomic
def do_lend(kit: Kit, phone: Item, by: str) -> None:
    """Lend a phone instead of her own; whatever was enrolled must be enrolled and tested anew. Raises KitRefused."""
    if kit.state != KitState.PREPARED or kit.phone_item_id:
        raise KitRefused("phone", "not-possible")
    if kit.button_item is None or (phone.kind, phone.state, phone.zone) != (
        stock_rules.PHONE,
        stock_rules.ZONE,
        kit.button_item.zone,
    ):
        raise KitRefused("phone", "not-in-zone")
    do_put(phone, stock_rules.PREPARED, phone.zone, by, kit=kit.id)
    kit.phone_item, kit.means = phone, rules.LENT
    kit.save(update_fields=["phone_item", "means"])
    kit.presses.all().delete()


@transaction.atomic
def do_undo(kit: Kit, by: str) -> None:
    """A kit that never left is taken apart; its phone can no longer be taken for one that is out. Raises KitRefused."""
    _end(kit, KitState.UNDONE, (KitState.PREPARED,), stock_rules.ZONE, by, "")
    offer(KitReturned(kit=kit.id), stream_of(kit), kit.case_id)


@transaction.atomic
def do_return(kit: Kit, by: str, *, faulty: bool = False, why: str = "") -> None:
    """Take a kit back, into the cupboard or to repair. Its presses still get through, flagged. Raises KitRefused."""
    to = stock_rules.REPAIR if faulty else stock_rules.ZONE
    _end(kit, KitState.RETURNED, OUT, to, by, why)
    offer(KitReturned(kit=kit.id), stream_of(kit), kit.case_id)


@transaction.atomic
def do_lose(kit: Kit, by: str, why: str) -> None:
    """A kit is not found. Its presses still get through, without any flag: the holder may need help."""
    _end(kit, KitState.LOST, OUT, stock_rules.LOST, by, why)
    offer(KitLost(kit=kit.id, by=by), stream_of(kit), kit.case_id)


def do_put_out(kit: Kit, state: str, by: str) -> None:
    """Write that a kit leaves, with its items, inside the caller's transaction. Raises KitRefused."""
    set_state(
        kit, state, (KitState.PREPARED, KitState.PROVISIONAL), out_at_us=kit.out_at_us or clock().now_us()
    )
    for item in items_of(kit):
        if item.state == stock_rules.PREPARED:
            do_put(item, stock_rules.ISSUED, item.zone, by, kit=kit.id)


def do_set_grant(kit: Kit, ends_at_s: int | None) -> None:
    """Tell the lifeline until when the kit's grant stands, inside the caller's transaction."""
    offer(GrantChanged(kit=kit.id, grant_ends_at_s=ends_at_s), stream_of(kit), kit.case_id)


def do_watch(kit: Kit, level: str) -> None:
    """Have the kit watched over at this level from now on, inside the caller's transaction."""
    offer(KitWatched(kit=kit.id, level=level), stream_of(kit), kit.case_id)


def do_move_kit(kit: Kit, zone: str, centre: str) -> None:
    """Tell the lifeline that another zone manages the kit's file, inside the caller's transaction.

    The things stay those of the zone whose cupboard they came from.
    """
    moved = KitMoved(kit=kit.id, managing_zone=zone, home_zone=zone, home_centre=centre)
    offer(moved, stream_of(kit), kit.case_id)


def set_state(kit: Kit, state: str, expected: tuple[str, ...], **also: int) -> None:
    """Change a kit's state if it still is one of `expected`. Raises KitRefused: somebody else was faster."""
    if not Kit.objects.filter(id=kit.id, state__in=expected).update(state=state, **also):
        raise KitRefused("kit", "moved-meanwhile")
    kit.refresh_from_db()


def items_of(kit: Kit) -> list[Item]:
    """The button and the lent phone, as far as they are the authority's."""
    return [item for item in (kit.button_item, kit.phone_item) if item is not None]


def stream_of(kit: Kit) -> str:
    """Where the events of a kit stand."""
    return f"kit:{kit.id}"


def _end(kit: Kit, state: str, expected: tuple[str, ...], to: str, by: str, why: str) -> None:
    set_state(kit, state, expected, ended_at_us=clock().now_us())
    for item in items_of(kit):
        do_put(item, to, item.zone, by, why=why)


def _label(kit: Kit) -> bytes:
    return f"fleet_kit:{kit.id}".encode()
