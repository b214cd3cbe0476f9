"""The demo's kits that are out already: handed out, heard of, and each in another state for the pages of supervision.

Invented like their people: no phone stands behind them, so they fall silent by and by while the demo runs, and the
real supervision says so. What it would have found before the demo began is written down as it would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from egide.alarm.events import TestReceived
from egide.demo.kits import BY, DemoFile
from egide.events.register import DeviceEnrolled, KitHandedOver, KitTroubleTold
from egide.fleet.kits import kits, rules
from egide.fleet.models import Item, Kit, KitState
from egide.fleet.stock import rules as stock_rules
from egide.fleet.stock.stock import do_move, free_items
from egide.fleet.supervision import rules as watch
from egide.journal.now.noting import Word
from egide.outbox.service import clock, heartbeats, offer
from egide.protocol.enrolment import NATIVE, WEB
from egide.protocol.envelope import Battery, Kind, Message, Trigger, encode
from egide.protocol.keys import SigningKey, kid_of
from egide.protocol.link import LinkFlag

_LINKED = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED
_DAY_S = 86_400
VERSION = "0.1.0"
# Counters of what each phone has sent: a test, then its last sign of life.
_TEST, _LAST = 1, 2


@dataclass(frozen=True)
class State:
    """The state of a kit: how long ago it was heard, charges in percent, what is wrong since when, who was notified.

    `client` is what its phone says of itself: a web page left as a second way.
    """

    level: str
    heard_ago_s: int = 240
    phone_pct: int = 78
    button_pct: int = 85
    link: LinkFlag = _LINKED
    is_tested: bool = True
    client: str = NATIVE
    wrong: tuple[tuple[str, int, tuple[str, ...]], ...] = ()


# In the order of files_out.toml; the levels are those that the answers there give.
STATES = (
    State(watch.HIGHEST, 3000, 41, wrong=((watch.SILENT, 3000, (watch.PERSON, watch.ZONE)),)),
    State(
        watch.URGENT,
        link=LinkFlag(0),
        wrong=((watch.UNPAIRED, 5400, (watch.PERSON, watch.ZONE)),),
    ),
    State(
        watch.ORDINARY,
        button_pct=8,
        wrong=((watch.BUTTON_BATTERY, 2 * _DAY_S, (watch.PERSON, watch.ZONE)),),
    ),
    State(watch.ORDINARY, phone_pct=9, wrong=((watch.PHONE_BATTERY, 1800, (watch.PERSON,)),)),
    State(watch.HIGHEST),
    State(watch.HIGHEST, 3 * 3600, 12, wrong=((watch.SILENT, 3 * 3600, watch.WHOM),)),
    State(watch.ORDINARY, is_tested=False, client=WEB),
)


@dataclass(frozen=True)
class Carried:
    """A kit that is out, and its phone."""

    kit: Kit
    device: str
    state: State


@transaction.atomic
def create_demo_out(files: Sequence[DemoFile]) -> list[Carried]:
    """A kit for each of these files that is out, with an enrolled phone; `create_demo_health` comes after the copy."""
    made = []
    for file, state in zip(files, STATES, strict=True):
        kit = _hand_out(file, rules.way_of(state.client))
        made.append(Carried(kit, _enrol(kit, state), state))
    return made


@transaction.atomic
def create_demo_health(carried: Sequence[Carried]) -> None:
    """What was heard of them and what was reported; supervision watches over them from the end of that on.

    The journal must know their phones by now: supervision keeps nothing of one that it does not know.
    """
    for one in carried:
        _note(one.device, one.state)
        now_us, stream = clock().now_us(), kits.stream_of(one.kit)
        for what, ago_s, told in one.state.wrong:
            since_us = now_us - ago_s * 1_000_000
            for whom in told:
                event = KitTroubleTold(kit=one.kit.id, what=what, whom=whom, since_us=since_us)
                offer(event, stream, one.kit.case_id)
        kits.do_watch(one.kit, one.state.level)


def _hand_out(file: DemoFile, way: str) -> Kit:
    button, phone = (_into(file.zone, kind) for kind in stock_rules.KINDS)
    kit = kits.do_prepare(
        case=file.case,
        zone=file.zone,
        centre=file.centre,
        button=button,
        phone=phone,
        means=rules.LENT,
        by=BY,
    )
    kits.do_put_out(kit, KitState.ISSUED, BY)
    offer(KitHandedOver(kit=kit.id, by=BY, way=way), kits.stream_of(kit), kit.case_id)
    return kit


def _into(zone: str, kind: str) -> Item:
    """One more of the central stock, sent to the zone's cupboard."""
    item = Item.objects.filter(kind=kind, state=stock_rules.STOCK)[0]
    do_move(item.id, stock_rules.ZONE, BY, zone=zone)
    return next(one for one in free_items(zone, kind) if one.id == item.id)


def _enrol(kit: Kit, state: State) -> str:
    """A phone with a key that nobody keeps, and a test that came in time."""
    key, sent_at_s = SigningKey.generate(), clock().now_us() // 1_000_000
    device = kid_of(bytes(key.verify_key)).hex()
    enrolled = DeviceEnrolled(
        device=device,
        kit=kit.id,
        public_key=bytes(key.verify_key),
        code_hash="",
        client=state.client,
        client_version=VERSION,
    )
    offer(enrolled, f"device:{device}", kit.case_id)
    if state.is_tested:
        trigger = int(Trigger.BUTTON)
        message = Message(kind=Kind.TEST, counter=_TEST, sent_at_s=sent_at_s, trigger=trigger)
        test = TestReceived(
            device=device,
            case=kit.case_id,
            counter=_TEST,
            sent_at_s=sent_at_s,
            envelope=encode(message, key),
            trigger=trigger,
        )
        offer(test, f"test:{device}-{_TEST}", kit.case_id)
    return device


def _note(device: str, state: State) -> None:
    """The phone's last sign of life."""
    at_s = clock().now_us() // 1_000_000 - state.heard_ago_s
    message = Message(
        kind=Kind.HEARTBEAT,
        counter=_LAST,
        sent_at_s=at_s,
        battery=Battery(state.phone_pct, state.button_pct),
        link=int(state.link),
    )
    heartbeats().note([Word(device, at_s, message)])
